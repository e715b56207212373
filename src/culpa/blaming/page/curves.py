# SPDX-License-Identifier: MIT
"""The course of the training: its loss and that of the rows that chose the epoch, over the epochs, as lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.page.shown import Shown, number, section
from culpa.training.record import Training

__all__ = ["course", "curve"]

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, FOOT = 58, 136, 16, 34
"""Pixels around the lines: for the numbers, for the lines' names, above, and for the epochs."""
WIDE = 20.0
"""Losses that differ by more than this factor stand on a scale of powers."""
MOST = 400
"""A line has at most so many corners."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an epoch and a loss stand in the drawing.

    Args:
        epochs: The last epoch.
        low, high: The smallest and the largest loss shown.
        powers: Whether equal factors are equally far apart.
    """

    epochs: int
    low: float
    high: float
    powers: bool

    def x(self, epoch: float) -> float:
        """Pixels from the left."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(1, self.epochs - 1)

    def y(self, loss: float) -> float:
        """Pixels from the top."""
        low, high, value = (
            (math.log(self.low), math.log(self.high), math.log(loss)) if self.powers else (self.low, self.high, loss)
        )
        return TOP + (HEIGHT - TOP - FOOT) * (high - value) / ((high - low) or 1.0)


def course(shown: Shown) -> str:
    """How the training went; nothing where nothing was trained."""
    training = None if shown.found is None else shown.found.network.training
    if training is None or not training.history:
        return ""
    best = training.history[min(max(training.best_epoch, 1), len(training.history)) - 1]
    again = " Then all of its rows were learnt from for so many epochs." if training.recipe.refit else ""
    chosen = "" if math.isnan(best.validation_loss) else f", {number(best.validation_loss)} on the rows that chose it"
    stopped = " It was interrupted." if training.interrupted else ""
    caption = (
        f"Epoch {training.best_epoch:,} of {len(training.history):,} was the best: a loss of {number(best.loss)} on "
        f"the rows learnt from{chosen}.{again}{stopped}"
    )
    return section("training", "How it learnt", f"<figure>{curve(training)}<figcaption>{caption}</figcaption></figure>")


def curve(training: Training) -> str:
    """The lines as one <svg> element."""
    epochs = np.array([epoch.epoch for epoch in training.history])
    lines = {
        "learnt from": np.array([epoch.loss for epoch in training.history]),
        "chose the epoch": np.array([epoch.validation_loss for epoch in training.history]),
    }
    finite = np.concatenate([line[np.isfinite(line)] for line in lines.values()])
    if not len(finite):
        return ""
    scale = scale_of(finite, int(epochs[-1]))
    drawn = [
        one_line(name, kind, epochs, losses, scale)
        for (name, losses), kind in zip(lines.items(), ("learnt", "chose"), strict=True)
        if np.isfinite(losses).any()
    ]
    title = "The loss over the epochs"
    return (
        f'<svg class="curve" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{axes(scale)}{''.join(drawn)}"
        f"{mark(training.best_epoch, scale)}{names(lines, scale)}</svg>"
    )


def scale_of(losses: NDArray[np.float64], epochs: int) -> Scale:
    """A scale that holds all of these losses."""
    positive = losses[losses > 0]
    if len(positive) == len(losses) and losses.max() > WIDE * losses.min():
        return Scale(epochs, float(losses.min()), float(losses.max()), powers=True)
    return Scale(epochs, min(0.0, float(losses.min())), float(losses.max()) or 1.0, powers=False)


def one_line(name: str, kind: str, epochs: NDArray[np.intp], losses: NDArray[np.float64], scale: Scale) -> str:
    """One line, broken where a loss is no number."""
    step = max(1, len(epochs) // MOST)
    picked = np.union1d(np.arange(0, len(epochs), step), [len(epochs) - 1])
    pieces, pen = [], "M"
    for epoch, loss in zip(epochs[picked].tolist(), losses[picked].tolist(), strict=True):
        if not math.isfinite(loss):
            pen = "M"
            continue
        pieces.append(f"{pen}{scale.x(epoch):.1f} {scale.y(loss):.1f}")
        pen = "L"
    return f'<path class="line {kind}" d="{"".join(pieces)}"><title>{escape(name)}</title></path>'


def names(lines: "dict[str, NDArray[np.float64]]", scale: Scale) -> str:
    """The lines' names at their ends, one above the other where they would lie on each other."""
    ends = {
        name: scale.y(float(losses[np.isfinite(losses)][-1]))
        for name, losses in lines.items()
        if np.isfinite(losses).any()
    }
    kinds = dict(zip(lines, ("learnt", "chose"), strict=True))
    placed: list[tuple[str, float]] = []
    for name, y in sorted(ends.items(), key=lambda pair: pair[1]):
        placed.append((name, max(y, placed[-1][1] + 15) if placed else y))
    beyond = max(0.0, placed[-1][1] - (HEIGHT - FOOT + 4))
    return "".join(
        f'<text class="name {kinds[name]}" x="{WIDTH - RIGHT + 8}" y="{y - beyond + 4:.1f}">{name}</text>'
        for name, y in placed
    )


def axes(scale: Scale) -> str:
    """The ground line, and a few numbers beside it and below it."""
    parts = [f'<path class="axis" d="M{LEFT} {HEIGHT - FOOT}H{WIDTH - RIGHT}"/>']
    for loss in ticks(scale):
        y = scale.y(loss)
        parts.append(f'<path class="rule" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        said = f"{loss:.2g}" if loss else "0"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{said}</text>')
    whole = sorted({1, scale.epochs, *(round(1 + part * (scale.epochs - 1)) for part in (0.25, 0.5, 0.75))})
    shown: Sequence[int] = whole if scale.epochs > 4 else range(1, scale.epochs + 1)
    parts += [
        f'<text x="{scale.x(epoch):.1f}" y="{HEIGHT - 14}" text-anchor="middle">{epoch}</text>' for epoch in shown
    ]
    parts.append(f'<text x="{WIDTH - RIGHT + 18}" y="{HEIGHT - 14}">epoch</text>')
    return "".join(parts)


def ticks(scale: Scale) -> list[float]:
    """Round losses that are worth a line."""
    if scale.powers:
        first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
        steps = (1.0, 3.0) if last - first < 4 else (1.0,)
        found = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    else:
        step = 10.0 ** math.floor(math.log10((scale.high - scale.low) or 1.0))
        step *= 0.5 if (scale.high - scale.low) / step < 3 else 1 if (scale.high - scale.low) / step < 6 else 2
        found = [step * place for place in range(math.ceil(scale.low / step), math.floor(scale.high / step) + 1)]
    return [loss for loss in found if scale.low <= loss <= scale.high]


def mark(best: int, scale: Scale) -> str:
    """The line at the best epoch."""
    if not 1 <= best <= scale.epochs:
        return ""
    x = scale.x(best)
    anchor, shift = ("end", -6) if x > WIDTH / 2 else ("start", 6)
    return (
        f'<path class="best" d="M{x:.1f} {TOP}V{HEIGHT - FOOT}"/>'
        f'<text class="best" x="{x + shift:.1f}" y="{TOP + 8}" text-anchor="{anchor}">best: {best}</text>'
    )
