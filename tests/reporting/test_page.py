# SPDX-License-Identifier: MIT
"""The page: complete in itself, its title escaped, and no text in it can end its element early."""

import re

import pytest

from culpa.reporting.page import page
from tests.explaining.forms.pages import Page


def test_a_page_is_well_formed_and_asks_for_nothing():
    read = Page.of(page("Title", "<main><h1>Title</h1></main>", styles=["p { color: red }"], scripts=["let x = 1;"]))
    assert read.faults == []
    assert read.references == ["data:,"]
    assert Page.of(page("Title", "<main>")).faults != []


def test_the_title_is_text():
    text = page("</title><script>alert(1)</script>", "")
    assert "<script>" not in text
    assert "&lt;/title&gt;" in text


def test_language_letters_window_and_policy_are_said_first():
    head = page("Title", "").split("<style>")[0]
    for said in ('<html lang="en">', 'charset="utf-8"', "width=device-width", "default-src 'none'"):
        assert said in head
    assert not re.search(r"(script|style|font|img|connect)-src [^;]*(\*|https?:)", head)


def test_styles_and_scripts_stand_in_their_order():
    text = page("Title", "<main></main>", styles=["a{}", "b{}"], scripts=["one();", "two();"])
    places = [text.index(part) for part in ("prefers-color-scheme", "a{}", "b{}", "<main>", "one();", "two();")]
    assert places == sorted(places)


@pytest.mark.parametrize("words", [{"styles": ["</style><p>"]}, {"scripts": ["'</SCRIPT>'"]}])
def test_what_would_end_its_element_early_is_refused(words):
    with pytest.raises(ValueError, match="cannot stand inside"):
        page("Title", "", **words)


def test_comments_and_indentation_of_styles_and_scripts_stay_at_home():
    style = '/* why */\np {\n  /* how\n  long */\n  content: "/* text */";\n}\n'
    script = '// why\nlet x = "https://a";\n  // how\n  x += `// ${x}`;\n'
    text = page("Title", "", styles=[style], scripts=[script])
    assert '<style>\np {\ncontent: "/* text */";\n}\n</style>' in text
    assert '<script>\nlet x = "https://a";\nx += `// ${x}`;\n</script>' in text
    assert "why" not in text
    assert "how" not in text
