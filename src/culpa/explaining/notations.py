# SPDX-License-Identifier: MIT
"""Notations: whose letters a derivation is written in, how its vectors lie, and where 1/n lives.

    name      a_k      h_k        δ_k       W_k           one example   layers        1/n
    note      a_k      h_k        δ_k       (d_k, d_k₋₁)  a column      1 … L         in the examples' weights w
    ng        z^[l]    a^[l]      dz^[l]    (to, from)    a column      1 … L         in dW and db
    cs231n    s_k      h_k        ds_k      (from, to)    a row         1 … L         in dS_L, and so in every dS_k
    nielsen   z^l      a^l        δ^l       (to, from)    a column      2 … L         in the mean over examples

Knows letters and orientations, and no network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from culpa.errors import unknown_name

__all__ = ["NOTATIONS", "Notation", "notation_named"]


@dataclass(frozen=True, slots=True)
class Notation:
    """One row of the table.

    Args:
        name: What users call it.
        source: Where it comes from.
        pre, out, error: The letters of a, h and δ of one example.
        pres, outs, errors: Those of all examples together, one matrix each.
        weight, bias, loss, cost: The letters of W, b, ℓ and of the loss over all examples.
        derivatives: Whether ∂ of the loss by a thing is called d and the thing, as in dW.
        layer: The letter of a layer; its mark stands below, above, or above in brackets.
        mark: Where the layer's mark stands.
        first: What the first layer of weights is called.
        unit, before: The letters of a unit and of a unit of the layer before.
        example, count: The letters of an example and of their number.
        example_mark: How an example is marked.
        width: The letter of a layer's width.
        is_row: Whether one example is a row, so that W is (from, to).
        stacked: How the examples lie in a matrix of all of them; None where no such matrix is written.
        mean: Where 1/n lives.
        function: The letter of an activation; its layer is marked below it.
        equations: What the source calls its equations, by the part of the argument.
    """

    name: str
    source: str
    pre: str
    out: str
    error: str
    pres: str
    outs: str
    errors: str
    weight: str = "W"
    bias: str = "b"
    loss: str = "ℓ"
    cost: str = "𝓛"
    derivatives: bool = False
    layer: str = "k"
    mark: Literal["lower", "upper", "[upper]"] = "lower"
    first: int = 1
    unit: str = "i"
    before: str = "j"
    example: str = "m"
    count: str = "n"
    example_mark: Literal["(upper)", "upper", "lower"] = "(upper)"
    width: str = "d"
    is_row: bool = False
    stacked: Literal["rows", "columns"] | None = "rows"
    mean: Literal["weights", "gradient", "error", "mean"] = "weights"
    function: str = "g"
    equations: Mapping[str, str] = field(default_factory=dict)


NOTATIONS: dict[str, Notation] = {
    row.name: row
    for row in (
        Notation(
            "note",
            "culpa, after the note on backpropagation that it grew from",
            *("a", "h", "δ", "A", "H", "Δ"),
        ),
        Notation(
            "ng",
            "A. Ng, Deep Learning Specialization, course 1, weeks 3 and 4",
            *("z", "a", "dz", "Z", "A", "dZ"),
            loss="𝓛",
            cost="J",
            derivatives=True,
            layer="l",
            mark="[upper]",
            unit="j",
            before="k",
            example="i",
            count="m",
            width="n",
            stacked="columns",
            mean="gradient",
        ),
        Notation(
            "cs231n",
            "Stanford CS231n, Neural Networks case study; J. Johnson, Backpropagation for a Linear Layer",
            *("s", "h", "ds", "S", "H", "dS"),
            loss="L",
            cost="L",
            derivatives=True,
            unit="m",
            before="d",
            example="n",
            count="N",
            example_mark="lower",
            width="D",
            is_row=True,
            mean="error",
        ),
        Notation(
            "nielsen",
            "M. Nielsen, Neural Networks and Deep Learning, chapter 2, BP1–BP4",
            *("z", "a", "δ", "z", "a", "δ"),
            weight="w",
            loss="C",
            cost="C",
            layer="l",
            mark="upper",
            first=2,
            unit="j",
            before="k",
            example="x",
            count="n",
            example_mark="upper",
            stacked=None,
            mean="mean",
            function="σ",
            equations={"output": "BP1", "hidden": "BP2", "bias": "BP3", "weights": "BP4"},
        ),
    )
}


def notation_named(name: str) -> Notation:
    """Look up a notation by its name.

    Example:
        >>> notation_named("nielsen").first
        2
    """
    if not isinstance(name, str) or name not in NOTATIONS:
        raise unknown_name("notation", name, NOTATIONS)
    return NOTATIONS[name]
