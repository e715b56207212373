# SPDX-License-Identifier: MIT
"""Pages as they are met: on a phone, in the dark, on paper, without a script, by ear; and they ask for nothing."""

from functools import cache

import numpy as np
import pytest

import culpa
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_html import to_fragment, to_html
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from tests.explaining.rendering import WEB

SMALL = small_example([3, 3, 2], seed=1)
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (*NOTATIONS, "general", "large")


@cache
def text_of(name):
    """One of the pages that are looked at."""
    if name == "general":
        return to_html(explain(code=True))
    if name == "large":
        network = culpa.Network.fresh([64, 64, 32, 10], hidden="tanh", loss="cross_entropy", seed=0)
        random = np.random.default_rng(0)
        return to_html(explain(network, random.normal(size=(20, 64)), random.integers(10, size=20)))
    if name == "one weight":
        return to_html(explain(*SMALL, weight=(1, 2, 3), mine=0.04))
    if name == "code":
        return to_html(explain(*SMALL, code=True))
    return to_html(explain(*SMALL, notation=name))


def serious_faults(page):
    """What axe-core calls serious or critical."""
    if not AXE.exists():
        pytest.skip("needs the npm packages of tests/web (npm ci)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [
        (fault["id"], fault["nodes"][0]["html"][:90]) for fault in found if fault["impact"] in ("serious", "critical")
    ]


def reach(page):
    """How far the page can be scrolled sideways, in pixels."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def contrast(page, selector, over="html"):
    """The contrast of an element's colour with what is behind it, after WCAG."""

    def luminance(colour):
        channels = [float(part) / 255 for part in colour.strip("rgba()").split(",")[:3]]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    found = "one => getComputedStyle(one)"
    ink = luminance(page.locator(selector).first.evaluate(f"{found}.color"))
    paper = luminance(page.locator(over).first.evaluate(f"{found}.backgroundColor"))
    return (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_never_scrolls_the_page_sideways(open_page, name):
    page = open_page(text_of(name), viewport={"width": 375, "height": 800})
    assert reach(page) == 0
    boxes = page.locator(".line[tabindex]")
    if name != "general":
        assert boxes.count() > 0
        # A box that has more than it shows can be reached, has a name, and scrolls.
        assert boxes.first.get_attribute("aria-label")
        assert boxes.first.evaluate("one => { one.scrollLeft = 40; return one.scrollLeft; }") > 0


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("name", ["one weight", "code", "ng"])
def test_nor_does_the_narrowest(open_page, name, width):
    page = open_page(text_of(name), viewport={"width": width, "height": 700})
    assert reach(page) == 0
    # Nor with the longest numbers that the laboratory can show.
    longest = "all => all.forEach(one => { one.textContent = '−1.23456789012e-308'; })"
    page.locator(".laboratory .slopes td").evaluate_all(longest)
    assert reach(page) == 0
    page.add_style_tag(content=".laboratory .slopes * { white-space: nowrap }")
    assert reach(page) > 0


def test_paths_and_shares_stand_on_one_line_on_a_phone(open_page):
    page = open_page(text_of("one weight"), viewport={"width": 320, "height": 700})
    paths = page.locator("td.whole")
    lines = """all => all.map(one => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return new Set([...range.getClientRects()].map(box => box.top)).size;
    })"""
    assert paths.count() > 3
    assert max(paths.evaluate_all(lines)) == 1
    page.add_style_tag(content=".culpa td.whole { white-space: normal; max-width: 0 }")
    assert max(paths.evaluate_all(lines)) > 1


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_asked_for_is_marked_from_the_start(open_page, script, scheme):
    page = open_page(text_of("one weight"), java_script_enabled=script, color_scheme=scheme)
    asked = page.locator(".network-drawing .asked")
    assert asked.count() == 1
    assert asked.get_attribute("data-cell") == "dW-1-2-3"
    assert asked.locator(".frame").is_visible()
    assert open_page(text_of("note")).locator(".asked").count() == 0


def test_a_page_that_is_too_wide_is_found_out(open_page):
    page = open_page(
        text_of("note").replace("<h1>", '<h1 style="width: 500px">'), viewport={"width": 375, "height": 800}
    )
    assert reach(page) > 0


@pytest.mark.parametrize(
    ("name", "scheme"), [("note", "light"), ("note", "dark"), ("general", "light"), ("large", "dark")]
)
def test_axe_finds_no_serious_fault(open_page, name, scheme):
    page = open_page(text_of(name), color_scheme=scheme)
    assert serious_faults(page) == []


def test_axe_finds_no_serious_fault_on_a_phone_and_while_something_is_lit(open_page):
    page = open_page(text_of("note"), viewport={"width": 375, "height": 800})
    page.locator('mtd > [data-cell="dW-2-1-1"]').first.focus()
    assert serious_faults(page) == []


def test_a_picture_without_words_and_pale_ink_are_found(open_page):
    spoilt = text_of("general").replace("<h1>", '<img src="data:,"><p style="color: #bbb">pale</p><h1>')
    assert {fault for fault, _ in serious_faults(open_page(spoilt))} >= {"image-alt", "color-contrast"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_and_quiet_words_have_contrast_enough(open_page, scheme):
    page = open_page(text_of("note"), color_scheme=scheme)
    for selector in (".numbers .rises", ".numbers .falls", ".shape", "figcaption", ".lead"):
        assert contrast(page, selector) > 4.5, selector
    for sign in ("rises", "falls"):
        page.locator(f"mtd > .{sign}").first.focus()
        assert contrast(page, f"mtd > .{sign}.lit", f"mtd:has(> .{sign}.lit)") > 4.5, sign
    papers = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, papers.strip("rgb()").split(","))) < 200) == (scheme == "dark")


