# SPDX-License-Identifier: MIT
"""The laboratory in a browser: it is scrubbed by keyboard and mouse, and shows the engine's numbers at every point."""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.explaining.laboratory.laboratory import places_of
from culpa.explaining.worth import worth_of

X = np.array([[0.1, -0.6], [1.3, 0.4], [-0.5, 0.9], [0.7, -1.1], [-1.2, -0.3], [0.4, 0.8]])
Y = [0, 1, 1, 0, 1, 0]
NETWORK = Network.fresh([2, 3, 2], hidden="tanh", loss="cross_entropy", l2=0.01, seed=1, dtype="float64")
PLACES = list(places_of(worth_of(NETWORK, X, Y)))


@pytest.fixture(scope="module")
def text():
    """The page of a network of 2, 3 and 2 units."""
    return culpa.explain(NETWORK, X, Y).to_html()


@pytest.fixture
def page(text, open_page):
    """The same, in a browser."""
    return open_page(text)


def number(page, name):
    """A number of the table, as it is read."""
    return float(page.locator(f".laboratory .{name}").inner_text().replace("−", "-"))


def turned(index, w):
    """The engine's loss and slope with one parameter at another value."""
    theta = culpa.flatten(NETWORK).copy()
    theta[index] = w
    there = culpa.gradient(culpa.unflatten(NETWORK, theta), X, Y)
    return there.objective, there.total()[index]


def where(page, index):
    """The value at which a parameter stands: the slider goes by 2, or half as much again, to either side."""
    own = culpa.flatten(NETWORK)[index]
    return own + max(2, 1.5 * abs(own)) * int(page.locator(".laboratory .value").input_value()) / 100


def assert_the_engine_s_numbers(page, index):
    """Refuse any of the numbers shown that is not the engine's at the point where the sliders stand."""
    w, h = where(page, index), 10 ** float(page.locator(".laboratory .step").input_value())
    exact, finite = turned(index, w)[1], (turned(index, w + h)[0] - turned(index, w - h)[0]) / (2 * h)
    assert number(page, "value-shown") == pytest.approx(w, rel=1e-3)
    assert number(page, "step-shown") == pytest.approx(h, rel=0.1)
    assert number(page, "exact") == pytest.approx(exact, rel=1e-11)
    assert number(page, "finite") == pytest.approx(finite, rel=1e-11, abs=4e-16 / h)
    assert number(page, "apart") == pytest.approx(abs(finite - exact), rel=0.06, abs=4e-16 / h)


def test_it_opens_at_the_network_s_own_numbers(page):
    assert page.locator(".laboratory").is_visible()
    assert page.locator(".laboratory .value").input_value() == "0"
    assert where(page, 0) == NETWORK.layers[0].W[0, 0]
    assert_the_engine_s_numbers(page, 0)


def test_arrow_keys_scrub_the_weight_and_the_step(page):
    page.locator(".laboratory .value").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    assert page.locator(".laboratory .value").input_value() == "7"
    assert_the_engine_s_numbers(page, 0)
    page.keyboard.press("Tab")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    assert page.locator(".laboratory .step").input_value() == "-1.75"
    assert_the_engine_s_numbers(page, 0)
    assert "loss" in page.locator(".laboratory .value").get_attribute("aria-valuetext")


