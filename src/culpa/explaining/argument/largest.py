# SPDX-License-Identifier: MIT
"""The largest of them: which weights and which inputs carry most of one example's loss, before one is asked for alone.

    weights    by |∂ℓ/∂W_{k,ij}| over all layers that are spoken of
    inputs     by |∂ℓ/∂x_j|

A small network is shown whole and needs no such table. Where one of the numbers comes from, `tracing` tells.
"""

import math
from collections.abc import Sequence

import numpy as np

from culpa.explaining.derivation import Listed, Step, Words
from culpa.explaining.symbols import Quantity
from culpa.explaining.worth import Worth, in_numbers
from culpa.explaining.writing import Writer
from culpa.reporting.mathematics.expressions import Expression
from culpa.reporting.terminal import percent

__all__ = ["in_the_data", "inputs_step", "weights_step"]

FEW = 6
"""Layers of so few units stand whole in their matrices."""
FEW_WEIGHTS = 36
"""So many weights are seen at a glance."""
MOST_WEIGHTS = 10
MOST_INPUTS = 5


def weights_step(w: Writer) -> tuple[Step, ...]:
    """The weights with the largest derivatives; nothing where there are few."""
    worth = w.numbers
    if worth is None:
        return ()
    blocks = {k: worth.whole(Quantity("dW"), k, None) for k in w.given}
    count = sum(block.size for block in blocks.values())
    if count <= FEW_WEIGHTS and max(max(block.shape) for block in blocks.values()) <= FEW:
        return ()
    found: list[tuple[float, int, int, int]] = []
    for k, block in blocks.items():
        for place in np.argsort(-np.abs(block), axis=None, kind="stable")[:MOST_WEIGHTS]:
            i, j = map(int, np.unravel_index(place, block.shape))
            found.append((abs(float(block[i, j])), k, i + 1, j + 1))
    largest = [one for one in sorted(found, key=lambda one: -one[0])[:MOST_WEIGHTS] if one[0]]
    if not largest:
        return ()
    top = largest[0][0]
    whole = sum(float(np.square(block / top).sum()) for block in blocks.values())
    rows: list[tuple[str | Expression, ...]] = []
    for size, k, i, j in largest:
        value = in_numbers(w.symbols.by("W", k, i, j), worth)
        share = percent((size / top) ** 2 / whole)
        ends = (w.output(i) if k == worth.depth else str(i), w.input(j) if k == 1 else str(j))
        rows.append((f"{k},{i},{j}", *ends, value, share))
    begin = f"These {len(rows)} of all {count:,} weights have the largest "
    ending = "derivatives for this example; shares are of the sum of all squares. "
    words: Words = (begin + ending + asking("weight", largest[0][1:]),)
    headers = ("weight", "to", "from", w.symbols.by("W", w.symbols.k, w.symbols.i, w.symbols.j), "share")
    return (Step("weights-largest", "The largest of them", words, listed=Listed(headers, tuple(rows))),)


def inputs_step(w: Writer) -> tuple[Step, ...]:
    """The inputs that the loss answers to most; nothing where there are few without a name."""
    worth = w.numbers
    if worth is None or 1 not in w.given or (worth.network.sizes[0] <= FEW and not w.names[0]):
        return ()
    s, slopes = w.symbols, worth.layers("dh", 0)[worth.example]
    largest = [j for j in map(int, np.argsort(-np.abs(slopes), kind="stable")[:MOST_INPUTS]) if slopes[j]]
    if not largest:
        return ()
    raw = in_the_data(worth, largest[0] + 1) is not None
    rows: list[tuple[str | Expression, ...]] = []
    for j in largest:
        value, slope = in_numbers(s.h(0, j + 1), worth), in_numbers(s.by("h", 0, j + 1), worth)
        rows.append((w.input(j + 1), *([in_the_data(worth, j + 1) or ""] if raw else []), value, slope))
    seen = ("in the data", "as the network sees it") if raw else ("its value",)
    begin = f"These {len(rows)} of the {len(slopes):,} inputs have" if len(rows) > 1 else "This input has"
    words: Words = (f"{begin} the largest derivatives for this example. {asking('input', [largest[0] + 1])}",)
    listed = Listed(("input", *seen, s.by("h", 0, s.j)), tuple(rows))
    return (Step("hidden-inputs", "The inputs", words, listed=listed),)


def asking(kind: str, place: Sequence[int]) -> str:
    """How one of them is asked for alone."""
    said = ",".join(map(str, place))
    python = f"{kind}={tuple(place) if len(place) > 1 else place[0]}"
    return f"To ask for one of them alone: --{kind} {said} on the command line, {python} in Python."


def in_the_data(worth: Worth, j: int) -> str | None:
    """An input's value in the unit of the data, where the network knows how it was encoded."""
    columns = worth.network.columns
    if columns is None or j > columns.width:
        return None
    found = columns.decode_number(j - 1, float(worth.X[worth.example, j - 1]))
    if found is None:
        return None
    # NOTE: the encoding rounds, so that 7 comes back as 7.000000000000001.
    raw, size = found
    kept = raw if size == 0 else round(raw, min(11 - math.floor(math.log10(size)), 300))
    return f"{kept + 0.0:.12g}".replace("-", "−")
