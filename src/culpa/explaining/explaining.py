# SPDX-License-Identifier: MIT
"""Explain: the derivation of a network's gradient, of one part of it, or of one number.

    explain()                                   the argument for any network, in symbols
    explain(network, X, y)                      for this one, in symbols and in its own numbers
    explain(network, X, y, weight=(2, 1, 3))    where ∂ℓ/∂W_{2,1,3} comes from

Knows which parts there are and how they are put together; each part is written in a file of its own.
"""

from collections.abc import Callable, Mapping

from culpa.engine.network import Network
from culpa.explaining.batch import batch_part
from culpa.explaining.derivation import Explanation, Part, PartName
from culpa.explaining.forward_pass import forward_part
from culpa.explaining.hidden_layers import hidden_part
from culpa.explaining.notations import notation_named
from culpa.explaining.output_layer import output_part
from culpa.explaining.parameters import bias_part, weights_part
from culpa.explaining.symbols import Symbols
from culpa.explaining.worth import worth_of
from culpa.explaining.writing import Show, Writer

__all__ = ["explain"]

WRITERS: Mapping[PartName, Callable[[Writer], Part]] = {
    "forward": forward_part,
    "output": output_part,
    "hidden": hidden_part,
    "weights": weights_part,
    "bias": bias_part,
    "batch": batch_part,
}


def explain(
    network: Network | None = None,
    X: object = None,
    y: object = None,
    *,
    example: int = 0,
    notation: str = "note",
    show: Show = "both",
) -> Explanation:
    """Draft."""
    worth = None if network is None else worth_of(network, X, y, example=example)
    s = Symbols(notation_named(notation), None if worth is None else worth.depth)
    w = Writer(s, worth, show)
    title = (
        "The gradient, derived" if network is None else f"The gradient of a {'-'.join(map(str, network.sizes))} network"
    )
    return Explanation(title, tuple(write(w) for write in WRITERS.values()), s.notation, worth)
