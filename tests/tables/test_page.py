# SPDX-License-Identifier: MIT
"""The page on tables is true to the code: its kinds, its thresholds, its words, its options and its forms of dates."""

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from culpa.blaming import baselines, investigating
from culpa.cli.tabling import FORM, ROLES
from culpa.tables import disguises, encoding, frames, kinds, targets
from culpa.tables.files import delimited
from culpa.tables.reading import BUNDLED
from culpa.tables.table import read_table
from culpa.tables.truths import leaks, numbers, rows, truth
from culpa.tables.truths import targets as goals

PAGE = (Path(__file__).parents[2] / "docs/tables.md").read_text(encoding="utf-8")
SENTENCES = [
    ("more than {:,} different ones and more than half as many as rows", kinds, "MOST_LEVELS"),
    ("the {:,} most frequent have an input of their own", kinds, "MOST_LEVELS"),
    ("if from {:,} rows on all are different", kinds, "FEWEST_FOR_ID"),
    ("do if from {:,} rows on all are different and they count", kinds, "FEWEST_FOR_ID"),
    ("where {:.0%} of a column's texts are numbers", disguises, "MOSTLY"),
    ("where {:.0%} have digits grouped by thousands", disguises, "MOSTLY"),
    ("or {:.0%} and the others are", disguises, "HALF"),
    ("at most {:,} different words", disguises, "FEW_WORDS"),
    ("bent to {0:g} z / √({1:g} + z²)", encoding, "BOUND"),
    ("Bent numbers stay below {:g}", encoding, "BOUND"),
    ("more than {:,} days apart", encoding, "SEASONAL"),
    ("the distance between the quartiles over {:g},", numbers, "NORMAL"),
    ("whole numbers with at most {:,} different values", targets, "MOST_WHOLE"),
    ("of more than {:,} classes", targets, "MOST_CLASSES"),
    ("a target {:,} classes", targets, "MOST_CLASSES"),
    ("may have {:,} columns", frames, "MOST_COLUMNS"),
    ("on at most {:,} rows, evenly spaced", investigating, "CHECKED_ROWS"),
    ("Of more than {0:,} rows the linear model gets {0:,}", baselines, "MOST_ROWS"),
    ("are right on {0:.0%} of rows that they were not learnt from (or have an R² of {0:g})", leaks, "SURE"),
    ("mend {:.0%} of what the majority gets wrong", leaks, "ABOVE"),
    ("classes of fewer than {:,} rows", goals, "FEWEST"),
    ("below {:,} rows", goals, "SIDES"),
    ("one class has {:.0%} of the rows or more", goals, "OUTWEIGHS"),
    ("from {:.0%} on", goals, "RULES"),
    ("from 1 % of the rows on, and {:,}", truth, "FEW"),
    ("if that is {0:.1%} of accuracy, or {1:g} of R²", rows, "CEILING"),
    ("and where {:,} times as many as chance would make", rows, "CHANCE"),
    ("in {:,} rows or more", numbers, "REPEATED"),
    ("further than {:g} spreads from the median", numbers, "EXTREME"),
    ("beyond {:,.0f} spreads", numbers, "SLIP"),
]
SECOND = {"BOUND": lambda bound: bound**2, "CEILING": lambda ceiling: 10 * ceiling}
"""What a sentence says beside the constant itself."""


def section(title: str) -> str:
    """What stands on the page below a title, up to the next."""
    return re.split(r"^#+ ", PAGE.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def stands(sentence: str, name: str, value: float) -> bool:
    """Whether the page says it, wherever the lines are broken."""
    said = sentence.format(value, SECOND.get(name, float)(value))
    return re.sub(r"(?<=\d)%", " %", said) in re.sub(r"\s+", " ", PAGE)


def first_column(text: str) -> list[str]:
    """The words in backticks in the first column of a table, or the words themselves."""
    cells = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][1:]
    return [word for cell in cells for word in (re.findall(r"`([^`]+)`", cell) or [cell])]


@pytest.mark.parametrize(("sentence", "module", "name"), SENTENCES, ids=[name for _, _, name in SENTENCES])
def test_the_page_says_the_thresholds_that_the_code_has(sentence: str, module: ModuleType, name: str) -> None:
    value = getattr(module, name)
    assert stands(sentence, name, value)
    assert not stands(sentence, name, value * 1.5)


def test_the_page_lists_the_kinds_and_the_bundled_data_and_no_others() -> None:
    listed = first_column(section("What a column holds, and what a network sees of it"))
    assert sorted(listed) == sorted(kinds.KINDS)
    assert f"| {', '.join(BUNDLED)} |" in section("What is read")


def test_the_page_lists_the_words_for_gaps_and_for_yes_and_no() -> None:
    gaps = next(line for line in section("What is read").splitlines() if line.startswith("| gaps"))
    assert set(re.findall(r"`([^`]+)`", gaps.split("|")[2])) == set(delimited.MISSING) - {""}
    assert ", ".join("/".join(pair) for pair in kinds.PAIRS) in PAGE


def test_the_page_names_every_option_of_a_table_beside_its_argument_in_python() -> None:
    read = section("What is read")
    arguments = inspect.signature(read_table).parameters
    for name in (*ROLES, *FORM):
        argument = "kinds" if name == "kind" else name
        assert argument in arguments
        assert f"--{name.replace('_', '-')}" in read
        assert re.search(rf"`{argument}=", read)


def test_the_dates_on_the_page_are_recognised_one_of_each_form() -> None:
    told = re.search(r"- \*\*Dates\*\*(.*?)`20240131`", PAGE, re.DOTALL)
    assert told
    written = re.findall(r"`([^`]+)`", told[1])
    assert len(written) == 12
    assert None not in [kinds.date_form(pl.Series([text] * 3)) for text in written]
    assert kinds.date_form(pl.Series(["31st of January"])) is None


def keys_of_truths() -> tuple[set[str], set[str]]:
    """The words that truths are made with, and all texts in the room where they are made."""
    made, texts = set(), set()
    for path in Path(truth.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Truth":
                made |= {word.value for word in node.args[:1] if isinstance(word, ast.Constant)}
    return made, texts


def test_the_page_lists_the_words_that_show_takes_and_no_others() -> None:
    listed = set(first_column(section("What is true before any training: `culpa look`")))
    made, texts = keys_of_truths()
    assert len(made) > 10
    assert made <= listed <= texts
    assert not made <= listed - {"missing"}
    assert not {*listed, "rumours"} <= texts
