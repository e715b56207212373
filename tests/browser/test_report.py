# SPDX-License-Identifier: MIT
"""The report in a browser: suspects are sorted, filtered, opened and decided on, and the decisions are read again."""

import csv
import io

import pytest

from culpa.blaming.deciding.decisions import read_decisions
from culpa.blaming.deciding.marking import mark_of
from culpa.blaming.deciding.suspects_file import write_suspects
from culpa.errors import CulpaWarning
from tests.blaming.page.made import CLASSES, LISTED, hostile, page_of, prices, record_of
from tests.browser.test_pages import reach, serious_faults

CUT_OFF = "one => one.scrollWidth - one.clientWidth"


@pytest.fixture
def page(open_page):
    """The page of the table whose names mean harm."""
    return open_page(page_of("hostile"))


def column(page, label):
    """The entries of a column as they are shown, from top to bottom."""
    return page.locator(f'.suspect:not([hidden]) .one [data-label="{label}"]').all_inner_texts()


def numbers(page, label):
    """The same as numbers."""
    return [float(text.replace("−", "-").replace(",", "").removesuffix("\u00a0%")) for text in column(page, label)]


def header(page, key):
    """The button in a header."""
    return page.locator(f'.suspects > thead [data-key="{key}"] button')


def told(page):
    """What the live region says."""
    return page.locator(".tools [role=status]").inner_text()


def line(page, rank):
    """The row of the suspect with a rank, from 1."""
    return page.locator(f'.suspect[data-place="{rank - 1}"] .one')


def button(page, rank, name):
    """One of the buttons that decide."""
    return line(page, rank).get_by_role("button", name=name, exact=True)


def pressed(page, rank):
    """Which buttons of a suspect are pressed."""
    return line(page, rank).locator('[aria-pressed="true"]').all_inner_texts()


def texts_at(page, rank):
    """What is decided on a suspect: the pressed button, or what was typed or stands for it."""
    return pressed(page, rank) or line(page, rank).locator("input").input_value()


def labels_at(page, rank):
    """What a suspect is given as, and what is proposed."""
    return [line(page, rank).locator(f".{name}").inner_text() for name in ("given", "proposed")]


