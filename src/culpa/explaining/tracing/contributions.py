# SPDX-License-Identifier: MIT
"""The batch's number: what all examples together make of one weight's or one bias's derivative, and who makes most.

    ∂𝓛/∂W_{k,ij} = Σ_m w_m δ_{k,i}^(m) h_{k−1,j}^(m)         w_m = 1/n for the mean

The examples' own numbers come from the engine's factors. A penalty is added beside it, since training uses both.
"""

import numpy as np
from numpy.typing import NDArray

from culpa.explaining.argument.batch import weighted
from culpa.explaining.derivation import Code, Line, Listed, Step, Words
from culpa.explaining.formulas.statements import Doing, outline_of, statements
from culpa.explaining.tracing.flowing import summed, written
from culpa.explaining.worth import Worth, in_numbers
from culpa.explaining.writing import Writer, numbers_of
from culpa.reporting.mathematics.expressions import Expression, Fraction, Number, Partial, Product
from culpa.reporting.terminal import percent

__all__ = ["batch_step", "entry_code"]

MOST = 5
"""So many examples stand in the table."""


def examples_of(worth: Worth, k: int, i: int, j: int | None) -> NDArray[np.float64]:
    """Each example's own number (n,): δ h for a weight, δ for a bias."""
    delta = worth.layers("δ", k)[:, i - 1]
    return np.asarray(delta if j is None else delta * worth.layers("h", k - 1)[:, j - 1])


def batch_step(key: str, w: Writer, k: int, i: int, j: int | None) -> Step:
    """The sum over the examples, and the examples that contribute most."""
    s, worth = w.symbols, numbers_of(w)
    own, n = examples_of(worth, k, i, j), len(worth.X)
    shares = worth.gradient.w * own

    def own_term(m: "int | Expression") -> Expression:
        return s.delta(k, i, example=m) if j is None else s.delta(k, i, example=m) * s.h(k - 1, j, example=m)

    in_w = s.notation.mean == "weights"
    one = Fraction(Number(1), Number(n))
    total, said = summed(w, shares if in_w else own, lambda m: s.share(m) * own_term(m) if in_w else own_term(m))
    thing = s.b(k, i) if j is None else s.W(k, i, j)
    by = Partial(s.cost(), thing)
    value = in_numbers(by, worth)
    lines = [written(w, (by, weighted(w, own_term(s.m))), (value, total if in_w else Product((one, total), "·")))]
    lines += penalised(w, k, i, j)
    whole = f"The mean over all {n:,} rows given: " if n > 1 else "There is one example, so it is the mean too: "
    words: Words = (whole, by, " is ", value, ".", weight_of(n) if in_w and n > 1 else "", *said, left(shares),
                    penalty_words(worth, j))  # fmt: skip
    return Step(
        f"{key}-batch",
        "In the batch",
        words,
        tuple(lines),
        heaviest(w, k, i, j, shares),
        entry_code(w, "batch", k, i, j),
    )


def entry_code(w: Writer, doing: Doing, k: int, i: int, j: int | None) -> Code | None:
    """The NumPy statement that makes the whole matrix or vector, and the entry that is asked for."""
    if not w.code:
        return None
    notation, worth = w.symbols.notation, numbers_of(w)
    lines = statements(notation, outline_of(worth.network), doing, k, example=worth.example)
    line = lines[-1 if j is None else 0]
    entry = f"{i - 1}, 0" if not notation.is_row and notation.name != "note" else f"{i - 1}"
    if j is not None:
        entry = f"{j - 1}, {i - 1}" if notation.is_row else f"{i - 1}, {j - 1}"
    return Code((line, f"number = {line.split(' = ')[0]}[{entry}]"))


def weight_of(n: int) -> str:
    """What w is."""
    return f" Every example has the weight w = 1/{n:,}."


def left(shares: NDArray[np.float64]) -> str:
    """How far the examples cancel."""
    flow = float(np.abs(shares).sum())
    if flow == 0:
        return " No example contributes anything."
    rest = abs(float(shares.sum())) / flow
    return "" if rest > 1 - 1e-9 else f" Examples of both signs cancel: {percent(rest)} of their sizes is left."


def penalised(w: Writer, k: int, i: int, j: int | None) -> list[Line]:
    """The number with the penalty's part, if there is one."""
    if j is None or not numbers_of(w).network.l2:
        return []
    s, weight = w.symbols, w.symbols.W(k, i, j)
    return [w.line(Partial(s.objective(k).of, weight), Partial(s.cost(), weight) + s.l2() * weight)]


def penalty_words(worth: Worth, j: int | None) -> str:
    """What the last line is, if there is a penalty."""
    if j is None or not worth.network.l2:
        return ""
    return " The penalty adds its own part, in proportion to the weight itself; the last line has both."


def heaviest(w: Writer, k: int, i: int, j: int | None, shares: NDArray[np.float64]) -> Listed | None:
    """The examples with the largest shares, and the one that is explained; from 0, as the reader calls them."""
    s, worth = w.symbols, numbers_of(w)
    flow, own = float(np.abs(shares).sum()), examples_of(worth, k, i, j)
    largest = [m for m in map(int, np.argsort(-np.abs(shares), kind="stable")[:MOST]) if shares[m]]
    if not largest or len(shares) == 1:
        return None
    rows = []
    for m in [*largest, *([] if worth.example in largest else [worth.example])]:
        numbers: list[str | Expression] = [
            f"{worth.called(m)}{'' if m != worth.example else this_one(shares, m, m in largest)}"
        ]
        numbers.append(in_numbers(s.delta(k, i, example=m + 1), worth))
        if j is not None:
            numbers += [in_numbers(s.h(k - 1, j, example=m + 1), worth), Number(float(own[m]))]
        rows.append((*numbers, percent(abs(float(shares[m])) / flow)))
    headers = ("error", "output", "product") if j is not None else ("error",)
    return Listed(("example (from 0)" if worth.ids is None else "example", *headers, "share"), tuple(rows))


def this_one(shares: NDArray[np.float64], m: int, is_large: bool) -> str:
    """The mark of the example that is explained, with its rank where it is not among the largest."""
    sizes = np.abs(shares)
    rank = int(np.count_nonzero(sizes > sizes[m])) + 1
    return " (this one)" if is_large else f" (this one, {rank}{ordinal(rank)} of {len(shares)})"


def ordinal(number: int) -> str:
    """The ending of a number that counts ranks."""
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
