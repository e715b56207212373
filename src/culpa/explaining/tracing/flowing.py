# SPDX-License-Identifier: MIT
"""Flowing: what the answers share: sums with their largest terms, the way of an error down and of an output up.

    δ_{k,i} = g′(a_{k,i}) Σ_m W_{k+1,mi} δ_{k+1,m}        in numbers, the largest terms and the rest

Every equation is written in letters and in numbers whose two sides are the same number. Knows no question.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.explaining.argument.largest import in_the_data
from culpa.explaining.argument.output_layer import formula_for
from culpa.explaining.derivation import Line, Listed, Step, Words
from culpa.explaining.symbols import Symbols
from culpa.explaining.tracing.paths import Path, Paths, paths_above
from culpa.explaining.worth import Worth, in_numbers
from culpa.explaining.writing import Writer, called, numbers_of
from culpa.reporting.mathematics.expressions import Equation, Expression, Negative, Number, Product, Sum
from culpa.reporting.terminal import percent

__all__ = [
    "as_given",
    "error_line",
    "has_rest",
    "output_steps",
    "paths_step",
    "paths_to",
    "summed",
    "terms_of",
    "written",
]

WHOLE = 6
"""A sum of so many terms is written out."""
LARGEST = 4
"""Of a longer one, so many terms."""
MOST_PATHS = 5
CANCELS = 1e-6
"""A probability nearer than this to its target loses too many digits in their difference."""
MOST_FACTORS = 7
"""A path with more factors, slopes of 1 not counted, is shown without them."""


def written(w: Writer, symbols: Sequence[Expression], numbers: Sequence[Expression]) -> Line:
    """An equation in letters, and in numbers that were put in by hand; what the reader wants to see of it."""
    if w.show == "symbols":
        return Line(Equation(tuple(symbols)))
    if w.show == "both":
        return Line(Equation(tuple(symbols)), Equation(tuple(numbers)))
    return Line(None, Equation((symbols[0], *numbers[1:], *(() if isinstance(numbers[-1], Number) else numbers[:1]))))


class Split(NamedTuple):
    """A sum's terms: which are shown, from 0, and what the others make together."""

    shown: tuple[int, ...]
    rest: float
    others: int


def split(values: NDArray[np.float64]) -> Split:
    """All of a few terms; of many the largest in size, in their order, and the sum of the others."""
    if len(values) <= WHOLE:
        return Split(tuple(range(len(values))), 0.0, 0)
    largest = np.argsort(-np.abs(values), kind="stable")[:LARGEST]
    others = np.delete(values, largest)
    return Split(tuple(sorted(map(int, largest))), math.fsum(others), int(np.count_nonzero(others)))


def summed(w: Writer, values: NDArray[np.float64], term: Callable[[int], Expression]) -> tuple[Expression, Words]:
    """A sum in numbers, and what is to be said of it.

    Args:
        w: The letters and numbers.
        values: What each term is.
        term: The term of index m, from 1, in letters.
    """
    parts = split(values)
    terms = [in_numbers(term(m + 1), numbers_of(w)) for m in parts.shown]
    if not parts.others:
        return (terms[0] if len(terms) == 1 else Sum(tuple(terms))), ()
    rest = Number(parts.rest)
    said = "is the only other term" if parts.others == 1 else f"is what the other {parts.others:,} terms make together"
    return Sum((*terms, rest)), (" In the sum, ", rest, f" {said}.")


def error_line(w: Writer, k: int, i: int) -> Line:
    """How a unit's error comes about: from the loss in the last layer, from the errors above elsewhere."""
    s, worth = w.symbols, numbers_of(w)
    if k == worth.depth:
        return output_line(w, i)
    W, delta = worth.network.layers[k].W, worth.layers("δ", k + 1)[worth.example]

    def term(m: "int | Expression") -> Product:
        return Product((s.W(k + 1, m, i), s.delta(k + 1, m)))

    total, _ = summed(w, W[:, i - 1] * delta, term)
    slope = s.slope(k, s.a(k, i))
    symbols = (s.delta(k, i), Product((slope, s.total(s.i, len(W), term(s.i)))))
    numbers = (in_numbers(s.delta(k, i), worth), Product((in_numbers(slope, worth), total), "·"))
    return written(w, symbols, numbers)


