# SPDX-License-Identifier: MIT
"""The network on the page: drawn with its gradient, its layers as a table, and its hidden units as strips."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.page.shown import FIXED, Shown, bar, grid, label, number, section, share
from culpa.reporting.drawing import MOST, Picture, network_svg
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import count

__all__ = ["layers", "network", "strip", "units"]

KEPT = 4
"""Of a layer that is not drawn whole, the so many units with the largest gradients are drawn too."""
CELL, GAP, LINE = 12, 2, 32
"""A unit's box in a strip and the room between two, in pixels; and how many stand on a line."""
WIDEST = 1024
"""Of a layer with more units than these, only those that are dead or saturated are counted."""


def network(shown: Shown) -> str:
    """The network with the gradient of the loss as its edges."""
    edges = [sums.weight for sums in shown.blame.sums]
    inputs: Sequence[str] = [] if shown.columns is None else shown.columns.encoded
    classes = () if shown.columns is None else shown.columns.classes or (shown.columns.target,)
    outputs = [label(name) for name in classes] if len(classes) == len(edges[-1]) else []
    names = [list(inputs) if len(inputs) == edges[0].shape[1] else [], *([[]] * (len(edges) - 1)), outputs]
    sizes = [edges[0].shape[1], *map(len, edges)]
    picture = Picture(edges, names, keep=keepers(edges))
    folded = " Of long layers the units with the largest gradients are drawn." if max(sizes) > MOST else ""
    about = "Each line is the derivative of the loss with respect to one weight: how fast the loss rises with it."
    drawing = network_svg(
        picture,
        title=f"A network of {'-'.join(map(str, sizes))}",
        description=about + folded,
        legend="∂L/∂W",
    )
    return section(
        "network",
        "Where the gradient goes",
        f'<figure><div class="wide" role="group" aria-label="Drawing">{drawing}</div>',
        f"<figcaption>{about}{folded}</figcaption></figure>",
        layers(shown),
        units(shown),
    )


def keepers(edges: Sequence[NDArray[np.float64]]) -> dict[int, list[int]]:
    """The units of each long layer whose edges are the heaviest, from 1: those that leave an input, or enter a unit."""
    sizes = [np.square(edges[0]).sum(axis=0), *(np.square(layer).sum(axis=1) for layer in edges)]
    return {
        k: [int(unit) + 1 for unit in np.argsort(-heavy, kind="stable")[:KEPT]]
        for k, heavy in enumerate(sizes)
        if len(heavy) > MOST
    }


def layers(shown: Shown) -> str:
    """A row a layer: whose gradient it is, and how it fares on its way back."""
    frame = shown.blame.layers
    extra = [
        ("growth", "<abbr title='root mean square of δ, over that of the next layer'>growth of δ</abbr>"),
        ("update_to_weight", "<abbr title='size of a step over the size of the weights'>step / weights</abbr>"),
    ]
    there = [(name, header) for name, header in extra if name in frame.columns]
    headers = [
        "layer",
        "",
        "‖∇‖",
        "share of ‖∇‖²",
        "signal / noise",
        *(header for _, header in there),
        "dead",
        "saturated",
    ]
    rows = []
    for row in frame.rows():
        k = row["layer"]
        rows.append(
            [
                f"W<sub>{k}</sub>{FIXED}b<sub>{k}</sub>",
                f"{row['inputs']:,}{FIXED}→{FIXED}{row['units']:,}",
                number(row["norm"]),
                bar(row["share"], share(row["share"])),
                number(row["signal_to_noise"]),
                *(number(row[name]) for name, _ in there),
                *("–" if row[name] is None else f"{row[name]:,.0f}" for name in ("dead", "saturated")),
            ]
        )
    return grid("Layers", headers, rows, left=(0, 1)) + penalty(shown)


def penalty(shown: Shown) -> str:
    """The penalty has its own line, since it is no part of the data's gradient."""
    if not shown.blame.penalty:
        return ""
    decay = shown.blame.decay
    return (
        f"<p>Beside the data's loss of {number(shown.blame.loss)} stands the penalty of {number(shown.blame.penalty)}; "
        f"its gradient has the norm {number(decay.norm)}, and the cosine {number(decay.cosine)} with the data's.</p>"
    )


def units(shown: Shown) -> str:
    """A strip of boxes a hidden layer: the paler a unit, the flatter it lies; the dead and the saturated are marked."""
    frame = shown.blame.units
    hidden = [int(row["layer"]) for row in shown.blame.layers.rows()][:-1]
    strips = [strip(k, frame.take(np.flatnonzero(frame["layer"] == k))) for k in hidden]
    if not strips:
        return ""
    about = (
        "A box is a hidden unit: the fuller, the steeper it stands on average. A cross is a dead unit, through which "
        "no row's error passes; a bar a saturated one, whose slope is next to 0 for nearly all rows."
    )
    return f'<h3>Hidden units</h3>\n<div class="strips">{"".join(strips)}</div>\n<p class="about">{about}</p>'


def strip(k: int, rows: Frame) -> str:
    """The units of one layer as small boxes, in lines."""
    dead, saturated = int(np.sum(rows["dead"])), int(np.sum(rows["saturated"]))
    told = f"layer {k}: {count(len(rows), 'unit')}, {dead} dead, {saturated} saturated"
    if len(rows) > WIDEST:
        return f"<figure><figcaption>{told}</figcaption></figure>"
    step = CELL + GAP
    lines = -(-len(rows) // LINE)
    width, height = step * min(LINE, len(rows)) - GAP, step * lines - GAP
    boxes = "".join(
        box(row, step * (place % LINE), step * (place // LINE), slope)
        for place, (row, slope) in enumerate(zip(rows.rows(), fullness(rows), strict=True))
    )
    return (
        f'<figure><figcaption>{told}</figcaption><svg class="strip" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg"><title>{escape(told)}</title>{boxes}</svg></figure>'
    )


def fullness(rows: Frame) -> NDArray[np.float64]:
    """How steep each unit stands, from 0 to 1."""
    return np.clip(np.nan_to_num(rows["slope"].astype(np.float64)), 0.0, 1.0)


def box(row: dict[str, Any], x: int, y: int, slope: float) -> str:
    """One unit: its box, how full it is, and its mark."""
    state = "dead" if row["dead"] else "saturated" if row["saturated"] else ""
    mark = ""
    if state == "dead":
        mark = f'<path d="M{x + 3} {y + 3}l6 6m0 -6l-6 6"/>'
    elif state == "saturated":
        mark = f'<path d="M{x + 2} {y + CELL // 2}h8"/>'
    said = f"unit {row['unit']}: {share(row['share'])} of ‖∇‖², slope {slope:.2f}" + (f", {state}" if state else "")
    inner = f'<rect class="full" x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill-opacity="{0.9 * slope:.2f}"/>'
    return f'<g class="unit {state}"><title>{said}</title>{inner}{mark}</g>'
