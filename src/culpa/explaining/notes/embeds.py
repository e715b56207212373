# SPDX-License-Identifier: MIT
"""Embeds: where a note shows an image, and where a block of ours begins and ends; as places in its bytes.

    ![[NAME.png]]   ![[folder/NAME.png|300]]   ![words](folder/NAME.png)   ![words](<a folder/NAME.png> "title")
    <!-- culpa:begin NAME -->   <!-- culpa:end NAME -->

What stands in code, in a comment, in a formula or in the front matter is text about an embed, and no embed. A note is
read as bytes, whatever its encoding: every sign that counts here is ASCII. Changes nothing; `notes` does that.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from difflib import get_close_matches
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from culpa.errors import DataError, OptionError

__all__ = ["BREAK", "Block", "Embed", "block_named", "embed_named", "signs_of"]


class Embed(NamedTuple):
    """An image that a note shows.

    Attributes:
        start, end: Its place in the note's bytes.
        path: What it shows, as the note names it, with its folders.
    """

    start: int
    end: int
    path: str

    @property
    def name(self) -> str:
        """Its last part, without the folders."""
        return self.path.rsplit("/", 1)[-1]


class Mark(NamedTuple):
    """The comment with which a block of ours begins, or ends."""

    start: int
    end: int
    begins: bool
    name: str


class Block(NamedTuple):
    """The places of a block's first and last comment."""

    begin: Mark
    end: Mark


BREAK = rb"(?>\r\n|\n|\r)"
"""The end of a line, as a pattern."""
WHOLE_LINE = re.compile(rb"(?m:(?<![^\r\n])(?:\xef\xbb\xbf)?(?: {0,3}>[ ]?)*+(?P<inside>[^\r\n]*+))")
MARKER = re.compile(rb" ?(?:[-+*]|[0-9]{1,9}[.)])[ \t]")
LINE = re.compile(BREAK + rb"[^\r\n]*")
BEFORE = rb"(?:[ \t>]|[-+*][ \t]|[0-9]{1,9}[.)][ \t])*+"
"""What may stand on a line before a block: quotation marks, list markers, spaces."""
SIGN = re.compile(
    rb"""(?six)
     (?P<front>  \A (?:\xef\xbb\xbf)? ---[ \t]* %(break)s (?:.*?%(break)s)?? (?:---|\.\.\.) [ \t]* (?![^\r\n]) )
    |(?P<fence>  (?<![^\r\n]) %(before)s (?P<ticks> `{3,}+ (?=[^`\r\n]*+(?!`)) | ~{3,}+ ) [^\r\n]*+ )
    |(?P<comment><!-- .*? (?: --> | \Z ) )
    |(?P<raw>    (?<![^\r\n]) %(before)s <(?P<tag>pre|script|style|textarea)\b .*? (?: </(?P=tag)> | \Z ) )
    |(?P<hidden> %% .*? %% | \$\$ .*? \$\$ )
    |(?P<code>   (?P<run>`++) (?: (?! %(break)s [ \t>]* %(break)s ) . )+? (?<!`) (?P=run) (?!`) )
    |(?P<plain>  `++ | \\[!-/:-@\[-`{-~] )
    |(?P<wiki>   !\[\[ [^\[\]\r\n]+ \]\] )
    |(?P<image>  !\[ (?: \\. | [^\]\\\[] | \[ [^\]\r\n]* \] )*+ \] \( \s*+
                 (?P<path> < (?: \\. | [^<>\\\r\n] )* > | (?: \\. | [^\s()<\\] | \( [^\s()]* \) )++ )
                 (?: \s++ (?: "[^"]*" | '[^']*' | \([^()]*\) ) )? \s* \) )
    """.replace(b"%(break)s", BREAK).replace(b"%(before)s", BEFORE)
)
"""What decides whether bytes are an embed; searched from the left, so that what begins first holds what is in it."""
MARK = re.compile(rb"<!--\s*culpa:(begin|end)\s+(\S+)\s*-->")


def signs_of(note: bytes) -> tuple[list[Embed], list[Mark]]:
    """Every embed of an image, and every mark of ours, in the note's order.

    Example:
        >>> signs_of(b"`![[a.png]]` shows ![[img/b.png|300]]")
        ([Embed(start=19, end=37, path='img/b.png')], [])
    """
    embeds: list[Embed] = []
    marks: list[Mark] = []
    code = indented_code(note)
    at = 0
    while (sign := SIGN.search(note, at)) is not None:
        at = end_of_fence(note, sign) if sign.lastgroup == "fence" else sign.end()
        mark = MARK.fullmatch(sign[0]) if sign.lastgroup == "comment" else None
        if mark is not None:
            marks.append(Mark(sign.start(), sign.end(), mark[1] == b"begin", as_text(mark[2])))
        elif sign.lastgroup in ("wiki", "image") and not within(code, sign.start()):
            embeds.append(Embed(sign.start(), sign.end(), path_of(sign)))
    return embeds, marks