def test_ink_like_its_paper_has_no_contrast(open_page):
    page = open_page(text_of("note").replace("<h1>", '<h1 style="color: #fdfdfc">'))
    assert contrast(page, "h1") == 1


def test_paper_shows_the_argument_and_nothing_that_must_be_pressed(open_page):
    page = open_page(text_of("note"))
    page.locator('mtd > [data-cell="dW-2-1-1"]').first.focus()
    assert page.locator(".said math").is_visible()
    page.emulate_media(media="print")
    for gone in (".laboratory", "nav", ".said", ".skip", ".lead .screen"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("button, select, input").evaluate_all("all => all.every(one => one.offsetParent === null)")
    assert page.locator("#batch mtable").first.is_visible()
    assert page.locator("mtd:has(> .lit)").first.evaluate("one => getComputedStyle(one).outlineStyle") == "none"


def test_on_paper_the_broadest_equation_is_made_to_fit(open_page):
    page = open_page(text_of("note"))
    page.set_viewport_size({"width": 660, "height": 900})
    page.emulate_media(media="print")
    beyond = "all => all.filter(one => one.firstElementChild.offsetWidth > one.clientWidth + 1).length"
    assert page.locator(".line").evaluate_all(beyond) == 0
    page.add_style_tag(content=".culpa .chain { font-size: 1em !important }")
    assert page.locator(".line").evaluate_all(beyond) > 0


def test_without_a_script_the_page_reads_as_well(open_page):
    page = open_page(text_of("note"), java_script_enabled=False)
    assert page.locator("#weights mtable").first.is_visible()
    assert not page.locator(".said").is_visible()


def test_who_wants_no_motion_gets_none(open_page):
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page = open_page(text_of("note"), reduced_motion=motion)
        found = page.locator(".words").first.evaluate("one => getComputedStyle(one).transitionDuration")
        assert (found not in ("0s", "")) == moves


@pytest.mark.parametrize("name", ["note", "ng", "cs231n", "nielsen", "general"])
def test_brackets_are_as_tall_as_their_matrices(open_page, name):
    tall = """all => all.every(one => {
      const [left, right] = [one.previousElementSibling, one.nextElementSibling].map(mo => mo.getBoundingClientRect());
      return Math.min(left.height, right.height) > 0.9 * one.getBoundingClientRect().height;
    })"""
    tables = open_page(text_of(name)).locator("mtable:has(+ mo)")
    assert tables.count() > 1
    assert tables.evaluate_all(tall)


APART = """all => all.flatMap(chain => {
  const middle = one => {
    const box = one.getBoundingClientRect();
    return one.classList.contains("first") ? box.left : box.left + box.width / 2;
  };
  const [above, below] = ["symbols", "numbers"].map(kind => [...chain.querySelectorAll(`:scope > .${kind}`)]);
  return above.length && below.length
    ? above.map((one, place) => Math.abs(middle(one) - middle(below[place]))) : [];
})"""


@pytest.mark.parametrize("name", NOTATIONS)
def test_symbols_stand_over_their_numbers_and_shapes_under_their_factors(open_page, name):
    page = open_page(text_of(name))
    apart = page.locator(".chain").evaluate_all(APART)
    assert len(apart) > 50
    assert max(apart) < 1
    under = "all => all.every(one => one.getBoundingClientRect().top >= "
    under += "one.previousElementSibling.getBoundingClientRect().bottom - 3)"
    assert page.locator(".shape").count() > 15
    assert page.locator(".shape").evaluate_all(under)
    page.add_style_tag(content=".numbers { translate: 9px }")
    assert max(page.locator(".chain").evaluate_all(APART)) > 8


def test_a_page_that_asks_for_something_is_caught(browser, tmp_path):
    from tests.browser.conftest import Opened

    opened = Opened(browser, tmp_path)
    page = opened(text_of("general").replace("</main>", '<img alt="" src="https://example.org/x.png"></main>'))
    page.wait_for_timeout(100)
    assert any("example.org" in fault for fault in opened.faults)
    for context in opened.contexts:
        context.close()


def test_a_notebook_stays_as_it_was(open_page):
    around = '<!DOCTYPE html><html lang="en"><title>x</title><p id="theirs">text</p><table><tr><td>1</td></tr></table>'
    asked = """() => ['p', 'td', 'body'].map(one => {
      const style = getComputedStyle(document.querySelector(one));
      return [style.color, style.font, style.margin, style.padding, style.borderBottom].join();
    })"""
    before = open_page(around).evaluate(asked)
    fragment = to_fragment(explain(*SMALL))
    assert open_page(around + fragment).evaluate(asked) == before
    assert open_page(around + fragment + "<style>p { color: red }</style>").evaluate(asked) != before
