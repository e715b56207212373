# SPDX-License-Identifier: MIT
"""A derivation goes into a note: in the place of an image or between marks, and no other byte changes."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import culpa
from culpa.errors import CulpaError, DataError, OptionError
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_markdown import to_markdown
from culpa.explaining.notes.notes import into_note

NOTE = Path(__file__).with_name("note.md").read_bytes()
EMBED = b"![[gradient-wrt-weight.png]]"
TEXT = "Here:\n\n$$\nW\n$$"


def put(note: bytes | str, replace: str | None = "a.png", mark: str | None = None, text: str = TEXT) -> bytes:
    return into_note(note, text, replace=replace, mark=mark).content


def weights_of_the_note() -> str:
    """The derivation that the note's author did not type out, for a layer of 3 units after 3."""
    network = culpa.Network.fresh([3, 3], loss="squared_error", seed=1, dtype="float64")
    found = explain(network, [[0.1, 0.2, 0.3]], [[1.0, 0.0, -1.0]], part="weights")
    return to_markdown(found, flavour="obsidian", headings=False)


def only_the_embed_differs(before: bytes, after: bytes, embed: bytes = EMBED) -> bool:
    """Whether all before the embed and all after it stand there still."""
    head, tail = before.split(embed)
    return after.startswith(head) and after.endswith(tail) and len(after) >= len(head) + len(tail)


def test_every_other_byte_of_the_note_stays() -> None:
    derivation = weights_of_the_note()
    placed = into_note(NOTE, derivation, replace="gradient-wrt-weight.png")
    assert placed.changed
    assert placed.content == NOTE.replace(EMBED, derivation.strip("\n").encode())
    assert only_the_embed_differs(NOTE, placed.content)
    assert b"![[gradient-wrt-weight-expanded.png.png]]" in placed.content
    assert not only_the_embed_differs(NOTE, placed.content.replace(b"shamelessly", b"Shamelessly"))
    assert not only_the_embed_differs(NOTE, placed.content.rstrip(b"\n"))


def test_the_note_gets_the_partial_derivatives_then_the_products_then_the_outer_product() -> None:
    note = put(NOTE, "gradient-wrt-weight.png", text=weights_of_the_note()).decode()
    partial = r"\frac{{\partial \ell}}{{\partial W_{{1,{},{}}}}}"
    rows = [" & ".join(partial.format(i, j) for j in (1, 2, 3)) for i in (1, 2, 3)]
    products = [" & ".join(rf"\delta_{{1,{i}}} h_{{0,{j}}}" for j in (1, 2, 3)) for i in (1, 2, 3)]
    outer = re.search(r"\{\\delta_\{1\}\}[ \\;,]*\\underset\{\(1 \\times 3\)\}\{h_\{0\}\^\{\\top\}\}", note)
    assert outer is not None
    places = [*(note.find(text) for text in (*rows, *products)), outer.start()]
    assert -1 not in places
    assert places == sorted(places)
    assert note.find("![[gradient-wrt-weight-expanded.png.png]]") > places[-1]
    wrong = [note.find(text) for text in (*products, *rows)]
    assert wrong != sorted(wrong), "the check sees an order that is not the note's"


@pytest.mark.parametrize(
    "embed",
    ["![[a.png]]", "![[folder/a.png|300]]", "![words](x/a.png)", '![w\\]x](<a folder/a.png> "t")', "![](./a.png)",
     "![w](x%20y/a%2Epng)", "![[a.png#part|9]]", "![w|30]( a.png 't' )"],
)  # fmt: skip
def test_each_way_to_show_an_image_is_found(embed: str) -> None:
    assert put(f"one\n\n{embed}\n\ntwo") == f"one\n\n{TEXT}\n\ntwo".encode()


@pytest.mark.parametrize(
    "note",
    ["`![[a.png]]`", "``x` ![[a.png]]``", "```md\n![[a.png]]\n```", "~~~\n```\n![[a.png]]", "> ```\n> ![[a.png]]",
     "<!-- ![[a.png]] -->", "<!--\n\n![[a.png]]", "%% ![[a.png]] %%", "---\nimage: ![[a.png]]\n---\n", "\\![[a.png]]",
     "x\n\n    ![[a.png]]", "x\n\n    code\n\n    ![[a.png]]", "> x\n>\n>     ![[a.png]]",
     "\t![[a.png]]", "$$\n![[a.png]]\n$$", "<pre>\n![[a.png]]\n</pre>", "[[a.png]]",
     "![[a.png.png]]", "![[aa.png]]", "![[A.png]]", "![[a.png/b.png]]", "````\n```\n![[a.png]]\n````"],
)  # fmt: skip
def test_text_about_an_embed_and_other_names_are_left_alone(note: str) -> None:
    with pytest.raises(OptionError, match=r"shows no 'a\.png'"):
        put(note)
    assert only_the_embed_differs(b"\n\n![[a.png]]", put("\n\n![[a.png]]"), b"![[a.png]]"), "an embed is found there"


