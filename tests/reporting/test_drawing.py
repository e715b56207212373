# SPDX-License-Identifier: MIT
"""The network drawing says what it is given: which edges, how large, of which sign; and is sound XML, not too long."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from culpa.reporting.drawing import MOST, THICKEST, THINNEST, Picture, edge_width, letters, network_svg, shown_units

SVG = "{http://www.w3.org/2000/svg}"
SIGNS = ("positive", "negative", "zero", "unknown")


def random_edges(*sizes, seed=0):
    """A number for each edge between layers of these sizes."""
    random = np.random.default_rng(seed)
    return [random.normal(size=(after, before)) for before, after in pairwise(sizes)]


def edge_key(k, i, j):
    """What an edge is called here."""
    return f"W-{k}-{i}-{j}"


def node_key(k, i):
    """What a unit is called here."""
    return f"h-{k}-{i}"


def drawn(picture, title="A network", **options):
    """The drawing as a tree of elements; sound XML or no tree."""
    return ET.fromstring(network_svg(picture, title=title, node_key=node_key, edge_key=edge_key, **options))


def groups(tree, kind):
    """The edges or nodes by their keys."""
    found = [one for one in tree.iter() if one.get("class", "").split(" ")[0] == kind]
    keys = [group.get("data-cell") for group in found]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, found, strict=True))


def width(edge):
    """How broad an edge is drawn."""
    return float(edge.get("stroke-width"))


def contradictions(tree, edges):
    """The edges whose sign, or whose place in the order of widths, is not that of their number."""
    found = groups(tree, "edge")
    values = {
        edge_key(k, i + 1, j + 1): value for k, layer in enumerate(edges, 1) for (i, j), value in np.ndenumerate(layer)
    }
    wrong = [key for key, value in values.items() if ("positive" in found[key].get("class")) != (value > 0)]
    ranked = sorted(values, key=lambda key: abs(values[key]))
    wrong += [other for one, other in pairwise(ranked) if width(found[other]) < width(found[one])]
    return wrong


@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 3, 2), (1, 1), (1, 1, 1), (10, 10, 10), (4, 1)])
def test_a_small_network_is_drawn_with_every_unit_and_every_edge(sizes):
    tree = drawn(Picture(random_edges(*sizes)))
    assert len(groups(tree, "edge")) == sum(before * after for before, after in pairwise(sizes))
    assert set(groups(tree, "node")) == {node_key(k, i) for k, size in enumerate(sizes) for i in range(1, size + 1)}
    assert not [text for text in tree.iter(f"{SVG}text") if text.text == "⋮"]


def test_widths_grow_with_the_size_and_the_class_is_the_sign():
    edges = random_edges(3, 4, 2)
    assert contradictions(drawn(Picture(edges)), edges) == []
    largest = max(groups(drawn(Picture(edges)), "edge").values(), key=width)
    assert width(largest) == THICKEST


def test_a_drawing_of_other_numbers_is_told_apart():
    edges = random_edges(3, 4, 2)
    flipped = [layer.copy() for layer in edges]
    flipped[1][0, 2] *= -1
    assert contradictions(drawn(Picture(flipped)), edges) == ["W-2-1-3"]
    swapped = [layer.copy() for layer in edges]
    swapped[0][[0, 1]] = swapped[0][[1, 0]]
    assert contradictions(drawn(Picture(swapped)), edges)


def test_the_sign_stands_in_the_line_and_not_in_the_hue_alone():
    style = drawn(Picture(random_edges(2, 2))).find(f"{SVG}style").text
    rules = dict(re.findall(r":where\(\.network-drawing \.(\w+)\)\{([^}]*)\}", style))
    assert {"dasharray" in rules[sign] for sign in SIGNS if sign != "positive"} == {True}
    assert "dasharray" not in rules["positive"]
    assert "var(--positive,#0072B2)" in rules["positive"]
    assert "var(--negative,#D55E00)" in rules["negative"]


def test_zero_nan_and_infinity_have_a_width_and_a_class():
    tree = drawn(Picture([np.array([[0.0, np.nan, np.inf, -2.0, -np.inf, 1.0]])]))
    found = list(groups(tree, "edge").values())
    kinds = [edge.get("class").split()[1] for edge in found]
    assert kinds == ["zero", "unknown", "positive", "negative", "negative", "positive"]
    assert [width(edge) for edge in found] == pytest.approx(
        [THINNEST, THINNEST, THICKEST, THICKEST, THICKEST, (THINNEST + THICKEST) / 2], abs=0.005
    )
    assert [edge.find(f"{SVG}title").text.split(": ")[1] for edge in found] == ["0", "–", "∞", "−2", "−∞", "1"]


def test_edges_that_are_all_zero_are_all_thin():
    found = groups(drawn(Picture([np.zeros((2, 3))])), "edge").values()
    assert {width(edge) for edge in found} == {THINNEST}
    assert edge_width(0.0, 0.0) == THINNEST


def test_long_layers_keep_their_ends_and_what_is_asked_for():
    tree = drawn(Picture(random_edges(64, 64, 32, 10), keep={0: [40], 1: [17, 18]}))
    shown = [[1, 2, 3, 40, 63, 64], [1, 2, 3, 17, 18, 63, 64], [1, 2, 3, 31, 32], list(range(1, 11))]
    assert list(groups(tree, "node")) == [node_key(k, i) for k, units in enumerate(shown) for i in units]
    assert set(groups(tree, "edge")) == {edge_key(k, i, j) for k in (1, 2, 3) for i in shown[k] for j in shown[k - 1]}
    assert sum(text.text == "⋮" for text in tree.iter(f"{SVG}text")) == 5


@pytest.mark.parametrize(
    ("size", "keep", "expected"),
    [
        (MOST, (), tuple(range(1, MOST + 1))),
        (MOST + 1, (), (1, 2, 3, None, MOST, MOST + 1)),
        (64, (64, 1), (1, 2, 3, None, 63, 64)),
        (64, (4, 62), (1, 2, 3, 4, None, 62, 63, 64)),
    ],
)
def test_dots_stand_where_units_are_left_out_and_nowhere_else(size, keep, expected):
    assert shown_units(size, keep) == expected


def test_a_real_network_stays_within_a_few_hundred_elements():
    names = [[f"pixel {i}" for i in range(64)], [], [], list("0123456789")]
    text = network_svg(Picture(random_edges(64, 64, 32, 10), names), title="t", node_key=node_key, edge_key=edge_key)
    drawing = [element for element in ET.fromstring(text).iter() if not element.tag.endswith("title")]
    assert len(drawing) < 400
    assert len(text) < 30_000


def test_names_are_escaped_and_shortened_and_told_in_full():
    hostile = '<script>alert("1")</script> & so on'
    text = network_svg(Picture(random_edges(1, 1), [[hostile], ["b"]]), title=hostile, description=hostile)
    tree = ET.fromstring(text)
    assert "<script" not in text
    assert tree.find(f"{SVG}title").text == tree.find(f"{SVG}desc").text == hostile
    label = next(element for element in tree.iter(f"{SVG}text") if element.get("class") == "name")
    assert label.text == "<script>alert…"
    assert f"input 1, {hostile}" in [title.text for title in tree.iter(f"{SVG}title")]


def test_a_hostile_key_stays_in_its_attribute():
    text = network_svg(Picture(random_edges(1, 1)), title="t", edge_key=lambda *_: '"><b>')
    assert next(iter(groups(ET.fromstring(text), "edge"))) == '"><b>'


def test_values_stand_in_the_units_with_a_true_minus():
    tree = drawn(Picture(random_edges(2, 1), values=[np.array([0.5, -0.256]), np.array([1.0])]))
    values = [text.text for text in tree.iter(f"{SVG}text") if text.get("class") == "value"]
    assert values == ["0.5", "−0.26", "1"]


def test_it_is_an_image_with_a_name_and_scales_with_its_place():
    tree = drawn(Picture(random_edges(2, 3, 2)), title="Two layers", description="In words.", legend="|∂L/∂W|")
    assert (tree.get("role"), tree[0].text, tree[1].text) == ("img", "Two layers", "In words.")
    assert tree.get("width") is None
    assert re.fullmatch(r"0 0 \d+(\.\d+)? \d+", tree.get("viewBox"))
    assert any("|∂L/∂W| up to" in (text.text or "") for text in tree.iter(f"{SVG}text"))


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3, 2), (64, 64, 32, 10), (10, 1, 10)])
def test_everything_lies_inside_the_view(sizes):
    tree = drawn(Picture(random_edges(*sizes), [["a long name for one"] * sizes[0]]))
    wide, high = map(float, tree.get("viewBox").split()[2:])
    for circle in tree.iter(f"{SVG}circle"):
        x, y, r = (float(circle.get(name)) for name in ("cx", "cy", "r"))
        assert r <= x <= wide - r
        assert r <= y <= high - r


def test_no_two_units_stand_in_one_place():
    tree = drawn(Picture(random_edges(64, 10, 3)))
    spots = [(circle.get("cx"), circle.get("cy")) for circle in tree.iter(f"{SVG}circle")]
    assert len(set(spots)) == len(spots)


def test_what_is_marked_has_a_frame_and_nothing_else_has():
    edges = random_edges(2, 3, 2)
    for marked, kind in (((2, 1, 3), "edge"), ((1, 3), "node"), ((0, 2), "node")):
        tree = drawn(Picture(edges, marked=marked))
        asked = [one.get("data-cell") for one in tree.iter() if "asked" in one.get("class", "").split()]
        assert asked == [edge_key(*marked) if kind == "edge" else node_key(*marked)]
    # The marked edge lies upon all others, and its frame is broader than itself.
    tree = drawn(Picture(edges, marked=(2, 1, 3)))
    last = list(groups(tree, "edge").values())[-1]
    assert last.get("data-cell") == "W-2-1-3"
    assert float(next(one for one in last if one.get("class") == "frame").get("stroke-width")) > width(last)
    assert not [one for one in drawn(Picture(edges)).iter() if "asked" in one.get("class", "")]


def test_where_units_are_left_out_those_drawn_bear_their_numbers():
    tree = drawn(Picture(random_edges(64, 3), keep={0: [17]}))
    found = {key: [one.text for one in node.iter(f"{SVG}text")] for key, node in groups(tree, "node").items()}
    assert found["h-0-17"] == ["17"]
    assert found["h-1-2"] == ["2"]
    assert [one.text for one in groups(drawn(Picture(random_edges(4, 3))), "node")["h-1-2"].iter(f"{SVG}text")] == []


def test_names_of_broad_signs_get_more_room_than_others_of_as_many():
    assert letters("illicit") == 7
    assert letters("MB = <b>") > letters("illicit.") + 1
