# SPDX-License-Identifier: MIT
"""Opening: a file or standard input as plain bytes, decompressed; where it can stay on the disk, it does.

Knows gzip, zstd and the encodings of texts. Does not know what a table is.
"""

import codecs
import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import IO, NamedTuple

from culpa.errors import FileError, OptionError

__all__ = ["LOOK", "MARKS", "Opened", "as_utf8", "open_source"]

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""The byte-order marks of encodings other than UTF-8; that of UTF-32 begins with that of UTF-16."""
LOOK = 65_536
"""How many bytes at the head tell what a file is."""


class Opened(NamedTuple):
    """What was opened.

    Args:
        path: Where it lies, if it is read from there.
        data: All of it, if it is not.
    """

    path: Path | None
    data: bytes = b""

    @property
    def size(self) -> int:
        """The number of its bytes."""
        return self.path.stat().st_size if self.path else len(self.data)

    def stream(self) -> IO[bytes]:
        """The bytes from the first."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data)

    def head(self, length: int = LOOK) -> bytes:
        """The first bytes."""
        with self.stream() as file:
            return file.read(length)

    def whole(self) -> bytes:
        """All of it."""
        return self.path.read_bytes() if self.path else self.data


def open_source(source: str) -> Opened:
    """Open a file, or standard input, and decompress it.

    Args:
        source: The file, or "-" for standard input.

    Raises:
        FileError: If there is none, it is a folder, it is empty, or it was cut off.
    """
    try:
        opened = Opened(None, standard_input().read()) if source == "-" else from_disk(Path(source))
        head = opened.head(4)
        if head.startswith(GZIP):
            opened = Opened(None, gzip.decompress(opened.whole()))
        elif head == ZSTD:
            opened = Opened(None, without_zstd(opened))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError("It is compressed with gzip and is damaged or cut off.", hint="copy it once more.") from error
    except OSError as error:
        raise FileError(f"It cannot be opened: {error.strerror or error}.") from error
    if not opened.head(LOOK).strip():
        raise FileError("It is empty.", hint="a table has a row of names and rows of values.")
    return opened


def from_disk(path: Path) -> Opened:
    """A file that stays where it is; a pipe can be read but once, so all of it is taken."""
    if path.is_dir():
        raise FileError("It is a folder, not a table.", hint="name a file in it.")
    if not path.exists():
        raise FileError("There is no such file.")
    return Opened(path) if path.is_file() else Opened(None, path.read_bytes())


def standard_input() -> IO[bytes]:
    """The bytes that are piped in."""
    if sys.stdin is None or sys.stdin.isatty():
        raise FileError("Nothing is piped in.", hint="cat houses.csv | culpa look - --target price")
    return sys.stdin.buffer


def without_zstd(opened: Opened) -> bytes:
    """The bytes that zstd compressed: Polars reads them as one text, as Python has no zstd before 3.14."""
    import polars as pl

    try:
        whole = pl.read_csv(
            io.BytesIO(opened.whole()),
            separator="\x02",
            eol_char="\x01",
            quote_char=None,
            has_header=False,
            infer_schema=False,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.NoDataError:
        return b""
    except (OSError, pl.exceptions.PolarsError) as error:
        if "utf" in str(error).lower():
            raise FileError("It is compressed with zstd and not in UTF-8.", hint="decompress it: zstd -d.") from error
        raise FileError("It is compressed with zstd and is damaged or cut off.", hint="copy it once more.") from error
    if whole.shape != (1, 1):
        raise FileError("It is compressed with zstd and is no plain text.", hint="decompress it: zstd -d.")
    return str(whole.item()).encode()


def as_utf8(opened: Opened, encoding: str | None) -> tuple[Opened, tuple[str, ...]]:
    """A text in UTF-8, and what was recognised, in sentences; bytes that are not UTF-8 are left for who counts rows.

    Raises:
        OptionError: If there is no such encoding.
        FileError: If the text is not written so, or is no text.
    """
    head = opened.head()
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if encoding is not None:
        said = needs_codec(encoding)
        if said in ("utf-8", "utf-8-sig", "utf_8_sig"):
            return with_line_ends(opened), ()
        chosen = marked if marked and said.startswith(marked) else said
        return with_line_ends(Opened(None, decoded(opened.whole(), chosen))), ()
    if marked:
        text = decoded(opened.whole(), marked)
        return with_line_ends(Opened(None, text)), (f"It is written in {marked.upper()}.",)
    refuse_no_text(head)
    return with_line_ends(opened), ()


def needs_codec(encoding: str) -> str:
    """The name of a text encoding as Python has it."""
    try:
        codec = codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        known = "utf-8, latin-1, cp1252, utf-16, shift_jis, and whatever else Python knows"
        raise OptionError(f"Unknown encoding {encoding!r}; known are {known}.") from error
    return codec.name


def decoded(data: bytes, encoding: str) -> bytes:
    """A text in another encoding as UTF-8."""
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        at = f" at byte {error.start:,}" if isinstance(error, UnicodeDecodeError) else ""
        raise FileError(
            f"It is not written in {encoding}: what stands there{at} means nothing in it.", hint="--encoding says how."
        ) from error


def refuse_no_text(head: bytes) -> None:
    """Refuse NUL bytes at the head: every second one is UTF-16 without its mark, others are no text at all."""
    if b"\0" not in head:
        return
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > 0.4 * len(head) / 2 > head[1 - first :: 2].count(0):
            raise FileError("It looks like UTF-16 without a byte-order mark.", hint=f"--encoding {name}")
    line = head[: head.index(b"\0")].count(b"\n") + 1
    raise FileError(
        f"It holds a NUL byte in line {line:,} and is no text.", hint="save the table as CSV or Parquet, in UTF-8."
    )


def with_line_ends(opened: Opened) -> Opened:
    """A text whose lines end as everywhere; old ones of the Macintosh end in a carriage return alone."""
    head = opened.head()
    if b"\r" in head and b"\n" not in head:
        return Opened(None, opened.whole().replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return opened