@pytest.mark.parametrize(
    "before",
    ["```\n``` x\n```\n", "`", "> ```\n> code\n\n", "---\ntitle: x\n---\n", "---\n\n", "50 %% off\n\n", "$5\n\n",
     "- item\n\n    ", "> - item\n>\n>     ", "<pre\n\n</pre>\n", "a <pre ", "a `b` `` c ` d ``\n\n", "<!-- x -->\n",
     "- [ ] task\n    ", "\\`", "text\n    ", "````\n```\n````\n"],
)  # fmt: skip
def test_code_that_has_ended_hides_nothing(before: str) -> None:
    note = f"{before}![[a.png]]".encode()
    assert only_the_embed_differs(note, put(note), b"![[a.png]]")


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("> [!note] W\n> ![[a.png]]\n> more", "> [!note] W\n> \n> Here:\n>\n> $$\n> W\n> $$\n>\n> more"),
        ("- one\n- ![[a.png]]\n- two", "- one\n- Here:\n\n  $$\n  W\n  $$\n\n- two"),
        ("10. x ![[a.png]] y", "10. x \n\n    Here:\n\n    $$\n    W\n    $$\n\n     y"),
        ("- > ![[a.png]]", "- > Here:\n  >\n  > $$\n  > W\n  > $$"),
        ("a\r\n![[a.png]]\r\nb\n", "a\r\n\r\nHere:\r\n\r\n$$\r\nW\r\n$$\r\n\r\nb\n"),
        ("\ufeff![[a.png]]", "\ufeffHere:\n\n$$\nW\n$$"),
        ("> x ![[a.png]] y", "> x \n>\n> Here:\n>\n> $$\n> W\n> $$\n>\n>  y"),
        ("x ![[a.png]]- y", "x \n\nHere:\n\n$$\nW\n$$\n\n&#8203;- y"),
    ],
)
def test_each_line_stays_in_the_quotation_and_the_list_of_the_embed(note: str, expected: str) -> None:
    assert put(note) == expected.encode()


@pytest.mark.parametrize("mark", [None, "m"])
@pytest.mark.parametrize(
    "before", ["", "text\n", "text ", "> ", "> [!note] T\n> ", "- ", "- x\n  - ", "1. x\n\n   ", "- > ", "> - x\n>   "]
)
@pytest.mark.parametrize("after", ["", "\nmore", " more", "\n\nmore"])
def test_a_reader_of_markdown_finds_the_derivation_whole(before: str, after: str, mark: str | None) -> None:
    text = "One:\n\n```math\na \\\\\n\n  b\n```\n\nTwo."
    note = f"{before}![[a.png]]{after}"
    tokens = MarkdownIt("commonmark").parse(put(note, mark=mark, text=text).decode())
    assert [token.content for token in tokens if token.type == "fence"] == ["a \\\\\n\n  b\n"]
    paragraphs = [token.content for token in tokens if token.type == "inline"]
    assert [content for content in paragraphs if content in ("One:", "Two.")] == ["One:", "Two."]
    assert sum("more" in content for content in paragraphs) == ("more" in after)
    embed = [token.level for token in MarkdownIt("commonmark").parse(note) if "![[" in token.content]
    levels = [token.level for token in tokens if token.content in ("One:", "Two.")]
    assert levels == embed * 2, "both stand in the quotation and the list of the embed"


def test_put_in_as_it_is_a_derivation_would_fall_out_of_its_list() -> None:
    tokens = MarkdownIt("commonmark").parse("- One:\n\n```math\na\n```\n\nTwo.")
    assert len({token.level for token in tokens if token.content in ("One:", "Two.")}) == 2


FRAGMENTS = st.sampled_from(
    ["text", " ", "  ", "\t", "> ", "- ", "1. ", "# ", "\n", "\n\n", "\r\n", "\r\n\r\n", "`code`", "``", "$x$", "|",
     "*", "![[other.png]]", "![x](y/a.png.png)", "[[a.png]]", "![", "<!-- c -->", "\\", "é", "---\n",
     "```\nx\n```\n", "%%"],
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=12).map(lambda pieces: "".join(pieces).encode())
BYTES = st.builds(lambda text, more: text + more, TEXTS, st.sampled_from([b"", b"\xff\xfa", b"\xe9t\xe9 ", b"  "]))


@given(BYTES, BYTES, st.sampled_from(["![[a.png]]", "![x](d/a.png)"]), st.sampled_from([None, "m"]))
@example(b"", b"", "![[a.png]]", "m")
def test_whatever_stands_around_the_embed_stands_there_still(
    head: bytes, tail: bytes, embed: str, mark: str | None
) -> None:
    try:
        placed = put(head + embed.encode() + tail, mark=mark)
    except CulpaError:
        return  # it stands in code, in a table, in a heading
    assert placed.startswith(head)
    assert placed.endswith(tail)
    piece = placed[len(head) : len(placed) - len(tail)]
    assert embed.encode() not in piece
    letters = re.sub(rb"&#8203;|[^A-Za-z$:]", b"", re.sub(rb"<!--.*?-->", b"", piece))
    assert letters == b"Here:$$W$$", "nothing but the derivation, its breaks and what its lines must begin with"
    if mark:
        assert not into_note(placed, TEXT, mark=mark).changed
        assert put(put(placed, None, mark, "other"), None, mark) == placed


