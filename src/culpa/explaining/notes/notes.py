# SPDX-License-Identifier: MIT
"""Notes: a derivation in the place of an image in somebody's note, or in a marked block that is kept up to date.

    replace="gradient.png"      in the place of ![[gradient.png]]
    mark="culpa"                between <!-- culpa:begin culpa --> and <!-- culpa:end culpa -->

No other byte of the note changes: not its line ends, not its encoding, not the blanks at the ends of its lines. The
marks are HTML comments, because Obsidian, Quartz and GitHub all hide them; %% comments are Obsidian's alone. Knows
nothing of derivations but their Markdown, and of notes but their bytes; writes no file.
"""

import re
from typing import NamedTuple

from culpa.errors import DataError, OptionError
from culpa.explaining.notes.embeds import BREAK, Block, Embed, block_named, embed_named, signs_of

__all__ = ["Placed", "into_note"]

BOM = b"\xef\xbb\xbf"


class Placed(NamedTuple):
    """A note with a derivation in it.

    Attributes:
        content: The whole note, as bytes.
        changed: Whether it is another than before; if not, there is nothing to write.
        sentence: What was done, for the reader.
    """

    content: bytes
    changed: bool
    sentence: str


def into_note(note: bytes | str, derivation: str, *, replace: str | None = None, mark: str | None = None) -> Placed:
    r"""Put a derivation into a note, and change nothing else in it.

    Args:
        note: The note, best as the bytes of its file.
        derivation: Markdown without front matter, in the flavour of the note.
        replace: The name of the image in whose place it goes, `NAME.png` or `folder/NAME.png`.
        mark: The name of the block to keep up to date. Where the note has none yet, it begins in the place of the
            image, or else at the note's end.

    Raises:
        OptionError: If neither is given, if a name cannot be a block's, or if the note shows no such image, or several.
        DataError: If the block's marks do not pair up, or the place is one where a derivation cannot stand.

    Example:
        >>> into_note("See:\n\n![[W.png]]\n", "$$\nW\n$$", replace="W.png").content
        b'See:\n\n$$\nW\n$$\n'
    """
    content = note.encode() if isinstance(note, str) else bytes(note)
    text = re.sub(r"\r\n?", "\n", derivation).strip("\n")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError("The note is written in UTF-16.", hint="save it as UTF-8.")
    if replace is None and mark is None:
        raise OptionError("It must be said where the derivation goes.", hint="give `replace`, `mark`, or both.")
    if mark is not None and not re.fullmatch(r"[A-Za-z0-9_.]+(?:-[A-Za-z0-9_.]+)*", mark):
        raise OptionError(f"A block's name must be of letters, digits, `_`, `.` and single `-`; got {mark!r}.")
    embeds, marks = signs_of(content)
    block = None if mark is None else block_named(marks, mark)
    if block is not None:
        found = placed(content, *updated(content, block, text), f"Updated the block {mark!r}.")
        if replace is not None and any(replace in (embed.path, embed.name) for embed in embeds):
            raise OptionError(
                f"The note has a block {mark!r} already, and shows {replace!r} as well; only one can be meant.",
                hint="leave out `replace`, or give the block another name.",
            )
    elif replace is not None:
        embed = embed_named(embeds, replace)
        piece = in_place(content, embed, marked(text, mark))
        found = placed(content, embed.start, embed.end, piece, f"Replaced the image {embed.path!r}.")
    else:
        piece = appended(content, marked(text, mark))
        found = placed(content, len(content), len(content), piece, f"Added the block {mark!r} at the end of the note.")
    needs_marks(found.content, mark)
    return found


def placed(note: bytes, start: int, end: int, piece: bytes, sentence: str) -> Placed:
    """The note with a piece of it replaced."""
    content = note[:start] + piece + note[end:]
    return Placed(content, content != note, sentence if content != note else "The note is up to date.")


def marked(text: str, mark: str | None) -> str:
    """Between marks, if they are wanted; with blank lines, as Obsidian reads what follows a comment as HTML."""
    return text if mark is None else f"<!-- culpa:begin {mark} -->\n\n{text}\n\n<!-- culpa:end {mark} -->"


def needs_marks(content: bytes, mark: str | None) -> None:
    """Refuse a place where marks are not read as marks, such as an open code fence."""
    if mark is not None and block_named(signs_of(content)[1], mark) is None:
        raise DataError(
            f"The block {mark!r} would stand in code or in a comment, which the note opens and does not close.",
            hint="close it first.",
        )


