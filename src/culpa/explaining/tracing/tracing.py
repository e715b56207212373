# SPDX-License-Identifier: MIT
"""Trace one number: what it is, where its two factors come from, what the batch makes of it, and who else finds it.

    weight   ∂ℓ/∂W_{k,ij} = δ_{k,i} h_{k−1,j}             unit    ∂ℓ/∂h_{k,i} = Σ_m W_{k+1,mi} δ_{k+1,m}, and its δ
    bias     ∂ℓ/∂b_{k,i}  = δ_{k,i}                       input   ∂ℓ/∂x_j     = Σ_i W_{1,ij} δ_{1,i}

First for one example, then for all of them. Knows no format; where sums and paths come from is told in `flowing`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from culpa.explaining.derivation import Listed, Part, Step, Words
from culpa.explaining.symbols import Quantity, Role
from culpa.explaining.tracing.asking import Asked, admit_place
from culpa.explaining.tracing.contributions import batch_step, entry_code
from culpa.explaining.tracing.flowing import (
    as_given,
    error_line,
    has_rest,
    output_steps,
    paths_step,
    paths_to,
    summed,
    terms_of,
    value_of,
    written,
)
from culpa.explaining.tracing.likenesses import given, own_witness
from culpa.explaining.tracing.neighbours import neighbours
from culpa.explaining.tracing.witnesses import Thing, Witness, witnesses_of
from culpa.explaining.worth import Worth, in_numbers
from culpa.explaining.writing import Writer, numbers_of
from culpa.reporting.mathematics.expressions import Expression, Number, Product

__all__ = ["trace"]

FAINT = 1e-30
"""A derivative below this share of the largest of its layer is next to nothing."""


def trace(w: Writer, asked: Asked) -> tuple[Part, ...]:
    """Answer for one weight, bias, hidden unit or input alone.

    Args:
        w: The letters, the numbers and the names; the example is that of the numbers.
        asked: What is asked for, and the reader's own number.

    Raises:
        OptionError: If the network has no such place, there are no numbers, or the reader's number is none.
    """
    place = admit_place(numbers_of(w).network, asked.kind, asked.place)
    steps = {"weight": weight_steps, "bias": bias_steps, "unit": unit_steps, "input": input_steps}[asked.kind]
    return (Part(asked.kind, heading(w, asked.kind, place), tuple(steps(w, place, asked.mine))),)


def heading(w: Writer, kind: str, place: Sequence[int]) -> str:
    """What is asked for, in a few words."""
    if kind == "input":
        return f"Input {w.input(place[0])}"
    layer = f"layer {value_of(w.symbols, place[0]):.0f}"
    if kind == "weight":
        source = w.input(place[2]) if place[0] == 1 else str(place[2])
        return f"The weight of {layer} to unit {place[1]} from {'input' if place[0] == 1 else 'unit'} {source}"
    return f"The bias of unit {place[1]} of {layer}" if kind == "bias" else f"Unit {place[1]} of {layer}"


def weight_steps(w: Writer, place: Sequence[int], mine: "float | str | None") -> Iterator[Step]:
    """One weight: δ times h, where both come from, the batch, and the witnesses."""
    s, worth, (k, i, j) = w.symbols, numbers_of(w), place
    delta, h = s.delta(k, i), s.h(k - 1, j)
    by = s.by("W", k, i, j)
    value, source = in_numbers(by, worth), in_numbers(h, worth)
    words: Words = (by, " is ", value, ". Its two numbers are ", delta, " = ", in_numbers(delta, worth),
                    ", the error of the unit that the weight leads to, and ", h, " = ", source,
                    ", the output of the unit that it comes from.", meaning(value.value),
                    *beside(value.value, largest(worth, "dW", k)))  # fmt: skip
    lines = (w.line(by, Product((delta, h))),)
    yield Step("weight-number", "The number", words, lines, code=entry_code(w, "weights", k, i, j))
    yield from error_steps("weight", w, k, i)
    yield from output_steps("weight", w, k - 1, j)
    yield batch_step("weight", w, k, i, j)
    size = paths_to(w, k, i).flow * abs(source.value)
    yield witness_step("weight", w, Thing("W", k, i, j), value.value, size, mine)


def bias_steps(w: Writer, place: Sequence[int], mine: "float | str | None") -> Iterator[Step]:
    """One bias: δ itself, where it comes from, the batch, and the witnesses."""
    s, worth, (k, i) = w.symbols, numbers_of(w), place
    by = s.by("b", k, i)
    value = in_numbers(by, worth)
    words: Words = (by, " is ", value, ": the error ", s.delta(k, i), " of its unit, because the bias is added to ",
                    s.a(k, i), " as it is.", meaning(value.value),
                    *beside(value.value, largest(worth, "δ", k)))  # fmt: skip
    lines = (w.line(by, s.delta(k, i)),)
    yield Step("bias-number", "The number", words, lines, code=entry_code(w, "bias", k, i, None))
    yield from error_steps("bias", w, k, i)
    yield batch_step("bias", w, k, i, None)
    yield witness_step("bias", w, Thing("b", k, i), value.value, paths_to(w, k, i).flow, mine)


def unit_steps(w: Writer, place: Sequence[int], mine: "float | str | None") -> Iterator[Step]:
    """One hidden unit: its output, the derivative by it, its slope, its error, and the witnesses of both."""
    s, worth, (k, i) = w.symbols, numbers_of(w), place
    delta, by, slope = s.delta(k, i), s.by("h", k, i), s.slope(k, s.a(k, i))
    value, above, factor = (in_numbers(thing, worth) for thing in (delta, by, slope))
    words: Words = ("The unit's output is ", s.h(k, i), " = ", in_numbers(s.h(k, i), worth), ". The loss answers to it "
                    "by ", by, " = ", above, ", and through its slope ", factor, " to its sum by ", delta, " = ", value,
                    dead(factor.value), at_kink(worth, k, i), *beside(value.value, largest(worth, "δ", k)))  # fmt: skip
    yield Step("unit-number", "The number", words, (w.line(delta, Product((slope, by))),))
    yield from output_steps("unit", w, k, i)
    yield above_step("unit", w, k, i)
    yield from paths_step("unit", w, k, i)
    size = paths_to(w, k, i).flow
    yield witness_step("unit", w, Thing("a", k, i), value.value, size, mine)
    size = paths_to(w, k, i, slope=False).flow
    yield witness_step("unit-h", w, Thing("h", k, i), above.value, size, None)


def input_steps(w: Writer, place: Sequence[int], mine: "float | str | None") -> Iterator[Step]:
    """One input: the errors of the first layer, through its weights."""
    s, worth, (j,) = w.symbols, numbers_of(w), place
    by, x = s.by("h", 0, j), s.h(0, j)
    value = in_numbers(by, worth)
    words: Words = ("Input ", w.input(j), " is ", x, " = ", in_numbers(x, worth),
                    f" in this example{as_given(worth, j)}. ", by,
                    " is ", value, ".", meaning(value.value, "input"),
                    *beside(value.value, largest(worth, "dh", 0)))  # fmt: skip
    step = above_step("input", w, 0, j)
    yield Step("input-number", "The number", words)
    yield step
    yield from paths_step("input", w, 0, j, slope=False)
    size = paths_to(w, 0, j, slope=False).flow
    yield witness_step("input", w, Thing("h", 0, j), value.value, size, mine)


def meaning(value: float, thing: str = "") -> str:
    """What a derivative says, in words."""
    if value == 0:
        return " A small change of it changes nothing in this example's loss."
    way = "raises" if value > 0 else "lowers"
    return f" Making {'the input' if thing else 'it'} a little larger {way} this example's loss."


def largest(worth: Worth, role: Role, k: int) -> float:
    """The size of the largest derivative of this kind in the same layer, for the example."""
    return float(np.abs(worth.whole(Quantity(role), k, None)).max())


def beside(value: float, most: float) -> Words:
    """What is to be said of a number that is nothing but what the arithmetic left over."""
    if not 0 < abs(value) < FAINT * most:
        return ()
    return (" Beside the largest of its layer, ", Number(most), ", it is next to nothing.")


def dead(slope: float) -> str:
    """What a slope of zero means."""
    return ". The slope is zero: the unit passes no error on for this example." if slope == 0 else "."


def error_steps(key: str, w: Writer, k: int, i: int) -> Iterator[Step]:
    """Where an error comes from: down the chain from the output along the largest path, then all the largest paths."""
    s, depth = w.symbols, numbers_of(w).depth
    found = paths_to(w, k, i)
    units = found.largest[0].units if found.largest else (i,)
    chain = list(zip(range(k, depth + 1), units, strict=False))
    lines = tuple(error_line(w, layer, unit) for layer, unit in reversed(chain))
    rest = any(has_rest(w, layer, unit) for layer, unit in chain)
    said = " In a long sum the last number is what all the smaller terms make together." if rest else ""
    delta = s.delta(k, i)
    words: Words = ("This unit is an output: the loss itself gives ", delta, ".")
    if k < depth:
        words = ("Down the chain from the output, along the path that carries most: in each layer the errors above "
                 "come down through the weights, and the slope lets its share through. The last line is ", delta, ".",
                 said)  # fmt: skip
    if k < depth and not found.largest:
        words = ("The errors above come down through the weights, and the slope lets its share through.", said)
    words = tuple(word for word in (*words, at_kink(numbers_of(w), k, i)) if word != "")
    yield Step(f"{key}-error", "Where the error comes from", words, lines)
    yield from paths_step(key, w, k, i)


def at_kink(worth: Worth, k: int, i: int) -> str:
    """What is to be said of a hidden unit whose sum lies exactly at its activation's kink."""
    sum_of = float(worth.layers("a", k)[worth.example, i - 1])
    if k == worth.depth or sum_of not in worth.network.layers[k - 1].activation.kinks:
        return ""
    slope = float(worth.layers("g′", k)[worth.example, i - 1])
    return f" The unit's sum lies exactly at the kink of its activation, where the slope counts as {slope:g}."