def test_the_mouse_scrubs_on_the_slider_and_in_the_plot(page):
    slider = page.locator(".laboratory .value")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    assert int(slider.input_value()) > 40
    assert_the_engine_s_numbers(page, 0)
    plot = page.locator(".laboratory .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 90, steps=4)
    page.mouse.up()
    assert int(slider.input_value()) < -20
    assert_the_engine_s_numbers(page, 0)
    dot = page.locator(".laboratory .plot .here").bounding_box()
    assert dot["x"] + dot["width"] / 2 == pytest.approx(box["x"] + 0.3 * box["width"], abs=4)


def test_every_parameter_can_be_chosen(page):
    for index in range(len(PLACES)):
        page.locator(".laboratory .parameter").select_option(str(index))
        page.locator(".laboratory .value").fill("-31")
        assert_the_engine_s_numbers(page, index)


def test_an_edge_of_the_drawing_and_a_cell_of_a_matrix_choose_their_weight(page):
    parameter = page.locator(".laboratory .parameter")
    page.locator('.network-drawing [data-cell="dW-2-1-3"] .hit').dispatch_event("click")
    assert parameter.input_value() == str(PLACES.index((2, 1, 3)))
    assert_the_engine_s_numbers(page, PLACES.index((2, 1, 3)))
    page.locator('#derivation [data-cell="dW-1-2-1"]').first.click()
    assert parameter.input_value() == str(PLACES.index((1, 2, 1)))
    page.locator('#derivation [data-cell="db-1-2"]').first.dispatch_event("keydown", {"key": "Enter", "bubbles": True})
    assert parameter.input_value() == str(PLACES.index((1, 2)))


def test_arrows_in_a_matrix_choose_as_a_click_does(page):
    parameter = page.locator(".laboratory .parameter")
    page.locator('mtd > [data-cell="dW-2-1-1"]').first.focus()
    for key, place in (("ArrowRight", (2, 1, 2)), ("ArrowDown", (2, 2, 2)), ("End", (2, 2, 3)), ("Home", (2, 2, 1))):
        page.keyboard.press(key)
        assert parameter.input_value() == str(PLACES.index(place))
        assert_the_engine_s_numbers(page, PLACES.index(place))
    # Its own sliders are moved by arrows too, and stay with their parameter.
    page.locator(".laboratory .value").focus()
    page.keyboard.press("ArrowRight")
    assert parameter.input_value() == str(PLACES.index((2, 2, 1)))
    assert page.locator(".laboratory .value").input_value() == "1"


def test_it_opens_with_the_weight_or_the_bias_that_is_asked_for(open_page):
    for asked, place in (({"weight": (2, 1, 3)}, (2, 1, 3)), ({"bias": (1, 2)}, (1, 2)), ({"unit": (1, 2)}, (1, 1, 1))):
        page = open_page(culpa.explain(NETWORK, X, Y, **asked).to_html())
        assert page.locator(".laboratory .parameter").input_value() == str(PLACES.index(place))
        assert_the_engine_s_numbers(page, PLACES.index(place))


def test_it_says_of_which_loss_the_slope_is(page):
    assert "the mean loss with the penalty of all 6 examples" in page.locator(".laboratory caption").inner_text()


def test_back_brings_the_parameter_s_own_value(page):
    page.locator(".laboratory .value").fill("55")
    page.locator(".laboratory .back").click()
    assert page.locator(".laboratory .value").input_value() == "0"
    assert_the_engine_s_numbers(page, 0)


def test_the_difference_closes_in_and_then_drowns_in_rounding_and_it_is_said(page):
    apart, words = {}, {}
    for power in range(0, -13, -1):
        page.locator(".laboratory .step").fill(str(power))
        apart[power], words[power] = number(page, "apart"), page.locator(".laboratory .verdict").inner_text()
    assert apart[0] > apart[-1] > apart[-2] > apart[-3] > apart[-4]
    assert apart[-5] < 1e-9
    assert apart[-12] > 1e3 * apart[-5]
    assert "bend of the curve" in words[-1]
    assert "What is left is rounding" in words[-12]
    assert "rounding" not in words[-2]


def points(page, kind):
    """The corners of a drawn line, in pixels."""
    found = page.locator(f".laboratory .plot .{kind}").get_attribute("d")
    return np.array([[float(part) for part in pair.split()] for pair in re.findall(r"[ML]([^ML]+)", found)])


def test_the_lines_drawn_have_the_slopes_that_are_shown(page):
    page.locator(".laboratory .value").fill("12")
    curve = points(page, "curve")
    own = culpa.flatten(NETWORK)[0]
    w = own + max(2, 1.5 * abs(own)) * np.linspace(-1, 1, len(curve))
    losses = np.array([turned(0, value)[0] for value in w])
    across, up = np.polyfit(curve[:, 0], w, 1)[0], np.polyfit(curve[:, 1], losses, 1)[0]
    assert np.abs(np.polyval(np.polyfit(curve[:, 1], losses, 1), curve[:, 1]) - losses).max() < 1e-4 * np.ptp(losses)
    for kind, name in (("tangent", "exact"), ("secant", "finite")):
        (x0, y0), (x1, y1) = points(page, kind)
        assert (y1 - y0) * up / ((x1 - x0) * across) == pytest.approx(number(page, name), rel=0.002)
    here = page.locator(".laboratory .plot .here")
    spot = [float(here.get_attribute(name)) for name in ("cx", "cy")]
    assert np.interp(spot[0], curve[:, 0], curve[:, 1]) == pytest.approx(spot[1], abs=0.5)


def test_a_loss_beyond_all_numbers_is_said_and_not_drawn(open_page):
    network = Network.from_arrays([[[0.5]]], loss="poisson")
    page = open_page(culpa.explain(network, [[400.0]], [3]).to_html())
    page.locator(".laboratory .value").fill("100")
    assert page.locator(".laboratory .exact").inner_text() == "∞"
    assert "too large" in page.locator(".laboratory .verdict").inner_text()
    assert page.locator(".laboratory .plot .here").count() == 0
    assert "NaN" not in page.locator(".laboratory .plot").inner_html()
    page.locator(".laboratory .value").fill("0")
    assert page.locator(".laboratory .plot .here").count() == 1


@pytest.mark.parametrize("width", [360, 1100])
def test_nothing_reaches_beyond_the_screen(text, open_page, width):
    page = open_page(text, viewport={"width": width, "height": 800})
    for kind in ("parameter", "value", "step", "back", "plot", "slopes"):
        box = page.locator(f".laboratory .{kind}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_without_a_script_there_is_no_dead_laboratory(text, open_page):
    assert not open_page(text, java_script_enabled=False).locator(".laboratory").is_visible()


def test_a_wrong_slope_in_the_page_is_refused(text, open_page):
    right = "slope: (a) => 4 * logisticSlope(2 * a)"
    assert text.count(right) == 1
    page = open_page(text.replace(right, "slope: (a) => 1 - a * a"))
    with pytest.raises(AssertionError):
        assert_the_engine_s_numbers(page, 0)
