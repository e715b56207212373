# SPDX-License-Identifier: MIT
"""What lights up: pages are hovered, tabbed, stepped through and tapped, and say the engine's numbers in words."""

import re
from functools import cache

import numpy as np
import pytest

import culpa
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_html import to_html
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from tests.tables.plain import number_columns

SMALL = small_example([3, 3, 2], seed=1)
GRADIENT = culpa.gradient(*SMALL)


@cache
def text_in(notation):
    """The page of the small network in a notation."""
    return to_html(explain(*SMALL, notation=notation))


@pytest.fixture
def page(open_page):
    """The page of the small network."""
    return open_page(text_in("note"))


def lit(page, kind="lit"):
    """The keys of what is lit, nodes of the drawing aside, which stand for several things."""
    keys = page.eval_on_selector_all(f".{kind}:not(.node)", "all => all.map(one => one.getAttribute('data-cell'))")
    return set(keys)


def words(page):
    """What the live region says."""
    return page.locator(".status [role=status]").inner_text()


def cell(page, key, place=0):
    """One of the cells of matrices with a key."""
    return page.locator(f'mtd > [data-cell="{key}"]').nth(place)


def numbers(text):
    """The numbers in a sentence, indices left out."""
    return [float(found.replace("minus ", "-")) for found in re.findall(r"(?:minus )?\d+\.\d+", text)]


def says_the_engine_s(text, i, j):
    """Whether a sentence says δ, h and their product for a weight of layer 2, to the digits that are shown."""
    block = GRADIENT.layers[1]
    delta, h = block.delta[0, i - 1], block.h[0, j - 1]
    return np.allclose(numbers(text), [delta, h, delta * h], rtol=6e-4, atol=0)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_weight_s_derivative_lights_its_row_its_column_and_its_edge(open_page, notation):
    page = open_page(text_in(notation))
    for place in range(page.locator('mtd > [data-cell="dW-2-1-3"]').count()):
        cell(page, "dW-2-1-3", place).hover()
        assert lit(page, "own") == {"dW-2-1-3"}
        assert lit(page) == {"dW-2-1-3", "W-2-1-3", "DW-2-1-3", "delta-2-1", "h-1-3"}
        assert page.locator(".network-drawing .edge.lit").count() == 1
        nodes = page.locator(".network-drawing .node.lit").evaluate_all("all => all.map(one => one.dataset.cell)")
        assert nodes == ["h-1-3 delta-1-3", "h-2-1 delta-2-1"]
        assert page.locator(".words.speaks").count() >= 1
        assert says_the_engine_s(words(page), 1, 3)
    page.mouse.move(1, 1)
    assert lit(page) == set()
    assert words(page) == ""


@pytest.mark.parametrize("notation", NOTATIONS)
def test_it_is_said_of_which_rows_a_number_is(open_page, notation):
    page = open_page(text_in(notation))
    whose = {"dW-2-1-3": "row 0", "delta-1-2": "row 0", "DW-2-1-3": "all 3 rows", "W-2-1-3": None, "b-1-2": None}
    for key, said in whose.items():
        cell(page, key).hover()
        small = page.locator(".said small")
        assert (small.inner_text() if small.count() else None) == said, key
        assert words(page).endswith(f", {said}") == bool(said)


def test_the_words_of_another_cell_or_with_another_sign_are_refused(page):
    cell(page, "dW-2-1-3").hover()
    right = words(page)
    assert not says_the_engine_s(right, 2, 3)
    assert not says_the_engine_s(right, 1, 2)
    assert not says_the_engine_s(right.replace("minus ", "", 1), 1, 3)


def test_an_edge_an_error_and_an_output_light_what_belongs_to_them(page):
    page.locator('.network-drawing .edge[data-cell="dW-2-1-2"]').dispatch_event("pointerover")
    assert {"dW-2-1-2", "delta-2-1", "h-1-2"} <= lit(page)
    assert says_the_engine_s(words(page), 1, 2)
    cell(page, "delta-1-2").hover()
    assert {"delta-1-2", "a-1-2", "h-1-2", "slope-1-2", "dh-1-2", "dW-1-2-1", "dW-1-2-2", "dW-1-2-3"} <= lit(page)
    assert not {"dW-1-1-2", "delta-1-1"} & lit(page)
    cell(page, "h-1-2").hover()
    assert {"a-1-2", "dW-2-1-2", "dW-2-2-2"} <= lit(page)
    cell(page, "b-2-1").hover()
    assert {"db-2-1", "delta-2-1"} <= lit(page)


