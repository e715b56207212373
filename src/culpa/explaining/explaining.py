# SPDX-License-Identifier: MIT
"""Explain: the derivation of a network's gradient, of one part of it, or of one number.

    explain()                                   the argument for any network, in symbols
    explain(network, X, y)                      for this one, in symbols and in its own numbers
    explain(network, X, y, weight=(2, 1, 3))    where ∂ℓ/∂W_{2,1,3} comes from

Knows which parts there are and how they are put together; each part is written in a file of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from culpa.engine.arrays import whole_number
from culpa.engine.gradient import needs_real
from culpa.engine.network import Network
from culpa.errors import OptionError, ShapeError, unknown_name
from culpa.explaining.argument.batch import batch_part
from culpa.explaining.argument.forward_pass import forward_part
from culpa.explaining.argument.hidden_layers import hidden_part
from culpa.explaining.argument.output_layer import output_part
from culpa.explaining.argument.parameters import bias_part, weights_part
from culpa.explaining.derivation import PARTS, Explanation, Part, PartName
from culpa.explaining.notations import notation_named
from culpa.explaining.symbols import Quantity, Role, Symbols
from culpa.explaining.tracing.asking import KINDS, Asked, Kind, admit_place
from culpa.explaining.tracing.tracing import trace
from culpa.explaining.worth import Worth, worth_of
from culpa.explaining.writing import Show, Writer
from culpa.reporting.mathematics.expressions import Matrix, Number, walk
from culpa.reporting.mathematics.numerals import DIGITS
from culpa.reporting.terminal import one_line

__all__ = ["explain"]

WRITERS: Mapping[PartName, Callable[[Writer], Part]] = {
    "forward": forward_part,
    "output": output_part,
    "hidden": hidden_part,
    "weights": weights_part,
    "bias": bias_part,
    "batch": batch_part,
}
ELIDED = "Matrices of more than 6 rows or columns are shown in part; dots stand for the rest."
BARE = (
    "Where the numbers of a formula, as they are shown, have too few digits left to make its value, only the value is "
    "given. The engine computes it without such a difference."
)


def explain(
    network: Network | None = None,
    X: object = None,
    y: object = None,
    *,
    example: int = 0,
    ids: Sequence[Any] | None = None,
    part: PartName | Sequence[PartName] | None = None,
    layer: int | None = None,
    weight: object = None,
    bias: object = None,
    unit: object = None,
    input: object = None,  # noqa: A002 # the field's word for it, and the command line's
    mine: float | str | None = None,
    notation: str = "note",
    show: Show = "both",
    code: bool = False,
    digits: int = DIGITS,
) -> Explanation:
    """Derive the gradient of a network's loss, in symbols and in the network's own numbers.

    Args:
        network, X, y: As for `gradient`; without data it is in symbols, without a network for any network.
        example: Which row of X is explained, from 0; the part "batch" takes them all.
        ids: What the rows are called, where it is not by their places.
        part: One part, or several: forward, output, hidden, weights, bias, batch.
        layer: Only this layer, from 1.
        weight, bias, unit, input: One thing by its place from 1: (layer, to, from), (layer, unit), column or its name.
        mine: The reader's own number for that thing, to be held against the others.
        notation: "note", "ng", "cs231n" or "nielsen".
        show: "symbols", "numbers" or "both".
        code: Whether steps end with their NumPy statements.
        digits: How many significant digits are shown.

    Raises:
        ShapeError, DataError, OptionError, NumericalError: As `gradient`; for places and names that there are not.

    Example:
        >>> network = culpa.Network.from_arrays([[[2.0, 1.0]]], [[0.5]], loss="squared_error")
        >>> culpa.explain(network, [[3.0, 1.0]], [[5.0]], weight=(1, 1, 1), notation="note").part("weight").name
        'weight'
    """
    row = notation_named(notation)
    if show not in get_args(Show):
        raise unknown_name("show", show, get_args(Show))
    if network is not None:
        needs_real(network)
    asked = asked_for(network, {"weight": weight, "bias": bias, "unit": unit, "input": input}, mine)
    chosen = chosen_layers(network, layer)
    if asked is not None and (part is not None or layer is not None):
        idle = "`part`" if part is not None else "`layer`"
        raise OptionError(f"{idle} cannot stand beside `{asked.kind}`, which is explained alone.")
    worth = numbers_for(network, X, y, example, asked, show)
    if worth is not None and ids is not None and X is not None:
        worth = replace(worth, ids=admit_names(ids, len(worth.X)))
    symbols = Symbols(row, None if worth is None else worth.depth)
    names = names_of(network)
    w = Writer(symbols, worth, show, chosen, code, whole_number("digits", digits), names)
    if asked is not None:
        parts = trace(w, asked)
    else:
        parts = tuple(shown_steps(WRITERS[name](w), show) for name in chosen_parts(part, w))
    return Explanation(
        title(network, asked),
        parts,
        row,
        worth if X is not None else None,
        about(network, None if worth is None or X is None or show == "symbols" else called(worth)),
        called(worth) if worth is not None and X is not None else "",
        notes_on(parts) if worth is not None else (),
        digits=w.digits,
        names=names,
        focus=None if asked is None else focus_of(asked),
    )


def asked_for(network: Network | None, places: Mapping[Kind, object], mine: float | str | None) -> Asked | None:
    """The one thing that is asked for, if any."""
    given = [kind for kind in KINDS if places[kind] is not None]
    if len(given) > 1:
        raise OptionError(f"One thing at a time can be explained; got {' and '.join(f'`{kind}`' for kind in given)}.")
    if not given:
        if mine is not None:
            raise OptionError("`mine` is a number for one thing.", hint="say which: weight=(2, 1, 3), mine=0.0213.")
        return None
    if network is None:
        raise OptionError(f"`{given[0]}` needs a network with data.")
    return Asked(given[0], admit_place(network, given[0], places[given[0]]), mine)


def chosen_layers(network: Network | None, layer: int | None) -> tuple[int, ...] | None:
    """The one layer that is asked for; None for all."""
    if layer is None:
        return None
    depth = 0 if network is None else len(network.layers)
    number = whole_number("layer", layer)
    if number > depth:
        known = f"must be from 1 to {depth}" if depth else "needs a network"
        raise OptionError(f"`layer` {known}; got {layer}.", hint="layers are counted from 1.")
    return (number,)


def numbers_for(
    network: Network | None, X: object, y: object, example: int, asked: Asked | None, show: Show
) -> Worth | None:
    """The network with its numbers; without data, with none that would be shown."""
    if network is None:
        if X is not None or y is not None:
            raise OptionError("`X` and `y` need a network.", hint="explain(network, X, y), or explain() in symbols.")
        return None
    if X is None or y is None:
        if X is not None or y is not None or asked is not None or show != "symbols":
            missing = "`X` and `y`" if X is None and y is None else "`y`" if y is None else "`X`"
            hint = None if asked is not None else 'or ask for show="symbols".'
            raise OptionError(f"An explanation in numbers needs {missing}.", hint=hint)
        return worth_of(network, np.zeros((1, network.sizes[0])), placeholder(network))
    return worth_of(network, X, y, example=example, keep=kept(asked))


def placeholder(network: Network) -> object:
    """Targets that the loss admits, where only symbols are wanted."""
    return np.zeros(1, int) if network.loss.targets == "classes" else np.zeros((1, network.sizes[-1]))


def kept(asked: Asked | None) -> Mapping[int, Sequence[int]]:
    """The units that no matrix may leave out, by layer."""
    if asked is None:
        return {}
    if asked.kind == "input":
        return {0: asked.place}
    k, *units = asked.place
    return {k - back: (unit,) for back, unit in enumerate(units)}


def chosen_parts(part: PartName | Sequence[PartName] | None, w: Writer) -> Sequence[PartName]:
    """The parts by name; all of them by default, or those that speak of the one layer."""
    if part is None:
        if w.layers is None or w.worth is None:
            return PARTS
        return [name for name in PARTS if name != ("hidden" if w.layers[0] == w.worth.depth else "output")]
    wanted = [part] if isinstance(part, str) or not isinstance(part, Iterable) else list(part)
    if not wanted:
        raise OptionError(f"`part` must name at least one part; known are {', '.join(PARTS)}.")
    for name in wanted:
        if name not in PARTS:
            raise unknown_name("part", name, PARTS)
    if w.layers is not None and w.worth is not None:
        is_output = w.layers[0] == w.worth.depth
        idle = "hidden" if is_output else "output"
        if idle in wanted:
            what = f"the last of {w.worth.depth}" if is_output else "a hidden one"
            raise OptionError(f"`layer` {w.layers[0]} has no part in {idle!r}: it is {what}.")
    return [name for name in PARTS if name in wanted]


def shown_steps(part: Part, show: Show) -> Part:
    """A part without the steps that only speak of formulas, where numbers alone are wanted."""
    if show != "numbers":
        return part
    steps = tuple(step for step in part.steps if step.lines or step.listed or step.code)
    return replace(part, steps=steps or part.steps[:1])


def title(network: Network | None, asked: Asked | None) -> str:
    """What is explained, in a few words."""
    if network is None:
        return "The gradient of a feed-forward network"
    sizes = "-".join(map(str, network.sizes))
    if asked is None:
        return f"The gradient of a {sizes} network"
    return f"The derivative by {asked.kind} {','.join(map(str, asked.place))} of a {sizes} network"


def admit_names(ids: Sequence[Any], n: int) -> Sequence[Any]:
    """A name for each row."""
    if len(ids) != n:
        raise ShapeError(f"`ids` must hold one entry for each of the {n:,} rows; got {len(ids):,}.")
    return ids


def called(worth: Worth) -> str:
    """The example that is explained, as the reader calls it."""
    name = worth.called(worth.example)
    return f"row {name}" if worth.ids is None or not isinstance(worth.ids[worth.example], str) else one_line(name)


def about(network: Network | None, example: str | None) -> str:
    """What the derivation holds for."""
    if network is None:
        return "It holds for every network of fully connected layers."
    shape = f"a {'-'.join(map(str, network.sizes))} network"
    return (
        f"It is that of {shape}."
        if example is None
        else f"The numbers are those of {shape} for one example, {example}."
    )


def focus_of(asked: Asked) -> Quantity:
    """What the answer is about, as a quantity."""
    role: Role = {"weight": "dW", "bias": "db", "unit": "h", "input": "h"}[asked.kind]  # type: ignore[assignment]
    k, *entry = (0, *asked.place) if asked.kind == "input" else asked.place
    return Quantity(role, Number(k), tuple(map(Number, entry)))


def names_of(network: Network | None) -> tuple[Sequence[str], Sequence[str]]:
    """The inputs' and the outputs' names, where the network knows its columns."""
    columns = None if network is None else network.columns
    if columns is None:
        return (), ()
    return tuple(map(str, columns.encoded)), tuple(map(str, columns.classes or [columns.target]))


def notes_on(parts: Sequence[Part]) -> tuple[str, ...]:
    """What the reader should know beside the argument: what dots stand for, and why a value may stand alone."""
    lines = [line for part in parts for step in part.steps for line in step.lines]
    elided = any(isinstance(part, Matrix) and None in (*part.rows, *part.columns) for part in walk(
        tuple(equation for line in lines for equation in (line.symbols, line.numbers))))  # fmt: skip
    last = [line.symbols.terms[-1] for line in lines if line.symbols is not None]
    alone = any(isinstance(term, Number | Matrix) and term.means is not None for term in last)
    return (*([ELIDED] if elided else []), *([BARE] if alone else []))
