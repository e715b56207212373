# SPDX-License-Identifier: MIT
"""Pages as tests read them: are they well formed, what do they refer to, and which number stands in which cell.

    read = Page.of(text)
    read.cells      [("dW-2-1-3", "−0.03133"), …]      the text of every element that bears a key
    read.numbers    those of them that are numbers, by key
    expected("dW-2-1-3", world)                        what it must be, by complex steps and without the engine

Nothing of the library's printers is used.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np

from tests.explaining.world import World

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
NUMBER = re.compile(r"(−?)([0-9]+(?:\.[0-9]+)?)(?:×10(−?[0-9]+))?")


@dataclass
class Page(HTMLParser):
    """What stands on a page."""

    cells: list = field(default_factory=list)
    classes: list = field(default_factory=list)
    references: list = field(default_factory=list)
    ids: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    open: list = field(default_factory=list)

    @classmethod
    def of(cls, text):
        """Read a page to its end."""
        page = cls()
        HTMLParser.__init__(page)
        page.feed(text)
        page.close()
        page.faults += [f"<{tag}> is not closed" for tag, *_ in page.open]
        return page

    @property
    def numbers(self):
        """The cells that are numbers: (key, number, digits after the point, power of ten)."""
        for key, text in self.cells:
            found = NUMBER.fullmatch(text)
            if found is not None:
                sign, digits, power = found.groups()
                ten = int((power or "0").replace("−", "-"))
                value = float(digits) * 10.0**ten * (-1 if sign else 1)
                yield key, value, 10.0**ten * 10.0 ** -len(digits.partition(".")[2])

    def handle_starttag(self, tag, attributes):
        """Keep what is asked about, and where an element begins."""
        given = dict(attributes)
        self.references += [given[name] for name in ("href", "src", "srcset", "action", "data") if given.get(name)]
        self.ids += [given["id"]] if "id" in given else []
        if tag not in VOID:
            self.open.append((tag, given.get("data-cell"), given.get("class", ""), len(self.texts)))

    def handle_startendtag(self, tag, attributes):
        """An element of SVG without an end tag."""
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        """Close an element, and keep its text if it bears a key."""
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1][0] if self.open else 'nothing'}")
            return
        _, key, kind, start = self.open.pop()
        if key is not None:
            text = "".join(self.texts[start:]).replace("\u2062", "")
            self.cells += [(one, text) for one in key.split()]
            self.classes.append((key, text, kind))

    def handle_data(self, data):
        """Text."""
        self.texts.append(data.strip())


ROLES = {"delta": "δ", "DW": "∇W", "Db": "∇b", "slope": "g′", "part": "wδ"}


def expected(key, world):
    """What a key's number must be, by the tests' own forward pass and complex steps; None if it holds letters."""
    role, *places = key.split("-")
    m = int(places.pop()) - 1 if "of" in places else world.example
    numbers = [place for place in places if place != "of"]
    if not all(place.isdigit() for place in numbers):
        return None
    k, *entry = map(int, numbers)
    values = np.asarray(world.value(ROLES.get(role, role), k, m))
    return float(values[tuple(index - 1 for index in entry)])


def wrong(text, network, X, y, example=0):
    """The cells of a page whose number is not the expected one, to the last digit that is shown."""
    world = World(network, np.asarray(X), y, example)
    found = []
    for key, shown, unit in Page.of(text).numbers:
        right = expected(key, world)
        if right is not None and abs(shown - right) > 0.5001 * unit:
            found.append((key, shown, right))
    return found
