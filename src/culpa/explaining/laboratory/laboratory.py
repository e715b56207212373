# SPDX-License-Identifier: MIT
"""The laboratory: one weight of a small network to turn, beside its loss curve, its tangent and its finite difference.

The page carries the network and its data as JSON, and the forward and backward pass once more in JavaScript
(`laboratory_core.js`, held to the engine by the tests); `laboratory.js` draws. Nothing is computed here.
"""

import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from culpa.explaining.forms.keys import key
from culpa.explaining.forms.naming import isolated, leftward, printable
from culpa.explaining.formulas.activation_formulas import activation_formula
from culpa.explaining.formulas.loss_formulas import loss_row
from culpa.explaining.symbols import Quantity, Role
from culpa.explaining.worth import Worth
from culpa.reporting.mathematics.expressions import Number

__all__ = ["fits", "laboratory", "laboratory_script", "laboratory_style"]

PARAMETERS, EXAMPLES = 30, 50
"""The laboratory is shown for at most so many of each: beyond, a list of parameters is no longer a choice."""
Place = tuple[int, ...]
"""(k, i, j) of a weight into unit i from unit j, (k, i) of a bias; all from 1."""


def fits(worth: Worth) -> bool:
    """Whether a network is small enough for the laboratory, and made of what the page's JavaScript knows."""
    network = worth.network
    parameters = sum(layer.W.size + (0 if layer.b is None else layer.b.size) for layer in network.layers)
    known = all(activation_formula(layer.activation) is not None for layer in network.layers[:-1])
    return parameters <= PARAMETERS and len(worth.X) <= EXAMPLES and known and loss_row(network.loss) is not None


def laboratory(
    worth: Worth,
    digits: int,
    *,
    names: "tuple[Sequence[str], Sequence[str]]" = ((), ()),
    focus: "Quantity | None" = None,
) -> str:
    """Write the laboratory's part of the page; its script and style are asked for apart.

    Args:
        worth: The network with its batch.
        digits: How many significant digits are shown beside the sliders.
        names: The inputs' names, and the outputs', where they have any.
        focus: What the page is about: a parameter, with which it begins, or anything else, or nothing.
    """
    places = list(places_of(worth))
    data = {**network_of(worth), "digits": digits, "places": places}
    data["cells"] = {cell: number for number, place in enumerate(places) for cell in cells_of(place)}
    template = source("laboratory.html").split("\n", 1)[1]
    blocks = {
        "<!--options-->": options(worth, places, names, data["cells"].get(None if focus is None else key(focus))),
        "<!--what-->": what_is_drawn(worth),
        "<!--data-->": as_json(data),
    }
    for mark, text in blocks.items():
        template = template.replace(mark, text)
    return template


def laboratory_script() -> str:
    """The JavaScript that the fragment needs, to be put into one script element."""
    return "\n".join(source(name) for name in ("laboratory_core.js", "laboratory.js"))


def laboratory_style() -> str:
    """The style that the fragment needs; the page's own rules win over it."""
    return source("laboratory.css")


def source(name: str) -> str:
    """A file that lies beside this one."""
    return files("culpa.explaining.laboratory").joinpath(name).read_text(encoding="utf-8")


def as_json(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in, whatever the names are."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def network_of(worth: Worth) -> dict[str, Any]:
    """The network and its batch as plain lists, every number to its last digit."""
    network = worth.network
    layers = [
        {"W": layer.W.tolist(), "b": None if layer.b is None else layer.b.tolist(), "activation": layer.activation.name}
        for layer in network.layers
    ]
    return {
        "layers": layers,
        "loss": network.loss.name,
        "l2": float(network.l2),
        "X": worth.X.tolist(),
        "T": worth.targets.tolist(),
        "w": worth.gradient.w.tolist(),
    }


def places_of(worth: Worth) -> Iterator[Place]:
    """Every weight and bias, layer by layer."""
    for k, layer in enumerate(worth.network.layers, start=1):
        units, before = layer.W.shape
        yield from ((k, i, j) for i in range(1, units + 1) for j in range(1, before + 1))
        yield from () if layer.b is None else ((k, i) for i in range(1, units + 1))


def cells_of(place: Place) -> Iterator[str]:
    """The `data-cell` of whatever stands for a parameter on the page: a click there chooses it."""
    roles: tuple[Role, ...] = ("W", "dW", "∇W") if len(place) == 3 else ("b", "db", "∇b")
    layer, *entry = map(Number, place)
    return (key(Quantity(role, layer, tuple(entry))) for role in roles)


def options(
    worth: Worth, places: Sequence[Place], names: tuple[Sequence[str], Sequence[str]], first: "int | None"
) -> str:
    """The list of parameters, in groups; each by the two units that it joins, whatever a notation's order is."""
    groups: dict[str, list[str]] = {}
    for number, (k, *units) in enumerate(places):
        group = f"layer {k}: {'weights' if len(units) == 2 else 'biases'}"
        into = unit_name(worth, k, units[0], names)
        words = f"{unit_name(worth, k - 1, units[1], names)} → {into}" if len(units) == 2 else f"bias of {into}"
        chosen = " selected" if number == first else ""
        groups.setdefault(group, []).append(f'<option value="{number}"{chosen}>{escape(words)}</option>')
    return "\n".join(f'<optgroup label="{group}">{"".join(lines)}</optgroup>' for group, lines in groups.items())


def unit_name(worth: Worth, k: int, i: int, names: tuple[Sequence[str], Sequence[str]]) -> str:
    """A unit in words, with its name where it has one."""
    role, own = ("input", names[0]) if k == 0 else ("output", names[1]) if k == worth.depth else ("unit", ())
    name = printable(own[i - 1]) if len(own) else ""
    return f"{role} {i}" + (f", {isolated(name, leftward([name]))}" if name else "")


def what_is_drawn(worth: Worth) -> str:
    """The objective in words."""
    n, penalty = len(worth.X), " with the penalty" if worth.network.l2 else ""
    return f"the loss{penalty} of the one example" if n == 1 else f"the mean loss{penalty} of all {n} examples"
