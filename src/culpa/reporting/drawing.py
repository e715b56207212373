# SPDX-License-Identifier: MIT
"""The network drawing: layers of units from left to right, and between them edges that carry a number each.

    picture = Picture([W_1, W_2], names=[["height", "weight"], [], ["cat", "dog"]])
    network_svg(picture, title="…", description="…")

An edge's width grows with the size of its number, on one scale for the whole drawing. Its sign stands in the hue and in
the style of the line: solid for positive, dashed for negative. Of a long layer the first units, the last, and those to
keep are drawn, with dots between. What the numbers mean is not known here: any array a layer will do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.mathematics.numerals import numeral

__all__ = ["Picture", "edge_width", "network_svg", "shown_units"]

NodeKey: TypeAlias = Callable[[int, int], str]
"""(k, i) to a key: layer k from 0, the inputs, and its unit i from 1."""
EdgeKey: TypeAlias = Callable[[int, int, int], str]
"""(k, i, j) to a key: into unit i of layer k, from unit j of layer k − 1, all from 1."""

MOST = 10
"""A layer of at most so many units is drawn whole."""
LONGEST = 14
"""A name of at most so many characters is written whole."""
THINNEST, THICKEST = 0.8, 6.0
"""The widths of an edge of no size, and of the largest."""
GAP, TOP, FOOT = 150, 34, 38
"""Pixels between layers, above them and below them."""
NARROWEST = 290
"""The legend needs so many pixels."""
RADIUS = 15
"""Of a unit, in pixels; one with a value in it is a pill of this height, and wider."""
LETTER = 7.4
"""About the width of a character of a name, in pixels."""
HITTABLE = 60
"""In a drawing of at most so many edges each has a broad invisible twin, so that a pointer finds it."""

STYLE = (
    ":where(.network-drawing){width:100%;height:auto;color:inherit;font:13px system-ui,sans-serif}"
    ":where(.network-drawing .edge){fill:none;opacity:.85}"
    ":where(.network-drawing .positive){stroke:var(--positive,#0072B2)}"
    ":where(.network-drawing .negative){stroke:var(--negative,#D55E00);stroke-dasharray:7 4}"
    ":where(.network-drawing .zero){stroke:currentColor;stroke-dasharray:1 4}"
    ":where(.network-drawing .unknown){stroke:currentColor;stroke-dasharray:1 8}"
    ":where(.network-drawing .frame){stroke:currentColor;stroke-dasharray:none;opacity:.55}"
    ":where(.network-drawing .asked :is(circle,rect)){stroke-width:3}"
    ":where(.network-drawing .hit){stroke:transparent;stroke-width:12;stroke-dasharray:none}"
    ":where(.network-drawing .node :is(circle,rect)){fill:var(--paper,Canvas);stroke:currentColor;stroke-width:1.3}"
    ":where(.network-drawing text){fill:currentColor}"
    ":where(.network-drawing .value){font-size:12px;font-variant-numeric:tabular-nums}"
    ":where(.network-drawing .caption){font-size:12px;opacity:.8}"
)
"""Every rule weighs nothing, so that the page's own rules win."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is drawn.

    Args:
        edges: A number for each edge, an array (d_k, d_{k−1}) a layer, first layer first.
        names: The units' names, a list a layer from the inputs on; an empty list, or none at all, for no names.
        values: A number in each unit, an array (d_k,) a layer from the inputs on; empty for none.
        keep: The units of a layer, from 1, that are drawn whatever their number, by layer from 0.
        digits: How many significant digits are shown.
        marked: What has a frame: an edge (k, i, j), a unit (k, i), or nothing.
    """

    edges: Sequence[NDArray[Any]]
    names: Sequence[Sequence[str]] = ()
    values: Sequence[NDArray[Any]] = ()
    keep: Mapping[int, Sequence[int]] = field(default_factory=dict)
    digits: int = 2
    marked: "tuple[int, ...] | None" = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """(d_0, …, d_L)."""
        return (self.edges[0].shape[1], *(len(edges) for edges in self.edges))

    @property
    def shown(self) -> tuple[tuple[int | None, ...], ...]:
        """The units that are drawn of each layer, None where some are left out."""
        return tuple(shown_units(size, self.keep.get(k, ())) for k, size in enumerate(self.sizes))

    def name(self, k: int, i: int) -> str:
        """A unit's name, or ""."""
        return str(self.names[k][i - 1]) if k < len(self.names) and len(self.names[k]) else ""


class Place(NamedTuple):
    """Where a unit stands, in pixels; `unit` is None for the dots."""

    layer: int
    unit: int | None
    x: float
    y: float


