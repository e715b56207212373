# SPDX-License-Identifier: MIT
"""The documents are true: the README shows what its commands print, its picture and the notation are up to date,
and every example in a docstring runs."""

import doctest
import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import culpa

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    {"culpa", *(found.name for found in pkgutil.walk_packages(culpa.__path__, "culpa."))} - {"culpa.__main__"}
)


def script(path: str) -> ModuleType:
    """A script of the documents as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def form(text: str) -> list[str]:
    """A text without what differs from machine to machine: numbers, and how wide they make the columns."""
    plain = re.sub(r"[−+]?\d[\d,]*(\.\d+)*(e[−-]?\d+)?|[−+]?\.\d+(e[−-]?\d+)?|\b[0-9a-f]{16}\b", "#", text)
    return [re.sub(r"\s+", " ", line).strip() for line in plain.splitlines()]


README = (ROOT / "README.md").read_text(encoding="utf-8")
OUTPUTS = script("docs/outputs.py")
PAGES = [path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")]


@pytest.fixture(scope="module", params=OUTPUTS.DOCUMENTS)
def outputs(request):
    """The outputs of one document, as it shows them and as they come out."""
    return OUTPUTS.outputs((ROOT / request.param).read_text(encoding="utf-8"))


def test_the_outputs_of_the_readme_are_found() -> None:
    assert [part["of"] for part in OUTPUTS.PART.finditer(README) if part["of"]] == [
        "culpa blame digits --top 5",
        "python",
        "python",
    ]


def test_an_output_in_a_document_is_what_comes_out_in_form(outputs) -> None:
    assert outputs
    assert [form(shown) for _, shown, _ in outputs] == [form(printed) for _, _, printed in outputs]


def test_an_output_fits_80_columns(outputs) -> None:
    assert max(len(line) for output in outputs for line in output.shown.splitlines()) <= 80


def test_the_form_of_an_output_shows_a_missing_column_and_a_changed_word() -> None:
    right = "row  loss\n  5  .132\n"
    assert form(right) == form("row    loss\n 1,734  1.3e-7\n")
    assert form(right) != form("row\n  5\n")
    assert form(right) != form("row  cost\n  5  .132\n")


def test_the_readme_fits_150_lines() -> None:
    assert len(README.splitlines()) <= 150


def astray(page: str, text: str) -> list[str]:
    """The links of a page that lead to no file, or to no title in it, as GitHub calls titles."""
    wrong = []
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        file, _, anchor = link.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        text = path.read_text(encoding="utf-8") if path.is_file() and path.suffix == ".md" else ""
        titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
        if not path.exists() or (anchor and anchor not in anchors):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *sorted(str(p) for p in PAGES)])
def test_the_links_of_a_page_lead_to_files_and_to_their_titles(page: str) -> None:
    assert astray(page, (ROOT / page).read_text(encoding="utf-8")) == []


def test_a_link_to_no_file_and_one_to_no_title_are_found() -> None:
    text = "[a](docs/tables.md#the-target), [b](docs/nowhere.md), [c](docs/tables.md#nowhere), [d](docs/no.md#title)"
    assert astray("README.md", text) == ["docs/nowhere.md", "docs/tables.md#nowhere", "docs/no.md#title"]


def test_the_picture_is_what_its_script_draws() -> None:
    drawn = script("docs/figures/one_weight.py").draw()
    assert drawn == (ROOT / "docs/figures/one_weight.svg").read_text(encoding="utf-8")


def test_the_pictures_product_is_true_to_its_two_decimals() -> None:
    layer = script("docs/figures/one_weight.py").example().layers[1]
    assert layer.entry(1, 2) == pytest.approx(float(layer.delta[0, 1] * layer.h[0, 2]), rel=1e-15)
    assert round(round(float(layer.delta[0, 1]), 2) * round(float(layer.h[0, 2]), 2), 2) == round(layer.entry(1, 2), 2)


def test_the_notation_page_and_the_engines_docstring_say_the_same() -> None:
    page = (ROOT / "docs/notation.md").read_text(encoding="utf-8").split("```")[1]
    docstring = (culpa.engine.__doc__ or "").split("\n\n")[1]
    assert [line.strip() for line in page.splitlines()[1:]] == [line.strip() for line in docstring.splitlines()]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    names = {**vars(module), "np": np, "culpa": culpa}
    result = doctest.testmod(module, extraglobs=names, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_the_runner_of_examples_refuses_a_wrong_one() -> None:
    wrong = ModuleType("wrong", ">>> 1 + 1\n3\n")
    assert doctest.testmod(wrong, verbose=False).failed == 1


def test_the_tables_of_results_and_the_chart_are_what_the_kept_results_give() -> None:
    benchmarks = script("docs/benchmarks.py")
    for path in benchmarks.PAGES:
        page = path.read_text(encoding="utf-8")
        assert benchmarks.TABLE.search(page)
        assert benchmarks.rewritten(page) == page
    assert benchmarks.draw() == benchmarks.CHART.read_text(encoding="utf-8")


def test_the_table_of_mistakes_is_what_the_dictionary_gives() -> None:
    mistakes = script("docs/mistakes.py")
    page = mistakes.PAGE.read_text(encoding="utf-8")
    assert mistakes.TABLE.search(page)
    assert mistakes.rewritten(page) == page
    stale = page.replace("| decay missing |", "| no decay |")
    assert stale != page
    assert mistakes.rewritten(stale) == page
