# SPDX-License-Identifier: MIT
"""To HTML: a derivation as one page that needs nothing but a browser, or as a piece of a notebook.

    to_html(explanation)         a whole page: contents, drawing, the argument, what lights up with what, the laboratory
    to_fragment(explanation)     the argument alone, without script; its styles reach nothing outside it

The page reads by scrolling alone. Nothing is computed here: numbers stand in the tree, and everything that comes from
data is escaped.
"""

import json
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import chain

from culpa.explaining.derivation import Explanation, Listed, Part, Step, Words
from culpa.explaining.forms.lighting import Record, drawn_quantities, records
from culpa.explaining.forms.naming import leftward, printable
from culpa.explaining.forms.typesetting import Typesetter
from culpa.explaining.laboratory.laboratory import fits, laboratory, laboratory_script, laboratory_style
from culpa.explaining.symbols import Quantity, Symbols
from culpa.explaining.worth import Worth
from culpa.reporting.drawing import Picture, network_svg
from culpa.reporting.font import font_face
from culpa.reporting.mathematics.expressions import Number
from culpa.reporting.page import page

__all__ = ["to_fragment", "to_html"]

ARROW = " → "
"""Stands between the units of a path."""
NODES = 8
"""In a drawing of layers of at most so many units each unit bears its output."""


def to_html(explanation: Explanation) -> str:
    """One page that is complete in itself.

    Args:
        explanation: What to print.
    """
    worth = explanation.worth
    write = typesetter(explanation)
    parts = "\n".join(part_of(part, write) for part in explanation.parts)
    styles, scripts = [font_face(), resource("to_html.css")], []
    drawing, bench, read = "", "", set(write.present)
    if worth is not None:
        drawing = drawing_of(explanation, worth, write)
        if fits(worth):
            bench = laboratory(worth, explanation.digits, names=explanation.names, focus=explanation.focus)
            styles.append(laboratory_style())
            scripts.append(laboratory_script())
    known = records(
        worth,
        Symbols(explanation.notation, None if worth is None else worth.depth),
        write.present,
        digits=explanation.digits,
        unread=write.present.keys() - read,
        names=explanation.names,
    )
    body = (
        '<a class="skip" href="#derivation">Skip to the derivation</a>\n<main class="culpa">\n'
        f"<header>\n<h1>{escape(explanation.title)}</h1>\n{lead(explanation)}</header>\n"
        f'{contents(explanation, write, bool(bench))}{drawing}<div id="derivation">\n{parts}\n</div>\n'
        f"{bench}{notes(explanation, write)}{footer(explanation)}</main>\n"
        f'<div class="culpa status"{whose(explanation)}><div class="said" aria-hidden="true"></div>'
        '<div class="unseen" role="status" aria-live="polite"></div></div>\n'
        f'<script type="application/json" id="cells">{as_json(known)}</script>'
    )
    return page(explanation.title, body, styles=styles, scripts=[resource("page.js"), *scripts])


def to_fragment(explanation: Explanation) -> str:
    """The derivation for a notebook: no script, and styles that change nothing outside it.

    Args:
        explanation: What to print.
    """
    write = typesetter(explanation)
    # The second line of the rules is for a page's own formulas, and would reach all those of the notebook.
    font = font_face().splitlines()[0]
    parts = "\n".join(part_of(part, write, level=3, anchors=False) for part in explanation.parts)
    return (
        f'<div class="culpa culpa-fragment">\n<style>\n{font}\n{resource("to_html.css")}</style>\n'
        f'<p class="title"><strong>{escape(explanation.title)}</strong></p>\n'
        f"{parts}\n{notes(explanation, write, level=3)}{footer(explanation, tag='p')}</div>\n"
    )