def network_svg(
    picture: Picture,
    *,
    title: str,
    description: str = "",
    legend: str = "size",
    node_key: "NodeKey | None" = None,
    edge_key: "EdgeKey | None" = None,
) -> str:
    """Draw a feed-forward network as one <svg> element that needs no other file.

    Args:
        picture: The numbers and names.
        title: Its name, for those who do not see it.
        description: What it shows, in words.
        legend: What an edge's width means, as a word or two.
        node_key: (k, i) to the `data-cell` of a unit; layers from 0, the inputs, units from 1.
        edge_key: (k, i, j) to the `data-cell` of the edge into unit i of layer k from unit j of the layer before.

    Example:
        >>> network_svg(Picture([np.array([[0.5, -1.0]])]), title="Two inputs, one output")[:46]
        '<svg class="network-drawing" role="img" viewBo'
    """
    places, (width, height) = layout(picture)
    drawn = drawn_edges(picture, places, edge_key)
    nodes = [node(picture, place, node_key) for layer in places for place in layer]
    return (
        f'<svg class="network-drawing" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:{1.2 * width:.0f}px" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc><style>{STYLE}</style>"
        f"{''.join(drawn)}{''.join(nodes)}{captions(picture, places)}{key_to_it(picture, legend, width, height)}</svg>"
    )


def shown_units(size: int, keep: Sequence[int] = (), most: int = MOST) -> tuple[int | None, ...]:
    """The units that are drawn of `size`: all of a few; else the first three, those to keep, and the last two.

    Example:
        >>> shown_units(64, keep=[17])
        (1, 2, 3, None, 17, None, 63, 64)
    """
    if size <= most:
        return tuple(range(1, size + 1))
    kept = sorted({1, 2, 3, size - 1, size, *keep})
    shown: list[int | None] = []
    for before, here in zip([0, *kept], kept, strict=False):
        shown += [None] if here > before + 1 else []
        shown.append(here)
    return tuple(shown)


def edge_width(value: float, largest: float) -> float:
    """The width of an edge in pixels: linear in the size of its number, and never so thin as not to be seen."""
    size = abs(float(value))
    if np.isnan(size) or size == 0 or not largest > 0:
        return THINNEST
    return THINNEST + (THICKEST - THINNEST) * min(1.0, size / largest)


def layout(picture: Picture) -> tuple[tuple[tuple[Place, ...], ...], tuple[float, float]]:
    """The place of every unit, and the width and height of the whole."""
    shown, depth = picture.shown, len(picture.edges)
    half = reach(picture)
    left, right = (half + label_room(picture, k) for k in (0, depth))
    gap = GAP if depth < 3 else GAP - 20
    spare = max(0.0, NARROWEST - left - depth * gap - right)
    left += spare / 2
    most = max(map(len, shown))
    row = 62 if most <= 4 else 46
    height = row * most
    places = tuple(
        tuple(
            Place(k, unit, left + k * gap, TOP + height / 2 + (place - (len(units) - 1) / 2) * row)
            for place, unit in enumerate(units)
        )
        for k, units in enumerate(shown)
    )
    return places, (left + depth * gap + right + spare / 2, TOP + height + FOOT)


def reach(picture: Picture) -> float:
    """How far a unit reaches to either side."""
    return RADIUS * 1.8 if len(picture.values) else RADIUS


def label_room(picture: Picture, k: int) -> float:
    """The room beside the first and the last layer, for the longest name and for the caption."""
    names = [shortened(picture.name(k, unit)) for unit in picture.shown[k] if unit]
    return max(LETTER * max(map(letters, names)) + 12, 24)


def letters(name: str) -> float:
    """How many letters of usual width a name is as long as: capitals and mathematical signs are broader."""
    return len(name) + 0.3 * sum(sign.isupper() or sign in "=<>+~@%mw" for sign in name)


def largest_of(picture: Picture) -> float:
    """The largest finite size of the edges that are drawn, 0 if there is none."""
    sizes = np.array([abs(value) for *_, value in shown_edges(picture)], dtype=float)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def shown_edges(picture: Picture) -> Iterator[tuple[int, int, int, float]]:
    """Layer, unit, unit before and number of each edge that is drawn."""
    shown = picture.shown
    for k, edges in enumerate(picture.edges, start=1):
        for i in filter(None, shown[k]):
            for j in filter(None, shown[k - 1]):
                yield k, i, j, float(edges[i - 1, j - 1])