def above_step(key: str, w: Writer, k: int, i: int) -> Step:
    """The derivative by a unit's output, or by an input: the errors above, through the weights from it."""
    s, worth = w.symbols, numbers_of(w)
    values = worth.network.layers[k].W[:, i - 1] * worth.layers("δ", k + 1)[worth.example]

    def term(m: "int | Expression") -> Product:
        return Product((s.W(k + 1, m, i), s.delta(k + 1, m)))

    total, said = summed(w, values, term)
    by = s.by("h", k, i)
    line = written(w, (by, s.total(s.i, len(values), term(s.i))), (in_numbers(by, worth), total))
    names_above = w.names[1] if k + 1 == worth.depth else ()
    rows = terms_of(w, values, names_above, lambda m: (s.W(k + 1, m, i), s.delta(k + 1, m)))
    words: Words = ("Every unit above sends its error back through the weight from here.", *said)
    if not rows:
        words = ("Every unit above sends its error back through the weight from here; for this example all of "
                 "it is zero.",)  # fmt: skip
    listed = Listed(("to unit", "weight", "its error", "product", "share"), rows) if rows else None
    return Step(f"{key}-above", "From the layer above", words, (line,), listed)


def witness_step(key: str, w: Writer, thing: Thing, value: float, size: float, mine: "float | str | None") -> Step:
    """The witnesses in a table, the reader's own number last."""
    worth = numbers_of(w)
    rows = list(witnesses_of(worth, thing, value, size))
    if mine is not None:
        rows.append(own_witness(given(mine), value, size, neighbours(worth, thing, value)))
    table = tuple((row.name, exactly(row.value), digits_of(row), row.verdict) for row in rows)
    by = w.symbols.by(thing.role, thing.layer, thing.unit, *([thing.source] if thing.source else []))
    said = " ".join(row.remark for row in rows if row.remark)
    words: Words = (f"{said} " if said else "", "Who else finds ", by,
                    "? Digits are those in which a number agrees with the first.")  # fmt: skip
    words = tuple(word for word in words if word != "")
    return Step(f"{key}-witnesses", "Witnesses", words, listed=Listed(("witness", "value", "digits", "verdict"), table))


def exactly(value: float) -> str:
    """A number with the digits that tell witnesses apart."""
    # Zero is added because a zero with a sign is still nothing but zero.
    return "–" if np.isnan(value) else f"{value + 0.0:.12g}".replace("-", "−")


def digits_of(row: Witness) -> str:
    """In how many digits a witness agrees."""
    return "–" if np.isnan(row.digits) else f"{int(row.digits)}"