def end_of_fence(note: bytes, sign: re.Match[bytes]) -> int:
    """Where code between fences ends: after its last fence, or with the quotation that it stands in, or never."""
    ticks, quoted = sign["ticks"], b">" in sign[0].split(sign["ticks"])[0]
    closing = re.compile(rb"\s*[ \t>]*" + re.escape(ticks) + re.escape(ticks[:1]) + rb"*[ \t]*")
    for line in LINE.finditer(note, sign.end()):
        if quoted and not line[0].lstrip().startswith(b">"):
            return line.start()
        if closing.fullmatch(line[0]):
            return line.end()
    return len(note)


def within(places: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a place lies in one of several that follow each other."""
    before = bisect_right(places, (at, at))
    return before > 0 and at < places[before - 1][1]


def indented_code(note: bytes) -> list[tuple[int, int]]:
    """The lines that are code because four spaces or a tab set them off, from start to end."""
    found: list[tuple[int, int]] = []
    starts, in_list, in_code = True, False, False
    for line in WHOLE_LINE.finditer(note):
        inside = line["inside"]
        if not inside.strip():
            starts = True
            continue
        in_code = inside.startswith((b"    ", b"\t")) and (starts or in_code) and not in_list
        starts = False
        if in_code:
            found.append(line.span())
        elif not inside.startswith((b"  ", b"\t")):
            in_list = MARKER.match(inside) is not None  # what is set off below an item belongs to it
    return found


def path_of(sign: re.Match[bytes]) -> str:
    """What an embed shows: without size, place in the file, and what protects its signs."""
    if sign.lastgroup == "wiki":
        inside = as_text(sign[0][3:-2])
        return inside.split("|")[0].removesuffix("\\").split("#")[0].strip()
    path = as_text(sign["path"]).removeprefix("<").removesuffix(">")
    return unquote(unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", path)))


def as_text(some: bytes) -> str:
    """Bytes as text; those that are no UTF-8 are kept apart and not lost."""
    return some.decode("utf-8", "surrogateescape")


def embed_named(embeds: Sequence[Embed], name: str) -> Embed:
    """The one embed of an image, by its exact name, with or without its folders.

    Raises:
        OptionError: If no embed has that name, or several.
    """
    wanted = plain(name)
    same = [embed for embed in embeds if plain(embed.path) == wanted]
    same = same or [embed for embed in embeds if plain(embed.path).endswith(f"/{wanted}")]
    if len(same) == 1:
        return same[0]
    if same:
        folders = sorted({embed.path for embed in same})
        distinct = f"name the folder as well: {', '.join(folders)}." if len(folders) == len(same) else None
        raise OptionError(
            f"The note shows {name!r} {len(same)} times, and it must be clear which one is meant.",
            hint=distinct or "leave only one, or put `mark` lines where the derivation goes.",
        )
    if not embeds:
        raise OptionError(f"The note shows no {name!r}: it has no embed of an image at all.")
    names = list(dict.fromkeys(embed.path for embed in embeds))
    close = get_close_matches(name, names + [embed.name for embed in embeds], n=1)
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    hint = f"did you mean {close[0]!r}?" if close else None
    raise OptionError(f"The note shows no {name!r}; its embeds are {listed}.", hint=hint)


def plain(path: str) -> str:
    """A path as it is compared: accents in one form of two, and no "here" before it."""
    return unicodedata.normalize("NFC", path).removeprefix("./")


def block_named(marks: Sequence[Mark], name: str) -> Block | None:
    """A block of ours by its name; None where there is none.

    Raises:
        DataError: If it begins and does not end, ends and does not begin, or stands there twice.
    """
    ours = [mark for mark in marks if mark.name == name]
    if not ours:
        return None
    if [mark.begins for mark in ours] == [True, False]:
        return Block(*ours)
    begins = sum(mark.begins for mark in ours)
    order = ", the second first" if len(ours) == 2 * begins == 2 else ""
    raise DataError(
        f"The note must have one line <!-- culpa:begin {name} --> and below it one <!-- culpa:end {name} -->; "
        f"it has {begins} and {len(ours) - begins}{order}.",
        hint="put the marks right, or remove them all and start again.",
    )