def test_an_edge_that_stands_in_no_matrix_says_its_numbers_too(open_page):
    network = culpa.Network.fresh([12, 11, 2], hidden="tanh", loss="cross_entropy", seed=0)
    random = np.random.default_rng(0)
    X, y = random.normal(size=(4, 12)), random.integers(2, size=4)
    page = open_page(to_html(explain(network, X, y)))
    assert page.locator('mtd [data-cell="dW-1-3-11"]').count() == 0
    page.locator('.edge[data-cell="dW-1-3-11"]').dispatch_event("pointerover")
    block = culpa.gradient(network.astype("float64"), X, y).layers[0]
    shown = [float(found.replace("−", "-")) for found in re.findall(r"−?\d+\.\d+(?:e[−-]\d+)?", words(page))]
    assert shown[-1] == pytest.approx(block.delta[0, 2] * block.h[0, 10], rel=6e-4)
    assert shown[-1] != pytest.approx(block.delta[0, 2] * block.h[0, 9], rel=6e-4)


def test_arrows_step_through_a_matrix_of_which_one_cell_is_a_tab_stop(page):
    table = page.locator("mtable", has=page.locator('[data-cell="dW-2-1-1"]')).first
    table.locator('[data-cell="dW-2-1-1"]').focus()
    steps = {"ArrowRight": "1-2", "ArrowDown": "2-2", "End": "2-3", "ArrowUp": "1-3", "Home": "1-1", "ArrowLeft": "1-1"}
    for key, place in steps.items():
        page.keyboard.press(key)
        assert lit(page, "own") == {f"dW-2-{place}"}
        assert says_the_engine_s(words(page), *map(int, place.split("-")))
        assert table.locator('[tabindex="0"]').count() == 1
        assert page.evaluate("document.activeElement.getAttribute('data-cell')") == f"dW-2-{place}"
    page.keyboard.press("Escape")
    assert lit(page) == set()
    assert words(page) == ""


def test_dots_are_passed_over(open_page):
    network = culpa.Network.fresh([9, 8, 2], hidden="tanh", loss="cross_entropy", seed=0)
    random = np.random.default_rng(0)
    page = open_page(to_html(explain(network, random.normal(size=(4, 9)), random.integers(2, size=4))))
    cell(page, "dW-1-1-2").focus()
    page.keyboard.press("ArrowRight")
    assert lit(page, "own") == {"dW-1-1-9"}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert lit(page, "own") == {"dW-1-8-9"}


def test_the_keyboard_goes_through_the_page_in_the_order_of_the_proof(page):
    stops = []
    for _ in range(400):
        page.keyboard.press("Tab")
        section = page.evaluate("document.activeElement.closest('section')?.id ?? ''")
        if section == "laboratory":
            break
        stops += [section] if section and section not in stops[-1:] else []
    assert stops == ["forward", "output", "hidden", "weights", "bias", "batch"]
    assert page.locator("main [tabindex='0']").count() < 80


def test_a_tap_keeps_what_it_lights_until_another_beside_it(open_page):
    page = open_page(text_in("note"), has_touch=True, viewport={"width": 375, "height": 800})
    cell(page, "dW-2-1-1").tap()
    assert says_the_engine_s(words(page), 1, 1)
    page.locator("h1").tap()
    assert lit(page) == set()


def test_the_focused_cell_stays_lit_when_the_pointer_has_been_elsewhere(page):
    cell(page, "dW-2-1-1").focus()
    cell(page, "dW-2-2-2").hover()
    assert says_the_engine_s(words(page), 2, 2)
    page.mouse.move(1, 1)
    assert says_the_engine_s(words(page), 1, 1)


def test_names_from_data_are_shown_as_they_are_and_never_run(open_page):
    names = ('<script>alert("1")</script>', "<img src=x onerror=alert(2)>", "a,b")
    columns = number_columns(names, (0.0,) * 3, (1.0,) * 3, "target", ("</script>", '"quotes"'))
    network = culpa.Network(SMALL.network.layers, SMALL.network.loss, columns=columns)
    page = open_page(to_html(explain(network, SMALL.X, SMALL.y)))
    page.on("dialog", lambda dialog: pytest.fail("a name was run"))
    for place, name in enumerate(names, 1):
        cell(page, f"h-0-{place}").hover()
        assert page.locator(".said b").inner_text() == name
        assert words(page).startswith(f"{name}: ")
        assert page.locator(".said bdi").inner_text() == name
    assert page.locator(".said").locator("script, img").count() == 0