def output_line(w: Writer, c: int) -> Line:
    """The loss's own slope at an output, by its formula where the table has one."""
    s, worth = w.symbols, numbers_of(w)
    loss, k, m = worth.network.loss, worth.depth, worth.example
    delta, formula = s.delta(k, c), formula_for(w, loss, c)
    known = in_numbers(delta, worth)
    if formula is None:
        return w.line(delta, s.by("a", k, c))
    p, t = worth.layers("h", k)[m], worth.targets[m]
    if formula.coupled and loss.name == "softmax_squared_error":
        parts = Sum((Number(float(p[c - 1])), Negative(Number(float(t[c - 1]))), Negative(Number(float(p @ (p - t))))))
        numbers: Expression = Product((in_numbers(s.h(k, c), worth), parts), "·")
    else:
        numbers = in_numbers(formula.delta, worth)
    # NOTE: beside a target of 1, an output that is nearly 1 leaves no digits in h − t; the engine's δ keeps its own.
    if loss.is_classification and abs(p[c - 1] - t[c - 1]) < CANCELS:
        return Line(None, Equation((delta, known))) if w.show == "numbers" else Line(Equation((delta, formula.delta)))
    return written(w, (delta, formula.delta), (known, numbers))


def paths_to(w: Writer, k: int, i: int, *, slope: bool = True) -> Paths:
    """The paths from a unit of layer k to the outputs, for the example; without its own slope for ∂ℓ/∂h."""
    worth, m = numbers_of(w), numbers_of(w).example
    weights = [layer.W for layer in worth.network.layers[k:]]
    slopes = [worth.layers("g′", layer)[m] if layer > k or slope else None for layer in range(k, worth.depth)]
    return paths_above(weights, slopes, worth.layers("δ", worth.depth)[m], i, most=MOST_PATHS)


def paths_step(key: str, w: Writer, k: int, i: int, *, slope: bool = True) -> tuple[Step, ...]:
    """The largest paths in a table, and what share they make; nothing for an output, which has one alone."""
    depth = numbers_of(w).depth
    if k == depth:
        return ()
    found = paths_to(w, k, i, slope=slope)
    if not found.largest:
        return (Step(f"{key}-paths", "The paths", (nothing(found.ways),)),)
    told = all(len(factors_of(path)) <= MOST_FACTORS for path in found.largest)
    rows: list[tuple[str | Expression, ...]] = []
    for path in found.largest:
        way = " → ".join([*map(str, path.units[:-1]), w.output(path.units[-1])])
        factors = factors_of(path)
        made = [Product(factors, "·") if len(factors) > 1 else factors[0]] if told else []
        rows.append((way, *made, Number(path.contribution), percent(abs(path.contribution) / found.flow)))
    headers = ("path", *(["factors"] if told else []), "product", "share")
    words = (
        *shares(found, "the error" if slope else "the derivative"),
        " A path is told by its units, from here up to an output",
        *about_factors(found, told),
    )
    return (Step(f"{key}-paths", "The paths", words, listed=Listed(headers, tuple(rows))),)


def factors_of(path: Path) -> tuple[Number, ...]:
    """A path's factors, without those that are 1, which a ReLU has many of; the error at its end stays."""
    return tuple(map(Number, [factor for factor in path.factors[:-1] if factor != 1] + [path.factors[-1]]))


def about_factors(found: Paths, told: bool) -> Words:
    """The end of the sentence on the paths: what their factors are."""
    what = "weights and slopes in turn, and the output's error at the end"
    if not told:
        return (f". It is the product of {len(found.largest[0].factors)} factors: {what}.",)
    ones = any(1 in path.factors[:-1] for path in found.largest)
    return (f", and its factors are {what}{'; those that are 1 are not written' if ones else ''}.",)


def nothing(number: int) -> str:
    """What is said where no path carries anything."""
    paths = "The one path to the loss carries" if number == 1 else f"All {many(number)} paths to the loss carry"
    return f"{paths} nothing for this example: a factor of each is zero, such as the slope of a unit that is off."


