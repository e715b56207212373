# SPDX-License-Identifier: MIT
"""The report of numbers in a browser: typed with either decimal sign, never broken; and what is next after saving."""

from culpa.blaming.deciding.decisions import read_decisions
from culpa.blaming.page.writing import report_page
from tests.blaming.page.made import page_of, prices
from tests.browser.test_pages import reach
from tests.browser.test_report import button, line, saved, told

LINES = """all => Math.max(...all.filter(one => one.textContent).map(one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top / 8))).size;
}))"""


def test_a_decimal_comma_is_a_number_as_it_is_in_the_list(open_page, tmp_path):
    page = open_page(page_of("prices"))
    for rank, typed in enumerate(("391000,5", "−1,25e3", "+7.", "12"), start=1):
        line(page, rank).locator("input").fill(typed)
        line(page, rank).locator("input").press("Enter")
        assert line(page, rank).get_by_role("alert").inner_text() == ""
    assert line(page, 1).locator("input").input_value() == "391000.5"
    path = saved(page, tmp_path)
    assert "left out" not in told(page)
    decided = read_decisions(str(path), prices()[0])
    assert sorted(decided.labels.tolist()) == [-1250.0, 7.0, 12.0, 391000.5]


def test_the_command_after_saving_has_a_box_that_copies_and_breaks_in_no_word(open_page, tmp_path):
    for width in (1100, 390):
        page = open_page(page_of("prices"), viewport={"width": width, "height": 800})
        box = page.locator(".following")
        assert not box.is_visible()
        button(page, 1, "keep").click()
        saved(page, tmp_path)
        assert box.locator("code").inner_text() == "culpa blame 'my table.csv' --decisions decisions.csv"
        assert box.get_by_role("button").get_attribute("aria-label").endswith("--decisions decisions.csv")
        heights = box.locator(".word").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert len(set(heights)) == 1, "each word with its value stands on one line"
        assert reach(page) == 0
    bare = report_page(prices()[1], prices()[0])
    page = open_page(bare)
    button(page, 1, "keep").click()
    saved(page, tmp_path)
    assert not page.locator(".following").is_visible(), "where no command is known none is told"


def test_no_number_is_broken_however_narrow_its_column(open_page):
    """Negative control: with the rule taken away one is."""
    page = open_page(page_of("prices"), viewport={"width": 1280, "height": 800})
    given = page.locator(".one > .number .given")
    narrow = ".report .suspects .one > .number { max-width: 2rem; width: 2rem; FREE }"
    page.add_style_tag(content=narrow)
    assert given.evaluate_all(LINES) == 1
    page.add_style_tag(content=narrow.replace("FREE", "white-space: normal; overflow-wrap: anywhere"))
    assert given.evaluate_all(LINES) > 1
