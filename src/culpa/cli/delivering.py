# SPDX-License-Identifier: MIT
"""Delivering an explanation: in which form, and where to. Nothing is written before everything is made.

The form is that of --to, else that of the output's ending, else text; an option that would play no part is refused.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from culpa.cli.common import footer, keeps_inputs, note
from culpa.errors import FileError, OptionError, unknown_name
from culpa.explaining.derivation import Explanation, Flavour
from culpa.explaining.notes.notes import into_note
from culpa.storing import needs_writable, write_whole

__all__ = [
    "Delivery",
    "File",
    "admit_delivery",
    "deliver",
    "in_note",
    "needs_places",
    "printed",
    "repeated",
    "signed",
]

Form = Literal["text", "markdown", "latex", "html"]
ENDINGS: dict[str, Form] = {".txt": "text", ".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html"}


class Delivery(NamedTuple):
    """In which form an explanation is wanted.

    Attributes:
        form: text, markdown, latex or html.
        flavour: Of Markdown.
        fragment: Whether what makes a whole document is left out.
        said: The words of the command line that say so.
    """

    form: Form
    flavour: Flavour
    fragment: bool
    said: tuple[str, ...]


class File(NamedTuple):
    """What is to be written, and what is said of it then."""

    path: str
    content: bytes
    remark: str


def admit_delivery(
    form: str | None, flavour: str | None, fragment: bool, output: str | None, *, into: str | None = None
) -> Delivery:
    """Let the options of the form in."""
    if form is not None and form not in get_args(Form):
        raise unknown_name("form", form, get_args(Form))
    if into is not None and form not in (None, "markdown"):
        raise OptionError(f"--to {form} cannot stand beside --into: a note is Markdown.")
    chosen: Form = "markdown" if into is not None else cast("Form", form) if form is not None else ending(output)
    if flavour is not None:
        if flavour not in get_args(Flavour):
            raise unknown_name("flavour", flavour, get_args(Flavour))
        if chosen != "markdown":
            raise OptionError(f"--flavour is of Markdown, and this is {chosen}.", hint="add --to markdown.")
    if fragment and (chosen == "text" or into is not None):
        where = "a note takes none but the derivation" if into is not None else "text has none"
        raise OptionError(f"--fragment leaves out what makes a document, and {where}.")
    usual = "github" if into is None else "obsidian"
    said = [] if chosen == "text" else ["--to", chosen]
    chosen_flavour = cast("Flavour", flavour or usual)
    said += [] if chosen_flavour == "github" else ["--flavour", chosen_flavour]
    return Delivery(chosen, chosen_flavour, fragment, (*said, *(["--fragment"] * fragment)))


def ending(output: str | None) -> Form:
    """The form by a file's ending; text for the terminal."""
    if output is None:
        return "text"
    found = ENDINGS.get(Path(output).suffix.lower())
    if found is None:
        raise OptionError(
            f"The form cannot be told from the name {output}.", hint=f"end it in {', '.join(ENDINGS)}, or say --to."
        )
    return found


def printed(made: Explanation, how: Delivery) -> str:
    """The explanation in a form, with a line's end."""
    if how.form == "markdown":
        text = made.to_markdown(flavour=how.flavour, front_matter=False if how.fragment else None)
    elif how.form == "latex":
        text = made.to_latex(fragment=how.fragment)
    elif how.form == "html":
        text = made.to_fragment() if how.fragment else made.to_html()
    else:
        text = made.to_text()
    return text.rstrip("\n") + "\n"


def in_note(path: str, made: Explanation, how: Delivery, replaced: str | None, mark: str | None) -> File | None:
    """A note with the explanation in it; None where it is up to date."""
    try:
        before = Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    text = made.to_markdown(flavour=how.flavour, front_matter=False, headings=False)
    placed = into_note(before, text, replace=replaced, mark=mark)
    if not placed.changed:
        note(f"{path}: {placed.sentence}")
        return None
    return File(path, placed.content, f"{path}: {placed.sentence}")


def deliver(files: Sequence[File], text: str | None = None) -> None:
    """Write the files, each whole, and the text to stdout."""
    for file in files:
        write_whole(file.path, file.content)
        note(file.remark)
    if text is not None:
        sys.stdout.write(text)


def needs_places(paths: Mapping[str, str | None], *inputs: str | None) -> None:
    """Refuse to write where nothing can be written, over what was read, or to one place twice."""
    seen: dict[str, str] = {}
    for name, path in paths.items():
        if path is None:
            continue
        keeps_inputs(path, *inputs)
        needs_writable(path)
        place = os.path.realpath(path)
        if place in seen:
            raise OptionError(f"{seen[place]} and {name} would both be written to {path}.", hint="name two files.")
        seen[place] = name


def repeated(options: Mapping[str, object], usual: Mapping[str, object]) -> Iterator[str]:
    """The options that were given, to say them again."""
    for name, value in options.items():
        if value is True:
            yield name
        elif value is not None and value is not False and usual.get(name) != value:
            yield from (name, str(value))


def signed(words: Sequence[str], data: str | None = None) -> dict[str, str]:
    """What a document says at its end of how it was made."""
    made, *others = footer(words, data).items()
    return {"made": made[1], **dict(others)}