def test_nearly_every_random_note_takes_the_derivation() -> None:
    notes = [head + b"\n\n![[a.png]]\n" for head in (b"", b"text", b"> q", b"- l", b"```\nx\n```", b"\xff")]
    assert [only_the_embed_differs(note, put(note), b"![[a.png]]") for note in notes] == [True] * len(notes)


@given(BYTES)
def test_a_block_is_added_at_the_end_and_then_kept_up_to_date(note: bytes) -> None:
    try:
        first = into_note(note, TEXT, mark="culpa")
    except DataError:
        return  # the note ends in code that is not closed
    assert first.changed
    assert "at the end" in first.sentence
    assert first.content.startswith(note)
    assert not into_note(first.content, TEXT, mark="culpa").changed
    second = into_note(first.content, "Other", mark="culpa")
    assert second.changed
    start, end = b"<!-- culpa:begin culpa -->", b"<!-- culpa:end culpa -->"
    assert second.content.split(start)[0] == first.content.split(start)[0]
    assert second.content.split(end)[1] == first.content.split(end)[1]
    assert second.content.split(start)[1].split(end)[0].split() == [b"Other"]


@pytest.mark.parametrize(
    ("note", "added"),
    [("a", "\n\n{}"), ("a\n", "\n{}\n"), ("a\n\n", "{}\n"), ("", "{}\n"), ("a\n  ", "\n{}\n"), ("\ufeff", "{}\n")],
)
def test_a_note_without_a_last_line_break_stays_so(note: str, added: str) -> None:
    block = f"<!-- culpa:begin m -->\n\n{TEXT}\n\n<!-- culpa:end m -->"
    assert put(note, None, "m") == (note + added.format(block)).encode()


def test_an_image_becomes_a_block_which_later_runs_update() -> None:
    first = into_note(NOTE, TEXT, replace="gradient-wrt-weight.png", mark="weights")
    again = into_note(first.content, TEXT, replace="gradient-wrt-weight.png", mark="weights")
    assert (again.changed, again.sentence) == (False, "The note is up to date.")
    other = into_note(first.content, "Other", replace="gradient-wrt-weight.png", mark="weights")
    block = b"<!-- culpa:begin weights -->\n\nOther\n\n<!-- culpa:end weights -->"
    assert other.content == NOTE.replace(EMBED, block)
    assert into_note(other.content, TEXT, mark="more").content.startswith(other.content), "another block stays"


@pytest.mark.parametrize(
    ("note", "replace", "mark", "kind", "message"),
    [
        ("x", None, None, OptionError, "where the derivation goes"),
        ("x", "a.png", None, OptionError, "no embed of an image at all"),
        ("![[b.png]] ![[aa.png]]", "a.png", None, OptionError, r"embeds are b\.png, aa\.png\. Hint: did you mean 'aa"),
        ("![[a.png]]\n![[a.png]]", "a.png", None, OptionError, "2 times"),
        ("![[x/a.png]] ![](y/a.png)", "a.png", None, OptionError, "name the folder as well: x/a.png, y/a.png"),
        ("x", None, "a b", OptionError, "block's name"),
        ("x", None, "a--b", OptionError, "block's name"),
        ("<!-- culpa:begin m -->", None, "m", DataError, "it has 1 and 0"),
        ("<!-- culpa:end m -->\n<!-- culpa:begin m -->", None, "m", DataError, "the second first"),
        ("<!-- culpa:begin m --><!-- culpa:end m -->\n" * 2, None, "m", DataError, "it has 2 and 2"),
        ("```\n", None, "m", DataError, "does not close"),
        ("<!-- culpa:begin m --><!-- culpa:end m -->\n![[a.png]]", "a.png", "m", OptionError, "only one can be meant"),
        ("| a | b |\n|---|---|\n| ![[a.png]] | c |", "a.png", None, DataError, "in a table"),
        ("a | b\n---|---\n![[a.png]] | c", "a.png", None, DataError, "in a table"),
        ("## See ![[a.png]]", "a.png", None, DataError, "in a heading"),
        ("[![](a.png)](there)", "a.png", None, DataError, "in a link"),
        (b"\xff\xfex\x00", None, "m", DataError, "UTF-16"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    note: bytes | str, replace: str | None, mark: str | None, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        into_note(note, TEXT, replace=replace, mark=mark)


def test_a_name_with_its_folder_tells_two_images_apart() -> None:
    assert put("![[x/a.png]]\n\n![](y/a.png)", "y/a.png") == f"![[x/a.png]]\n\n{TEXT}".encode()
    assert put("![[a.png]]\n\n![](y/a.png)", "a.png") == f"{TEXT}\n\n![](y/a.png)".encode()


def test_marks_in_code_are_no_marks() -> None:
    note = "```\n<!-- culpa:begin m -->\n```\n"
    assert put(note, None, "m").startswith(f"{note}\n<!-- culpa:begin m -->".encode())
