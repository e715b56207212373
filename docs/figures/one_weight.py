# SPDX-License-Identifier: MIT
"""Draws `one_weight.svg`: one weight's gradient is the product of two numbers, and the matrix is their outer product.

Every number in the picture comes from `culpa.gradient`. Run `python docs/figures/one_weight.py` to write it again.
"""

from pathlib import Path

import numpy as np

import culpa

WIDTH, HEIGHT = 830, 300
UNIT, INPUT = 1, 2  # of the output layer and of the hidden layer, from 0: the weight that is shown
STYLE = """
  text { font: 15px system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 12.5px; fill: #59636e; }
  .strong { font-weight: 600; }
  .node { fill: #fff; stroke: #8c959f; stroke-width: 1.5; }
  .edge { stroke: #c8ced5; stroke-width: 1.2; }
  .rule { stroke: #59636e; stroke-width: 1.4; fill: none; }
  .h { fill: #0072b2; } .d { fill: #c14a00; } .p { fill: #8e3a70; }
  .hbox { fill: #0072b2; fill-opacity: .13; stroke: #0072b2; }
  .dbox { fill: #d55e00; fill-opacity: .13; stroke: #d55e00; }
  .pbox { fill: #cc79a7; fill-opacity: .22; stroke: #a3527f; }
  .hot { stroke: #a3527f; stroke-width: 3.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9da7b1; }
    .node { fill: #0d1117; stroke: #7d8590; } .edge { stroke: #3d444d; } .rule { stroke: #9da7b1; }
    .h { fill: #56b4e9; } .d { fill: #f08a3c; } .p { fill: #e59bc3; }
    .hbox { stroke: #56b4e9; fill: #56b4e9; } .dbox { stroke: #e69f00; fill: #e69f00; }
    .pbox { stroke: #e59bc3; fill: #e59bc3; } .hot { stroke: #e59bc3; }
  }
"""


def example() -> culpa.Gradient:
    """A network 2-3-2 with numbers that can be followed by hand, and one example."""
    network = culpa.Network.from_arrays(
        [[[0.5, -0.1], [0.8, 0.2], [-0.6, 0.9]], [[0.4, -0.7, 0.2], [-0.1, 0.6, -0.8]]],
        [[0.1, 0.0, -0.2], [0.0, 0.1]],
        hidden="tanh",
        loss="squared_error",
    )
    return culpa.gradient(network, [[1.0, 2.0]], [[0.5, 0.5]])


def number(value: float) -> str:
    """Two decimals with a real minus sign."""
    return f"{value:.2f}".replace("-", "−")


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> str:
    """One line of text."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{words}</text>'


def node(x: float, y: float, box: str) -> list[str]:
    """A unit: opaque, so that edges end at its rim, and tinted if it is one of the two that are shown."""
    circle = f'<circle cx="{x:g}" cy="{y:g}" r="27" class="{{}}"/>'
    return [circle.format("node"), *([circle.format(box)] if box else [])]


def network_drawing(h: np.ndarray, delta: np.ndarray) -> list[str]:
    """The hidden layer and the output layer, every edge, and the one that is shown."""
    left, right = 70, 235
    hidden = [(left, 75 + 75 * j) for j in range(len(h))]
    output = [(right, 112 + 75 * i) for i in range(len(delta))]
    parts = [text(left, 34, "h", "h strong"), text(right, 34, "δ", "d strong")]
    for i, (x2, y2) in enumerate(output):
        for j, (x1, y1) in enumerate(hidden):
            kind = "edge hot" if (i, j) == (UNIT, INPUT) else "edge"
            parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>')
    for j, (x, y) in enumerate(hidden):
        parts += node(x, y, "hbox" if j == INPUT else "")
        parts.append(text(x, y + 5, number(h[j]), "h strong" if j == INPUT else "h"))
    for i, (x, y) in enumerate(output):
        parts += node(x, y, "dbox" if i == UNIT else "")
        parts.append(text(x, y + 5, number(delta[i]), "d strong" if i == UNIT else "d"))
    return parts


def brackets(x: float, y: float, width: float, height: float) -> str:
    """A matrix's two brackets."""
    left = f"M{x + 6:g} {y:g}h-6v{height:g}h6"
    right = f"M{x + width - 6:g} {y:g}h6v{height:g}h-6"
    return f'<path d="{left} {right}" class="rule"/>'


def matrix(x: float, y: float, cells: np.ndarray, kind: str, marked: set[tuple[int, int]]) -> list[str]:
    """A matrix of numbers with its brackets; the marked cells stand in a box."""
    rows, columns = cells.shape
    parts = [brackets(x, y, 62 * columns + 8, 40 * rows + 4)]
    for (i, j), value in np.ndenumerate(cells):
        left, top = x + 4 + 62 * j, y + 2 + 40 * i
        if (i, j) in marked:
            parts.append(f'<rect x="{left + 2:g}" y="{top + 3:g}" width="58" height="34" rx="6" class="{kind}box"/>')
        parts.append(text(left + 31, top + 25, number(value), f"{kind}{' strong' if (i, j) in marked else ''}"))
    return parts


def draw() -> str:
    """The whole picture as SVG."""
    layer = example().layers[1]
    h, delta, weight = layer.h[0], layer.delta[0], layer.weight
    words = f"{number(delta[UNIT])} × {number(h[INPUT])} = {number(layer.entry(UNIT, INPUT))}"
    x, y = 310, 78
    parts = [
        *network_drawing(h, delta),
        *matrix(x, y, delta[:, None], "d", {(UNIT, 0)}),
        text(x + 35, y - 14, "δ", "d strong"),
        *matrix(x + 82, y + 20, h[None, :], "h", {(0, INPUT)}),
        text(x + 82 + 97, y - 14, "hᵀ", "h strong"),
        text(x + 295, y + 47, "="),
        text(x + 374, y - 14, "∂ℓ/∂W = δ hᵀ", "p strong"),
    ]
    product = matrix(0, 0, weight, "p", {(UNIT, INPUT)})
    parts += [
        f'<g transform="translate({x + 308} {y})">',
        *product,
        "</g>",
        text(x, 218, f"∂ℓ/∂W₂[{UNIT + 1},{INPUT + 1}] = δ₂[{UNIT + 1}] · h₁[{INPUT + 1}] = {words}", "strong", "start"),
        text(x, 246, "one example: the error that arrives at the weight’s end,", "small", "start"),
        text(x, 264, "times the signal that left from its beginning", "small", "start"),
    ]
    label = f"One weight's gradient is the product of two numbers: {words}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return "\n".join([head, f"<title>{label}</title>", f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    target = Path(__file__).with_suffix(".svg")
    target.write_text(draw(), encoding="utf-8")
    print(f"wrote {target.name}")