def as_json(known: "dict[str, Record]") -> str:
    """The record as short JSON that cannot end its element, nor begin another: what lights up, and words."""
    short = {name: [" ".join(entry["lit"][1:]), entry["formula"], entry["words"]] for name, entry in known.items()}
    text = json.dumps(short, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!", "\\u003c!").replace("<s", "\\u003cs")


def resource(name: str) -> str:
    """A file that lies beside this one."""
    return files("culpa.explaining.forms").joinpath(name).read_text("utf-8")


def typesetter(explanation: Explanation) -> Typesetter:
    """Who writes the formulas."""
    worth = explanation.worth
    names = leftward(escape(str(name)) for name in chain(*explanation.names))
    return Typesetter(explanation.digits, None if worth is None else worth.example + 1, names)


def whose(explanation: Explanation) -> str:
    """What the page's script says beside a number: of which example it is, or that it is that of them all."""
    if explanation.worth is None:
        return ""
    n = len(explanation.worth.X)
    every = f"all {n} rows" if n > 1 else "the one row"
    return f' data-one="{escape(explanation.example)}" data-all="{every}"'


def lead(explanation: Explanation) -> str:
    """The paragraph under the title: what the numbers are, whose the letters, and how the page is used."""
    source, ours = explanation.notation.source, "culpa, "
    whose_letters = f"culpa's own, {source[len(ours) :]}" if source.startswith(ours) else f"those of {source}"
    letters = f"The letters are {escape(whose_letters)}."
    use = "Point at a letter, and it lights up wherever it stands."
    if explanation.worth is not None:
        use = (
            "Point at a number, or step through a matrix with the arrow keys, and what it is made of lights up. "
            'Of slopes, those that <span class="rises">rise</span> are blue and those that '
            '<span class="falls">−fall</span> are red and bear a minus.'
        )
    return f'<p class="lead">{escape(explanation.about)} {letters} <span class="screen">{use}</span></p>\n'


def contents(explanation: Explanation, write: Typesetter, bench: bool) -> str:
    """The table of contents; nothing for a single part."""
    links = [(part.name, part.heading) for part in explanation.parts] + [("laboratory", "Laboratory")] * bench
    if len(links) < 2:
        return ""
    items = "".join(f'<li><a href="#{escape(name)}">{write.text(heading)}</a></li>' for name, heading in links)
    return f'<nav class="contents" aria-label="Contents"><ol>{items}</ol></nav>\n'


def drawing_of(explanation: Explanation, worth: Worth, write: Typesetter) -> str:
    """The network with the gradient of the example as its edges."""
    sizes, m = worth.network.sizes, worth.example
    edges = [worth.whole(Quantity("dW"), k, None) for k in range(1, worth.depth + 1)]
    small = max(sizes) <= NODES
    values = [worth.layers("h", k)[m] for k in range(worth.depth + 1)] if small else []
    inputs, outputs = explanation.names
    named = [list(map(printable, column)) for column in (inputs, outputs)]
    names = [named[0], *([[]] * (worth.depth - 1)), named[1]] if any(named) else []
    picture = Picture(edges, names, values, keep=dict(worth.keep), marked=marked(explanation.focus))
    for quantity in drawn_quantities(picture.shown):
        write.present.setdefault(write.name(quantity), quantity)
    svg = network_svg(
        picture,
        title=f"The network {'-'.join(map(str, sizes))}",
        description="Each edge is a weight; its width is the size of the loss's derivative by it, its style the sign.",
        legend=f"|∂{explanation.notation.loss}/∂{explanation.notation.weight}|",
        # A unit stands for its output and for its error.
        node_key=lambda k, i: f"h-{k}-{i} delta-{k}-{i}" if k else f"h-{k}-{i}",
        edge_key=lambda k, i, j: f"dW-{k}-{i}-{j}",
    )
    words = "Each line is a weight, as broad as the loss's derivative by it is large; dashed where it is negative."
    inside = " In each unit stands its output." if small else " In each unit stands its number."
    inside += " What is asked for is marked." if explanation.focus is not None else ""
    return (
        f'<figure class="drawing"><div class="wide" role="group" aria-label="Drawing of the network">'
        f"{svg}</div><figcaption>{words}{inside}</figcaption></figure>\n"
    )


def marked(focus: "Quantity | None") -> "tuple[int, ...] | None":
    """What is asked for, as a place in the drawing: the edge (k, i, j) of a weight, the unit (k, i) of all else."""
    places = () if focus is None else (focus.layer, *focus.entry)
    return tuple(int(place.value) for place in places if isinstance(place, Number)) or None


def part_of(part: Part, write: Typesetter, *, level: int = 2, anchors: bool = True) -> str:
    """A part of the argument with its heading."""
    name = f' id="{escape(part.name)}"' if anchors else ""
    steps = "\n".join(step_of(step, write, level=level + 1, anchors=anchors) for step in part.steps)
    return f'<section class="part"{name}>\n<h{level}>{write.text(part.heading)}</h{level}>\n{steps}\n</section>'


def step_of(step: Step, write: Typesetter, *, level: int, anchors: bool) -> str:
    """One step: heading, sentence, equations, table, code."""
    name = f' id="{escape(step.key)}"' if anchors else ""
    blocks = [
        f"<h{level}>{write.text(step.heading)}</h{level}>" if step.heading else "",
        f'<p class="words">{sentence_of(step.words, write)}</p>' if step.words else "",
        *map(write.line, step.lines),
        "" if step.listed is None else table_of(step.listed, write),
        "" if step.code is None else code_of(step.code.statements),
    ]
    return f'<div class="step"{name}>\n' + "\n".join(filter(None, blocks)) + "\n</div>"


def code_of(statements: "tuple[str, ...]") -> str:
    """NumPy statements, in a box that scrolls."""
    code = escape("\n".join(statements))
    return f'<pre class="wide" role="group" aria-label="The same in NumPy"><code>{code}</code></pre>'


def sentence_of(words: Words, write: Typesetter) -> str:
    """A sentence with formulas in it."""
    return "".join(write.text(word) if isinstance(word, str) else write.inline(word) for word in words)


def table_of(listed: Listed, write: Typesetter) -> str:
    """A small table, in a box that scrolls."""

    def cell(thing: object) -> str:
        kind = "number" if isinstance(thing, Number) else "whole" if isinstance(thing, str) and is_whole(thing) else ""
        start = f'<td class="{kind}">' if kind else "<td>"
        return f"{start}{sentence_of((thing,), write)}</td>"  # type: ignore[arg-type] # a text or a formula

    head = "".join(f'<th scope="col">{sentence_of((header,), write)}</th>' for header in listed.headers)
    rows = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in listed.rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide" role="group" aria-label="Table">{table}</div>'


def is_whole(text: str) -> bool:
    """Whether a cell's text is one thing that is not broken into lines: a path, a share."""
    return ARROW in text or text.endswith("%")


def notes(explanation: Explanation, write: Typesetter, *, level: int = 2) -> str:
    """What the reader should know beside it."""
    if not explanation.notes:
        return ""
    items = "".join(f"<li>{write.text(note)}</li>" for note in explanation.notes)
    return f'<section class="notes"><h{level}>Notes</h{level}><ul>{items}</ul></section>\n'


def footer(explanation: Explanation, *, tag: str = "footer") -> str:
    """What it takes to get the same again."""

    def lines() -> Iterator[str]:
        for name, value in explanation.footer.items():
            yield f"<span><b>{escape(str(name))}</b> <code>{escape(str(value))}</code></span>"

    inside = " ".join(lines())
    return f'<{tag} class="footer">{inside}</{tag}>\n' if inside else ""