def updated(note: bytes, block: Block, text: str) -> tuple[int, int, bytes]:
    """What comes between the marks of a block, and its last mark again, in the quotation or list that it stands in."""
    prefix = around(note, block.begin.start).prefix
    last = note[block.end.start : block.end.end].decode()
    piece = indented(f"\n\n{text}\n\n{last}", prefix, line_end(note, block.begin.end))
    return block.begin.end, block.end.end, piece


def appended(note: bytes, text: str) -> bytes:
    """What comes after the end of a note: a blank line, and the block; a last line break if the note had one."""
    above, last = (b"", b"", *re.split(BREAK, note.removeprefix(BOM)))[-2:]
    before = "\n\n" if last.strip() else "\n" if last or above.strip() else ""
    return indented(before + text + ("" if last.strip() else "\n"), b"", line_end(note, len(note)))


def in_place(note: bytes, embed: Embed, text: str) -> bytes:
    """What stands where the embed stood: with blank lines where text goes on beside it, in its quotation or list."""
    beside = around(note, embed.start)
    after, below = (*re.split(BREAK, note[embed.end :]), b"")[:2]
    above = (b"", *re.split(BREAK, note[: embed.start]))[-2]
    needs_room(beside.before, after, above, below)
    if beside.before:
        text = f"\n\n{text}"
    elif above.strip(b" \t>") and not beside.opens_item:  # an item of a list may not begin with two line breaks
        text = f"\n{text}"
    end = line_end(note, embed.end)
    if after.strip():
        again = end + beside.containers + (b"&#8203;" if STARTS.match(after) else b"")
        return indented(f"{text}\n", beside.prefix, end) + again
    return indented(text + ("\n" if below.strip(b" \t>") else ""), beside.prefix, end)


STARTS = re.compile(rb"\s{4}|\s*(?:[-+*#>|=~<]|[0-9]{1,9}[.)]|`{3}|\$\$)")
"""What would begin a list, a heading or code at the beginning of a line; a space of no width keeps it a sentence."""
CONTAINER = re.compile(rb"[ \t]*(?:>[ ]?|(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)")


class Beside(NamedTuple):
    """What stands before a place on its line: quotation marks and list markers (as blanks), blanks, and text."""

    containers: bytes
    blanks: bytes
    before: bytes
    opens_item: bool

    @property
    def prefix(self) -> bytes:
        """What each further line must begin with to stay in the same quotation and list."""
        return self.containers + self.blanks


def around(note: bytes, start: int) -> Beside:
    """What stands before a place on its line."""
    line, containers, at, opens_item = re.split(rb"[\r\n]", note[:start])[-1].removeprefix(BOM), b"", 0, False
    while (found := CONTAINER.match(line, at)) is not None:
        opens_item = b">" not in found[0]
        containers += re.sub(rb"[^ \t]", b" ", found[0]) if opens_item else found[0]
        at = found.end()
    before = line[at:].lstrip(b" \t")
    return Beside(containers, line[at : len(line) - len(before)], before, opens_item)


def needs_room(before: bytes, after: bytes, above: bytes, below: bytes) -> None:
    """Refuse a place that is one line high."""
    ruled = any(re.fullmatch(rb"[ \t>]*[|:-][-:| \t]*\|[-:| \t]*", line) for line in (above, below))
    cells = b"|" in before + after and (before.lstrip().startswith(b"|") or ruled)
    for is_there, place in (
        (cells, "a table"),
        (re.match(rb"#{1,6}[ \t]", before) is not None, "a heading"),
        (before.endswith(b"[") and after.startswith(b"]"), "a link"),
    ):
        if is_there:
            raise DataError(
                f"The image stands in {place}, and a derivation takes more than one line.",
                hint="move the image to a line of its own.",
            )


def line_end(note: bytes, at: int) -> bytes:
    """How the lines near a place end: the one that it stands in, else the one before, else as on Unix."""
    below = re.search(BREAK, note[at:])
    return below[0] if below is not None else (b"\n", *re.findall(BREAK, note[:at]))[-1]


def indented(text: str, prefix: bytes, end: bytes) -> bytes:
    """Lines with what they must begin with; the first stands where something stands already."""
    first, *others = text.encode().split(b"\n")
    return end.join([first, *(prefix + line if line else prefix.rstrip() for line in others)])