def drawn_edges(picture: Picture, places: Sequence[Sequence[Place]], key: "EdgeKey | None") -> list[str]:
    """The edges, one element each; one with a frame lies upon the others."""
    drawn: list[str] = []
    above: list[str] = []
    spots = {(place.layer, place.unit): place for layer in places for place in layer}
    edges, largest, half = list(shown_edges(picture)), largest_of(picture), reach(picture)
    for k, i, j, value in edges:
        here, there = spots[k - 1, j], spots[k, i]
        path = f'd="M{here.x + half:.4g} {here.y:.4g}L{there.x - half:.4g} {there.y:.4g}"'
        twin = f'<path class="hit" {path}/>' if len(edges) <= HITTABLE else ""
        width, framed = edge_width(value, largest), picture.marked == (k, i, j)
        frame = f'<path class="frame" stroke-width="{width + 7:.2f}" {path}/>' if framed else ""
        said = f"{called(picture, k - 1, j)} → {called(picture, k, i)}: {written(value, picture.digits + 2)}"
        inside = f"<title>{escape(said)}</title>"
        start = f'class="edge {kind(value)}{" asked" * framed}"{cell(key and key(k, i, j))} stroke-width="{width:.2f}"'
        one = f"<g {start}>{inside}{frame}<path {path}/>{twin}</g>"
        (above if framed else drawn).append(one if frame or twin else f"<path {start} {path}>{inside}</path>")
    return drawn + above


def kind(value: float) -> str:
    """An edge's class: its sign, "zero", or "unknown" for what is no number."""
    return "unknown" if np.isnan(value) else "zero" if value == 0 else "positive" if value > 0 else "negative"


def cell(key: "str | None") -> str:
    """The attribute that the page links by, or nothing."""
    return "" if not key else f' data-cell="{escape(key)}"'


def node(picture: Picture, place: Place, key: "NodeKey | None") -> str:
    """One unit with its name and value, or the dots in place of many."""
    k, i, x, y = place
    if i is None:
        return f'<text class="dots" x="{x:.4g}" y="{y + 5:.4g}" text-anchor="middle" font-size="20">⋮</text>'
    half, inside = reach(picture), ""
    if len(picture.values):
        size = f'width="{2 * half:g}" height="{2 * RADIUS - 4}" rx="13"'
        shape = f'<rect x="{x - half:.4g}" y="{y - RADIUS + 2:.4g}" {size}/>'
        value = written(float(picture.values[k][i - 1]), picture.digits)
        inside = f'<text class="value" x="{x:.4g}" y="{y + 4:.4g}" text-anchor="middle">{value}</text>'
    else:
        shape = f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{RADIUS}"/>'
        if any(None in units for units in picture.shown):
            inside = f'<text class="value" x="{x:.4g}" y="{y + 4:.4g}" text-anchor="middle">{i}</text>'
    asked = " asked" if picture.marked == (k, i) else ""
    return (
        f'<g class="node{asked}"{cell(key and key(k, i))}><title>{escape(called(picture, k, i))}</title>'
        f"{shape}{inside}{label(picture, place)}</g>"
    )


def label(picture: Picture, place: Place) -> str:
    """A unit's name: left of an input, right of an output, above a hidden unit."""
    k, x, y, half = place.layer, place.x, place.y, reach(picture)
    name = shortened(picture.name(k, place.unit or 0))
    if not name:
        return ""
    if k == 0:
        x, y, anchor = x - half - 7, y + 4, "end"
    elif k == len(picture.edges):
        x, y, anchor = x + half + 7, y + 4, "start"
    else:
        y, anchor = y - RADIUS - 4, "middle"
    return f'<text class="name" x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}">{escape(name)}</text>'


def called(picture: Picture, k: int, i: int) -> str:
    """A unit in words, such as "input 2, height"."""
    role = "input" if k == 0 else "output" if k == len(picture.edges) else f"layer {k}, unit"
    name = picture.name(k, i)
    return f"{role} {i}" + (f", {name}" if name and name != str(i) else "")


def shortened(name: str) -> str:
    """A name that fits beside a unit."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def written(value: float, digits: int) -> str:
    """A number with a minus sign that is as wide as a digit."""
    return numeral(value, digits).plain.replace("-", "−")


def captions(picture: Picture, places: Sequence[Sequence[Place]]) -> str:
    """How many units each layer has, above it."""
    texts = []
    for k, (size, layer) in enumerate(zip(picture.sizes, places, strict=True)):
        what = "input" if k == 0 else "output" if k == len(picture.edges) else "unit"
        words = f"{size} {what}{'' if size == 1 else 's'}"
        texts.append(f'<text class="caption" x="{layer[0].x:.4g}" y="20" text-anchor="middle">{words}</text>')
    return "".join(texts)


def key_to_it(picture: Picture, legend: str, width: float, height: float) -> str:
    """The legend: which line is which sign, and how much the broadest is worth."""
    y, x = height - 12, max(width / 2 - 122, 8)
    lines = "".join(
        f'<path class="{sign}" stroke-width="3" d="M{x + shift:.4g} {y - 4:.4g}h28"/>'
        f'<text class="caption" x="{x + shift + 33:.4g}" y="{y:.4g}">{mark}</text>'
        for sign, mark, shift in (("positive", "+", 0), ("negative", "−", 54))
    )
    words = f"{escape(legend)} up to {written(largest_of(picture), picture.digits)}"
    return f'<g class="legend">{lines}<text class="caption" x="{x + 112:.4g}" y="{y:.4g}">width: {words}</text></g>'
