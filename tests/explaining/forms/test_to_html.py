# SPDX-License-Identifier: MIT
"""The HTML page: whole, offline and escaped, its numbers those of a second computation; the fragment harms nobody."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_html import to_fragment, to_html
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from tests.explaining.forms.pages import Page, wrong
from tests.tables.plain import number_columns

SMALL = small_example([3, 3, 2], seed=1)
RANDOM = np.random.default_rng(0)
HOSTILE = ('<script>alert("1")</script>', "a,b", "\"quotes\" & 'more'")


@pytest.fixture(scope="module")
def pages():
    """The page of the small network in each notation."""
    return {name: to_html(explain(*SMALL, notation=name)) for name in NOTATIONS}


def record(text):
    """What the page knows of its cells: what lights up, the sentence, and the sentence in words."""
    known = json.loads(re.search(r'id="cells">(.*?)</script>', text, re.DOTALL).group(1))
    return {
        key: {"lit": [key, *others.split()], "formula": formula, "words": words}
        for key, (others, formula, words) in known.items()
    }


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_number_of_a_page_is_that_of_complex_steps(pages, notation):
    numbers = list(Page.of(pages[notation]).numbers)
    assert {key.split("-")[0] for key, *_ in numbers} >= {"h", "a", "W", "b", "delta", "dW", "dh", "slope", "DW"}
    assert len(numbers) > 150
    assert wrong(pages[notation], *SMALL) == []


@pytest.mark.parametrize(
    "asked", [{"weight": (2, 1, 3)}, {"unit": (1, 2)}, {"example": 2}, {"show": "numbers"}], ids=str
)
def test_every_number_about_one_thing_is_right_too_and_in_a_notebook(asked):
    for text in (to_html(explain(*SMALL, **asked)), to_fragment(explain(*SMALL, **asked))):
        assert len(list(Page.of(text).numbers)) > 10
        assert wrong(text, *SMALL, example=asked.get("example", 0)) == []


def test_a_wrong_sign_a_wrong_digit_and_a_wrong_place_are_found(pages):
    text = pages["note"]
    key, cell = next((key, cell) for key, cell in Page.of(text).cells if key == "dW-2-1-3" and cell.startswith("−"))
    digits = cell[1:]
    assert wrong(text.replace(f"<mo>−</mo><mn>{digits}</mn>", f"<mn>{digits}</mn>"), *SMALL) != []
    last = str((int(digits[-1]) + 2) % 10)
    assert wrong(text.replace(f"<mn>{digits}</mn>", f"<mn>{digits[:-1]}{last}</mn>"), *SMALL) != []
    assert wrong(text.replace(f'data-cell="{key}"', 'data-cell="dW-2-2-3"'), *SMALL) != []


@pytest.mark.parametrize("text", ["note", "general", "large", "fragment"])
def test_pages_are_well_formed_and_ask_for_nothing(pages, text):
    read = Page.of(texts(pages)[text])
    assert read.faults == []
    assert len(read.ids) == len(set(read.ids))
    assert [address for address in read.references if not address.startswith(("#", "data:,"))] == []
    assert "@import" not in texts(pages)[text]
    assert set(re.findall(r"url\(\"?([a-z]+:)", texts(pages)[text])) <= {"data:"}


def test_a_link_a_tag_left_open_and_an_id_given_twice_are_found(pages):
    broken = pages["note"].replace("</main>", '<a href="https://example.org"><p id="weights"></main>')
    read = Page.of(broken)
    assert read.faults != []
    assert "https://example.org" in read.references
    assert len(read.ids) != len(set(read.ids))


def texts(pages):
    """The pages that are looked at from outside."""
    return {
        "note": pages["note"],
        "general": to_html(explain()),
        "large": large(),
        "fragment": to_fragment(explain(*SMALL)),
    }


def large(hidden="tanh", **options):
    """The page of a network of 64, 64, 32 and 10 units."""
    network = culpa.Network.fresh([64, 64, 32, 10], hidden=hidden, loss="cross_entropy", seed=0)
    X, y = RANDOM.normal(size=(200, 64)), RANDOM.integers(10, size=200)
    return to_html(explain(network, X, y, code=True, **options))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("hidden", ["gelu", "tanh"])
def test_the_page_of_a_real_network_is_light(hidden, notation):
    assert len(large(hidden, notation=notation).encode()) < 280_000


def test_it_is_so_with_all_digits_too():
    assert len(large("gelu", notation="ng", digits=17).encode()) < 300_000


def test_names_from_data_are_text_and_nothing_else():
    network = culpa.Network.fresh([3, 3, 2], hidden="tanh", loss="cross_entropy", seed=1)
    columns = number_columns(HOSTILE, (0.0,) * 3, (1.0,) * 3, "target", ("</script><b>", "<!--"))
    named = explain(network.__class__(network.layers, network.loss, columns=columns), SMALL.X, SMALL.y)
    for text in (to_html(named), to_fragment(named)):
        assert "<script>alert" not in text
        assert "</script><b>" not in text
        assert Page.of(text).faults == []
    assert "&lt;script&gt;al" in to_html(named)


def test_names_turn_nothing_around_them():
    network = culpa.Network.fresh([3, 3, 2], hidden="tanh", loss="cross_entropy", seed=1)
    columns = number_columns(("גיל", "a\u202eb\u2067", "c\x07d"), (0.0,) * 3, (1.0,) * 3, "target", ("כן", "no"))
    named = explain(
        network.__class__(network.layers, network.loss, columns=columns), SMALL.X, SMALL.y, weight=(1, 1, 1)
    )
    for text in (to_html(named), to_fragment(named)):
        assert not re.search("[\u202a-\u202e\u2066\u2067\x07]", text)
        sentences = visible(re.sub(r"<(svg|option).*?</\1>", "", text, flags=re.DOTALL))
        assert sentences.count("<bdi>גיל</bdi>") == sentences.count("גיל") > 0
    assert "a·b·" in to_html(named)
    assert "<bdi>" not in visible(to_html(explain(*SMALL)))


def marks(text):
    """What has a frame in the drawing, and what the laboratory begins with."""
    asked = re.findall(r'class="(?:edge|node)[^"]* asked" data-cell="([^" ]*)', text)
    chosen = re.findall(r"<option [^>]*selected>([^<]*)", text)
    return asked, chosen


@pytest.mark.parametrize(
    ("asked", "cells", "chosen"),
    [
        ({"weight": (2, 1, 3)}, ["dW-2-1-3"], ["unit 3 → output 1"]),
        ({"bias": (1, 2)}, ["h-1-2"], ["bias of unit 2"]),
        ({"unit": (1, 3)}, ["h-1-3"], []),
        ({"input": 2}, ["h-0-2"], []),
        ({}, [], []),
    ],
    ids=str,
)
@pytest.mark.parametrize("notation", ["note", "cs231n", "nielsen"])
def test_a_page_about_one_thing_begins_with_it(asked, cells, chosen, notation):
    text = to_html(explain(*SMALL, notation=notation, **asked))
    assert marks(text) == (cells, chosen)
    assert ("asked for is marked" in text) == bool(asked)


def test_a_path_and_a_share_are_one_word_each():
    text = to_html(explain(*SMALL, weight=(1, 1, 1)))
    whole = re.findall(r'<td class="whole">([^<]*)</td>', text)
    assert {cell for cell in whole if "→" in cell} == {"1 → 1", "1 → 2"}
    assert len([cell for cell in whole if cell.endswith(" %")]) == len(re.findall(r" %</td>", text)) > 2
    assert all("→" in cell or cell.endswith(" %") for cell in whole)


@pytest.mark.parametrize(("notation", "legend"), [("note", "|∂ℓ/∂W|"), ("ng", "|∂𝓛/∂W|"), ("nielsen", "|∂C/∂w|")])
def test_the_legend_of_the_drawing_is_in_the_letters_of_the_page(pages, notation, legend):
    assert f"width: {legend} up to" in pages[notation]


def test_it_is_said_whose_the_letters_and_whose_the_numbers_are(pages):
    assert "The letters are culpa's own, after the note" in pages["note"].replace("&#x27;", "'")
    assert "The letters are those of M. Nielsen" in pages["nielsen"]
    assert f'data-one="row 0" data-all="all {len(SMALL.X)} rows"' in pages["note"]
    assert "data-one" not in to_html(explain())


def test_titles_notes_and_footers_are_escaped():
    title = "<img src=x onerror=alert(1)>"
    told = replace(explain(*SMALL, part="bias"), title=title, notes=(title,), footer={title: title}, example=title)
    for text in (to_html(told), to_fragment(told)):
        assert "<img" not in text
        assert text.count("&lt;img") >= 4


def test_the_record_cannot_end_its_element(pages):
    inside = re.search(r'id="cells">(.*?)</script>', pages["note"], re.DOTALL).group(1)
    assert "</" not in inside
    assert "<math" in inside


def test_every_cell_lights_itself_and_only_what_is_on_the_page(pages):
    for text in pages.values():
        known, present = record(text), {key for key, _ in Page.of(text).cells}
        for key, entry in known.items():
            assert entry["lit"][0] == key
            assert set(entry["lit"]) <= present
        assert {"delta-2-1", "h-1-3", "W-2-1-3"} <= set(known["dW-2-1-3"]["lit"])
        assert not {"delta-2-2", "h-1-2", "W-2-3-1"} & set(known["dW-2-1-3"]["lit"])


def test_the_sentence_of_a_weight_says_its_two_factors_and_their_product(pages):
    delta, h, product = (
        next(shown for name, shown, _ in Page.of(pages["note"]).numbers if name == key)
        for key in ("delta-2-1", "h-1-3", "dW-2-1-3")
    )
    words = record(pages["note"])["dW-2-1-3"]["words"]
    said = [float(number.replace("minus ", "-")) for number in re.findall(r"(?:minus )?\d+\.\d+", words)]
    assert said == [delta, h, product]


def test_rises_and_falls_are_told_by_class_and_by_sign(pages):
    signs = {"rises": 0, "falls": 0}
    for key, cell, kind in Page.of(pages["note"]).classes:
        for name in set(kind.split()) & set(signs):
            signs[name] += 1
            assert cell.startswith("−") == (name == "falls"), key
    assert min(signs.values()) > 10


def test_the_general_page_has_letters_that_light_up_and_says_no_numbers():
    known = record(to_html(explain()))
    assert {"delta-k-i", "h-kpm1-j"} <= set(known["dW-k-i-j"]["lit"])
    assert all(entry["words"] == "" for entry in known.values())


def test_each_formula_is_said_in_words(pages):
    text = pages["note"]
    chains = re.findall(r'<div class="line" role="group" aria-label="([^"]+)"', text)
    assert len(chains) == text.count('class="line"')
    inline = [re.search(r"aria-label", math) for math in re.findall(r"<math(?![^>]*display)[^>]*>", visible(text))]
    assert inline
    assert all(inline)


def visible(text):
    """The page without its record."""
    return re.sub(r'<script type="application/json" id="cells">.*?</script>', "", text, flags=re.DOTALL)


def test_a_part_alone_has_no_table_of_contents_and_code_is_escaped():
    assert "<nav" not in to_html(explain(part="bias"))
    assert "<nav" in to_html(explain(part=["weights", "bias"]))
    alone = to_html(explain(*SMALL, part="bias", code=True))
    assert re.search(r"<pre[^>]*><code>[^<]+</code></pre>", alone)


def test_the_fragment_has_no_script_no_id_and_no_rule_for_others():
    text = to_fragment(explain(*SMALL))
    assert "<script" not in text
    assert Page.of(text).ids == []
    assert not re.search(r"<[^>]* tabindex=", text)
    for style in re.findall(r"<style>(.*?)</style>", text, re.DOTALL):
        assert strangers(style) == []
    assert strangers("math { color: red } .culpa p { color: red }") == ["math"]


def strangers(style):
    """The selectors of a style that reach beyond the derivation and its drawing."""
    plain = re.sub(r"/\*.*?\*/|@font-face\s*{[^}]*}|@(?:media|container)[^{]*{", "", style, flags=re.DOTALL)
    heads = [one.strip() for head in re.findall(r"([^{}]+){", plain) for one in re.split(r",(?![^(]*\))", head)]
    return [
        head for head in heads if not re.match(r"(\[data-jp-theme-light=\"false\"\] |\.vscode-dark )?\.culpa", head)
    ]