def shares(found: Paths, what: str) -> Words:
    """What the largest paths make of the whole, in words that are true also where paths cancel."""
    some = f"{many(found.alive)} of which carr{'ies' if found.alive == 1 else 'y'} something"
    alive = "" if found.alive == found.ways else f", {some}"
    first = f"{many(found.ways)} {'path leads' if found.ways == 1 else 'paths lead'} from here to the loss{alive}. "
    if len(found.largest) == found.alive:
        shown = f"All that carry something are below; each product is a term of {what}."
    else:
        shown = f"The largest {len(found.largest)} make {percent(found.shown)} of all that flows, whatever its sign."
    left = abs(found.total) / found.flow
    if left > 1 - 1e-9:
        return (first, shown, " None of them cancels another.")
    return (first, shown, f" Paths of both signs cancel: {percent(left)} of the flow is left, which is ",
            Number(found.total), ". Shares are of the flow.")  # fmt: skip


def many(number: int) -> str:
    """A number of paths: whole as long as anyone would read it so."""
    return f"{number:,}" if number < 10**12 else f"some {number:.1e}".replace("e+", "e")


def value_of(symbols: Symbols, k: int) -> float:
    """What the notation calls a layer."""
    layer = symbols.layer(k)
    return layer.value if isinstance(layer, Number) else float(k)


def output_steps(key: str, w: Writer, k: int, j: int) -> tuple[Step, ...]:
    """Where the output of a unit comes from: itself, for an input; else its sum, and the activation."""
    s, worth = w.symbols, numbers_of(w)
    h = s.h(k, j)
    if k == 0:
        words: Words = (h, f" is the input itself: column {w.input(j)} of this example, ",
                        in_numbers(h, worth), f"{as_given(worth, j)}.")  # fmt: skip
        return (Step(f"{key}-output", "Where the output comes from", words),)
    layer, before = worth.network.layers[k - 1], worth.layers("h", k - 1)[worth.example]
    values = layer.W[j - 1] * before

    def term(m: "int | Expression") -> Product:
        return Product((s.W(k, j, m), s.h(k - 1, m)))

    total, said = summed(w, values, term)
    body: Expression = s.total(s.j, len(before), term(s.j))
    if layer.b is not None:
        body, total = body + s.b(k, j), total + in_numbers(s.b(k, j), worth)
    lines = (
        written(w, (s.a(k, j), body), (in_numbers(s.a(k, j), worth), total)),
        w.line(h, s.g(k, s.a(k, j))),
    )
    words = ("The unit adds up what comes in, and its activation makes ", h, " of the sum.", *said)
    return (Step(f"{key}-output", "Where the output comes from", words, lines, inputs_of(w, k, j, values)),)


def as_given(worth: Worth, j: int) -> str:
    """What is to be added to an input's value where the data have it in another unit."""
    raw = in_the_data(worth, j)
    return "" if raw is None else f" as the network sees it; {raw} in the data"


def has_rest(w: Writer, k: int, i: int) -> bool:
    """Whether the line of a unit's error has a last number that many terms make together."""
    worth = numbers_of(w)
    if k == worth.depth:
        return False
    return split(worth.network.layers[k].W[:, i - 1] * worth.layers("δ", k + 1)[worth.example]).others > 0


def inputs_of(w: Writer, k: int, j: int, values: NDArray[np.float64]) -> Listed | None:
    """The largest inputs of a unit; nothing where the equation has them all."""
    s = w.symbols
    if len(values) <= WHOLE and not (k == 1 and w.names[0]):
        return None
    rows = terms_of(w, values, w.names[0] if k == 1 else (), lambda m: (s.W(k, j, m), s.h(k - 1, m)))
    headers = ("input", "weight", "its value") if k == 1 else ("from unit", "weight", "its output")
    return Listed((*headers, "product", "share"), rows) if rows else None


def terms_of(
    w: Writer, values: NDArray[np.float64], names: Sequence[str], factors: Callable[[int], tuple[Expression, ...]]
) -> tuple[tuple[str | Expression, ...], ...]:
    """The rows of a table of a sum's largest terms, none of them zero: whose it is, its factors, itself, its share.

    Args:
        w: The letters and numbers.
        values: What each term is.
        names: The names of those whose terms they are, if they have any.
        factors: The factors of the term of index m, from 1, in letters.
    """
    flow = float(np.abs(values).sum())
    largest = [m for m in map(int, np.argsort(-np.abs(values), kind="stable")[:WHOLE]) if values[m]]
    return tuple(
        (
            called(names, m + 1),
            *(in_numbers(factor, numbers_of(w)) for factor in factors(m + 1)),
            Number(float(values[m])),
            percent(abs(float(values[m])) / flow),
        )
        for m in largest
    )