def saved(page, tmp_path):
    """Press the button that saves; where the file lies."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save decisions as CSV").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_header_sorts_by_its_column_and_says_so(page):
    cell = page.locator('.suspects > thead [data-key="loss"]')
    before = numbers(page, "loss")
    header(page, "loss").click()
    assert cell.get_attribute("aria-sort") == "descending"
    assert numbers(page, "loss") == sorted(before, reverse=True) != before
    header(page, "loss").press("Enter")
    assert cell.get_attribute("aria-sort") == "ascending"
    assert numbers(page, "loss") == sorted(before)
    assert "sorted by loss" in told(page)
    header(page, "row").click()
    assert numbers(page, "row") == sorted(numbers(page, "row"))
    assert page.locator(".suspects > thead [aria-sort]").count() == 1
    header(page, "rank").click()
    assert numbers(page, "loss") == before


def test_reasons_move_along_with_their_row(page):
    header(page, "row").click()
    assert page.locator(".suspect .why").evaluate_all(
        "all => all.every(one => one.innerText.includes('Row ' + one.previousElementSibling"
        ".querySelector('[data-label=row]').innerText))"
    )


def test_suspects_are_filtered_by_text_label_and_side(page):
    record = record_of(page_of("hostile"))
    rows = [dict(zip(record["names"], row, strict=True)) for row in record["rows"]]
    page.get_by_label("given", exact=True).select_option(label="=1+1")
    expected = [row["row"] for row in rows if row["given"] == "=1+1"]
    assert numbers(page, "row") == expected
    assert 0 < len(expected) < len(rows)
    assert told(page) == f"{len(expected)} of {len(rows)} shown, 0 decided"
    page.get_by_label("rows", exact=True).select_option(label="held out")
    assert numbers(page, "row") == [row["row"] for row in rows if row["given"] == "=1+1" and row["held_out"]]
    page.get_by_label("given", exact=True).select_option(label="all")
    page.get_by_label("rows", exact=True).select_option(label="all")
    one = next(row for row in rows if row["id"].startswith("=cmd"))
    page.get_by_label("find").fill(one["id"].upper())
    assert numbers(page, "row") == [one["row"]]
    page.get_by_label("find").fill("nobody is called so")
    assert told(page).startswith("0 of")


def test_decided_rows_can_be_left_out(page):
    button(page, 1, "keep").click()
    page.get_by_label("decision", exact=True).select_option(label="undecided")
    assert "1" not in column(page, "#")
    page.get_by_label("decision", exact=True).select_option(label="decided")
    assert column(page, "#") == ["1"]


def test_keys_move_open_close_and_tick(page):
    line(page, 1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert line(page, 2).evaluate("one => one === document.activeElement")
    why = page.locator('.suspect[data-place="1"] .why')
    assert not why.is_visible()
    page.keyboard.press("Enter")
    assert why.is_visible()
    assert line(page, 2).get_by_role("button", name="why").get_attribute("aria-expanded") == "true"
    line(page, 2).get_by_role("button", name="why").focus()
    page.keyboard.press("Escape")
    assert not why.is_visible()
    assert line(page, 2).evaluate("one => one === document.activeElement")
    page.keyboard.press("k")
    assert pressed(page, 2) == ["keep"]
    page.keyboard.press("d")
    assert pressed(page, 2) == ["drop"]
    page.keyboard.press("p")
    assert len(pressed(page, 2)) == 1
    assert pressed(page, 2)[0].startswith("→")
    page.keyboard.press("p")
    assert pressed(page, 2) == []
    page.keyboard.press("o")
    page.keyboard.type("keep")
    assert line(page, 2).locator("input").input_value() == "keep"
    page.keyboard.press("End")
    assert line(page, 2).locator("input").evaluate("one => one === document.activeElement")


def test_a_row_without_reasons_says_so(page):
    line(page, LISTED).focus()
    page.keyboard.press("Enter")
    assert "were not looked for" in told(page)


def test_at_the_width_of_a_laptop_nothing_is_cut_off(open_page):
    for name in ("hostile", "prices"):
        page = open_page(page_of(name), viewport={"width": 1280, "height": 800})
        assert page.locator(".wide:has(> .suspects)").evaluate("one => one.scrollWidth - one.clientWidth") == 0


@pytest.mark.parametrize("width", [720, 820, 1024, 1190])
def test_decisions_are_in_reach_at_every_width(open_page, width):
    page = open_page(page_of("prices"), viewport={"width": width, "height": 800})
    assert page.locator(".wide:has(> .suspects)").evaluate(CUT_OFF) == 0
    box = button(page, 1, "keep").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    page.add_style_tag(content=".report .suspects .one { min-width: 80rem }")
    assert page.locator(".wide:has(> .suspects)").evaluate(CUT_OFF) > 0


def test_the_table_is_one_tab_stop(page):
    line(page, 1).focus()
    page.keyboard.press("End")
    assert page.locator('.one[tabindex="0"]').count() == 1
    assert line(page, LISTED).get_attribute("tabindex") == "0"


def test_decisions_are_saved_as_the_file_that_is_read_again(page, tmp_path):
    table, found = hostile()
    record = record_of(page_of("hostile"))
    rows = [dict(zip(record["names"], row, strict=True)) for row in record["rows"]]
    button(page, 1, "keep").click()
    button(page, 2, "drop").click()
    line(page, 3).get_by_role("button").nth(2).click()
    expected = {rows[2]["row"]: rows[2]["proposed"]}
    # A class that is called keep is not what the word keep means, and is written so.
    for typed, label in (("label:keep", "keep"), (CLASSES[1], CLASSES[1]), (CLASSES[2], CLASSES[2])):
        rank = next(
            rank for rank in range(4, LISTED + 1) if rows[rank - 1]["given"] != label and not texts_at(page, rank)
        )
        line(page, rank).locator("input").fill(typed)
        line(page, rank).locator("input").press("Enter")
        expected[rows[rank - 1]["row"]] = label
    path = saved(page, tmp_path)
    assert path.name == "decisions.csv"
    assert "saved as decisions.csv where your browser puts downloads" in told(page)
    assert page.locator(".following code").inner_text().endswith("--decisions decisions.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert [int(row["row"]) for row in read] == [row["row"] for row in rows]
    assert {row["decision"] for row in read} >= {"", "keep", "drop", "label:keep", "'=1+1", "<script>alert(2)</script>"}
    assert not [text for row in read for text in row.values() if text[:1] in "=+@" and text]
    write_suspects(found.labels, tmp_path / "ours.csv", count=LISTED)
    with (tmp_path / "ours.csv").open(encoding="utf-8-sig", newline="") as file:
        ours = list(csv.DictReader(file))
    plain = ("row", "id", "given", "proposed", "why", "held_out")
    assert [[row[name] for name in plain] for row in read] == [[row[name] for name in plain] for row in ours]
    assert list(read[0]) == list(ours[0])
    with pytest.warns(CulpaWarning, match="the class keep is written label:keep"):
        decisions = read_decisions(str(path), table)
    assert decisions.kept.tolist() == [rows[0]["row"]]
    assert {row["table"] for row in read} == {mark_of(table)}
    assert decisions.dropped.tolist() == [rows[1]["row"]]
    assert dict(zip(decisions.changed.tolist(), decisions.labels.tolist(), strict=True)) == expected


def test_numbers_are_decided_on_as_numbers(open_page, tmp_path):
    table, _ = prices()
    page = open_page(page_of("prices"))
    assert page.get_by_label("given", exact=True).count() == 0
    for rank, typed in ((1, "-250000.5"), (3, "0")):
        line(page, rank).locator("input").fill(typed)
        line(page, rank).locator("input").press("Enter")
    line(page, 2).get_by_role("button").nth(2).click()
    path = saved(page, tmp_path)
    record = record_of(page_of("prices"))
    rows = [dict(zip(record["names"], row, strict=True)) for row in record["rows"]]
    decisions = read_decisions(str(path), table)
    found = dict(zip(decisions.changed.tolist(), decisions.labels.tolist(), strict=True))
    assert found == pytest.approx({rows[0]["row"]: -250000.5, rows[1]["row"]: rows[1]["proposed"], rows[2]["row"]: 0.0})


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("prices", "abc"),
        ("prices", "1.234,5"),
        ("prices", "391,000"),
        ("prices", "0x10"),
        ("hostile", "nobody's class"),
    ],
)
def test_what_the_command_would_refuse_is_refused_beside_its_field_and_not_saved(open_page, tmp_path, name, typed):
    page = open_page(page_of(name))
    button(page, 1, "keep").click()
    for rank in (1, 2):
        line(page, rank).locator("input").fill(typed)
        line(page, rank).locator("input").press("Enter")
        assert line(page, rank).locator("input").get_attribute("aria-invalid") == "true"
        assert line(page, rank).get_by_role("alert").inner_text().startswith(("no number", "none of the classes"))
    assert told(page).endswith("1 decided")
    path = saved(page, tmp_path)
    assert told(page).endswith(" 2 fields that are no decision were left out.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["decision"] for row in csv.DictReader(file)][:3] == ["keep", "", ""]
    line(page, 2).locator("input").fill("12" if name == "prices" else "drop")
    line(page, 2).locator("input").press("Enter")
    assert line(page, 2).get_by_role("alert").inner_text() == ""
    assert line(page, 2).locator("input").get_attribute("aria-invalid") is None
    assert told(page).endswith("2 decided")


def test_texts_that_are_not_ascii_and_lines_within_them_come_back(open_page, tmp_path):
    before = page_of("hostile")
    page = open_page(before.replace(f'"{record_of(before)["rows"][0][1]}"', '"Zoë, \\"the\\nfirst\\""', 1))
    path = saved(page, tmp_path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    assert 'Zoë, "the\nfirst"' in [row["id"] for row in read]
    assert len(read) == LISTED


def test_a_text_that_a_spreadsheet_runs_would_be_noticed(open_page, tmp_path):
    spoilt = page_of("hostile").replace("? `'${text}` : text", "? text : text", 1)
    assert spoilt != page_of("hostile")
    with saved(open_page(spoilt), tmp_path).open(encoding="utf-8-sig", newline="") as file:
        assert any(row["id"].startswith("=") for row in csv.DictReader(file))


def test_what_is_ticked_survives_a_reload(page):
    button(page, 1, "drop").click()
    typed = next(f"label:{name}" if name == "keep" else name for name in CLASSES if name not in labels_at(page, 2))
    line(page, 2).locator("input").fill(typed)
    line(page, 2).locator("input").press("Enter")
    page.reload()
    assert pressed(page, 1) == ["drop"]
    assert line(page, 2).locator("input").input_value() == typed
    assert "2 decided" in told(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="clear all decisions").click()
    page.reload()
    assert "0 decided" in told(page)


def test_where_nothing_can_be_kept_the_page_works_all_the_same(open_page):
    refusing = "<script>Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });</script>"
    page = open_page(page_of("hostile").replace("<body>", f"<body>{refusing}", 1))
    button(page, 1, "keep").click()
    assert pressed(page, 1) == ["keep"]


def test_a_command_is_copied(browser, open_page):
    page = open_page(page_of("hostile"), permissions=["clipboard-read", "clipboard-write"])
    page.locator(".command button").last.click()
    page.get_by_role("button").filter(has_text="copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("culpa blame 'my table.csv' --suspects")


@pytest.mark.parametrize(("name", "width"), [("hostile", 360), ("prices", 360), ("digits", 360), ("hostile", 760)])
def test_nothing_reaches_beyond_a_narrow_screen(open_page, name, width):
    page = open_page(page_of(name), viewport={"width": width, "height": 800})
    for rank in (1, 2):
        line(page, rank).focus()
        page.keyboard.press("Enter")
    assert reach(page) == 0
    # The cards, unlike other tables, do not even scroll in a box of their own.
    if width == 360:
        assert page.locator(".wide:has(> .suspects)").evaluate("one => one.scrollWidth - one.clientWidth") == 0
        assert not page.locator('.suspect[data-place="3"] .why').first.is_visible()
    page.add_style_tag(content=".one { width: 900px } .wide { overflow: visible !important }")
    assert reach(page) > 0


def test_a_hidden_card_is_hidden_on_a_phone_too(open_page):
    page = open_page(page_of("hostile"), viewport={"width": 360, "height": 800})
    page.get_by_label("find").fill("nobody is called so")
    assert page.locator(".one:visible").count() == 0


@pytest.mark.parametrize(
    ("name", "scheme", "width"), [("hostile", "light", 1100), ("digits", "dark", 1100), ("prices", "light", 375)]
)
def test_axe_finds_no_serious_fault_while_one_is_open_and_ticked(open_page, name, scheme, width):
    page = open_page(page_of(name), color_scheme=scheme, viewport={"width": width, "height": 900})
    line(page, 1).focus()
    for key in ("Enter", "k", "ArrowDown", "d"):
        page.keyboard.press(key)
    assert serious_faults(page) == []


def test_the_dark_is_dark_and_pictures_in_it_too(open_page):
    page = open_page(page_of("digits"))
    for scheme, dark in (("dark", True), ("light", False)):
        page.emulate_media(color_scheme=scheme)
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (sum(map(int, paper.strip("rgb()").split(","))) < 200) == dark
        turned = page.locator(".thumbnail").first.evaluate("one => getComputedStyle(one).filter")
        assert (turned != "none") == dark


def test_paper_shows_every_reason_and_nothing_to_press(page):
    line(page, 1).focus()
    page.keyboard.press("Enter")
    page.emulate_media(media="print")
    assert page.locator(".why").count() > 2
    assert page.locator(".why").evaluate_all("all => all.every(one => one.offsetParent !== null)")
    assert not page.locator(".tools").is_visible()
    assert page.locator(".decision").evaluate_all("all => all.every(one => one.offsetParent === null)")
    assert page.locator(".command button").evaluate_all("all => all.every(one => one.offsetParent === null)")
    heads = page.locator(".suspects > thead th:not(.decision)")
    names = heads.all_inner_texts()
    assert names[:2] == ["#", "row"]
    assert all(names)
    assert heads.evaluate_all("all => all.every(one => one.offsetHeight > 12)")
    page.add_style_tag(content="@media print { .report .wide thead th button { display: none !important } }")
    assert not any(heads.all_inner_texts())


@pytest.mark.parametrize("name", ["hostile", "digits"])
def test_paper_is_not_wider_than_it_is(open_page, name):
    page = open_page(page_of(name), viewport={"width": 700, "height": 900})
    page.emulate_media(media="print")
    assert reach(page) == 0
    page.add_style_tag(content=".report .wide th { white-space: nowrap; padding-right: 5rem }")
    assert reach(page) > 0


def test_without_a_script_everything_is_read_and_nothing_is_dead(open_page):
    page = open_page(page_of("hostile"), java_script_enabled=False)
    assert page.locator(".suspect").count() == LISTED
    assert page.locator(".why").first.is_visible()
    assert not page.locator(".tools").is_visible()
    assert page.locator("button, input, select").count() == 0
