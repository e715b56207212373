# SPDX-License-Identifier: MIT
"""Investigations whose pages are looked at, and what reads a page again: an HTML parser that knows nothing of ours.

hostile()     classes, columns and ids that would be code or formulas, and one class that is called keep
prices()      a target of numbers
digits()      images
"""

import json
import warnings
from functools import cache
from html.parser import HTMLParser

import numpy as np
import polars as pl

from culpa.blaming.investigating import investigate_table, with_findings
from culpa.blaming.page.writing import report_page
from culpa.errors import CulpaWarning
from culpa.tables.assigning import from_frame
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles

CLASSES = ("keep", "<script>alert(2)</script>", "=1+1")
LISTED = 26
"""So many suspects stand on each page: those with reasons, and some without."""
VOID = {"br", "img", "input", "link", "meta"}


def found_in(table, **options):
    """A quick investigation: few epochs, and no forest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)
        said = {"epochs": 8, "hidden": (12, 6), **options}
        return with_findings(investigate_table(table, said=said, score="record", show_progress=False))


@cache
def hostile():
    """A table of 120 rows with names that mean harm, and what was found in it."""
    random = np.random.default_rng(0)
    kind = np.arange(120) % 3
    given = np.where(random.random(120) < 0.06, (kind + 1) % 3, kind)
    X = random.normal(size=(120, 3)) + 1.5 * kind[:, None]
    frame = pl.DataFrame(
        {
            "who": [f"=cmd({i})" if i % 2 else f"<img src=x onerror=alert({i})>" for i in range(120)],
            "<script>alert(1)</script>": X[:, 0],
            "=cmd()": X[:, 1],
            "\"q\" & 'a'": X[:, 2].round(1),
            "kind<br>": random.choice(["<i>a</i>", "b"], 120),
            "label": np.array(CLASSES)[given],
        }
    )
    table = from_frame(frame, Roles(target="label", id="who"), name="<b>hostile</b>.csv")
    return table, found_in(table)


@cache
def prices():
    """A table of 90 rows with a target of numbers."""
    random = np.random.default_rng(1)
    X = random.normal(size=(90, 3))
    price = 200_000 + 40_000 * X[:, 0] - 10_000 * X[:, 1] + 5_000 * random.normal(size=90)
    frame = pl.DataFrame({"rooms": X[:, 0], "noise": X[:, 1], "other": X[:, 2], "price": price})
    table = from_frame(frame, Roles(target="price"), name="prices")
    return table, found_in(table)


@cache
def digits():
    """The digits, hardly learnt."""
    table = read_raw("digits")
    return table, found_in(table, epochs=2)


@cache
def page_of(name):
    """The page of one of them."""
    table, found = {"hostile": hostile, "prices": prices, "digits": digits}[name]()
    words = ["blame", "my table.csv"]
    footer = {"reproduce": "culpa blame 'my table.csv'", "versions": "culpa 1, numpy 2", "data": table.checksum}
    return report_page(found, table, words=words, footer=footer, top=LISTED)


class Node:
    """An element with its attributes, its children and the text in all of it."""

    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children, self.pieces = tag, dict(attributes), [], []

    @property
    def text(self):
        """The text that is read, with single blanks."""
        return " ".join("".join(piece if isinstance(piece, str) else piece.raw for piece in self.pieces).split())

    @property
    def raw(self):
        """The text as it stands."""
        return "".join(piece if isinstance(piece, str) else piece.raw for piece in self.pieces)

    def all(self, tag=None, **wanted):
        """Every element below with this tag and these attributes; `kind` is one of its classes."""
        kind = wanted.pop("kind", None)
        for child in self.children:
            fits = tag in (None, child.tag) and all(child.attributes.get(k) == v for k, v in wanted.items())
            if fits and (kind is None or kind in child.attributes.get("class", "").split()):
                yield child
            yield from child.all(tag, kind=kind, **wanted)

    def one(self, tag=None, **wanted):
        """The first of them."""
        return next(self.all(tag, **wanted))


class Reader(HTMLParser):
    """Makes a tree of a page."""

    def __init__(self):
        super().__init__()
        self.root = Node("root", [])
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        """Begin an element."""
        node = Node(tag, attrs)
        self.open[-1].children.append(node)
        self.open[-1].pieces.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):
        """An element without an inside, as SVG has them."""
        node = Node(tag, attrs)
        self.open[-1].children.append(node)
        self.open[-1].pieces.append(node)

    def handle_endtag(self, tag):
        """End an element, which must be the one that is open."""
        assert self.open[-1].tag == tag, (self.open[-1].tag, tag)
        self.open.pop()

    def handle_data(self, data):
        """Text."""
        self.open[-1].pieces.append(data)


def tree_of(text):
    """The tree of a page; every element in it must be closed."""
    reader = Reader()
    reader.feed(text)
    assert reader.open == [reader.root]
    return reader.root


def record_of(text):
    """What the page's script is told."""
    return json.loads(tree_of(text).one("script", id="suspects-record").raw)


def value(text):
    """A number as the page writes it."""
    plain = text.replace("−", "-").replace(",", "").replace("\u202f", "").replace("\u00a0", "")
    return float(plain.replace(" ", "").replace("×10", "e").removesuffix("%"))
