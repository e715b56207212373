# SPDX-License-Identifier: MIT
"""The derivation in LaTeX: the engine's numbers, a document that TeX takes, and names from data that stay names."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

import culpa
from culpa.explaining.derivation import Code, Explanation, Line, Listed, Part, PartName, Step
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_latex import to_latex
from culpa.explaining.notations import NOTATIONS
from culpa.reporting.mathematics.expressions import Equation, Expression, Letter, Matrix, Number
from culpa.reporting.mathematics.latex import displayed, latex
from tests.explaining.rendering import faults_of, needs_web

NETWORK = culpa.Network.fresh([3, 3, 2], hidden="tanh", loss="cross_entropy", seed=1, dtype="float64")
X = np.array([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]])
Y = np.array([0, 1])
NASTY = r"a_1 & 50 % $x$ #2 {z} \input{y} ~ ^ é δ 中 <b> --x" + "\n\n\\end{document}"
LARGE = (
    culpa.Network.fresh([64, 64, 32, 10], hidden="relu", loss="cross_entropy", seed=1),
    np.random.default_rng(1).normal(size=(4, 64)),
    np.arange(4),
)
GIVEN = {"general": (), "small": (NETWORK, X, Y), "large": LARGE}


def with_all(name: str = NASTY, code: str = "δ = 1") -> Explanation:
    """An explanation with one of everything, and a name from data wherever there may be one."""
    many = tuple(Number(at) for at in range(1, 15))
    wide = Matrix((many,), (Number(1),), many, (Number(1), Number(14)))
    lines = (Line(Equation((Letter("a"), wide))), Line())
    step = Step(
        "s", name, (name, Letter("δ")), lines, Listed((name, Letter("δ")), ((name, Number(0.5)),)), Code((code,))
    )
    return replace(explain(), title=name, parts=(Part("p", name, (step,)),), notes=(name,), footer={"command": name})


def snippets(explanation: Explanation) -> Iterator[tuple[str, bool]]:
    """Each formula of an explanation, and whether it is displayed."""
    for step in (step for part in explanation.parts for step in part.steps):
        yield from ((displayed(line.symbols, line.numbers), True) for line in step.lines)
        cells = (
            () if step.listed is None else (*step.listed.headers, *(cell for row in step.listed.rows for cell in row))
        )
        for piece in (*step.words, *cells):
            if isinstance(piece, Expression | Equation):
                yield latex(piece), False


def matrices(text: str) -> list[np.ndarray]:
    """The matrices of plain numbers in a text, as they are shown."""
    found = []
    for body in re.findall(r"\\begin\{bmatrix\}\n(.*?)\n\\end\{bmatrix\}", text, flags=re.DOTALL):
        plain = re.sub(r" \\times 10\^\{(-?\d+)\}", r"e\1", body)
        rows = [re.sub(r" \\\\$", "", row).split(" & ") for row in plain.splitlines()]
        if all(re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell) for row in rows for cell in row):
            found.append(np.array([[float(cell) for cell in row] for row in rows]))
    return found


def rounded(values: np.ndarray) -> np.ndarray:
    """To the four digits that are shown."""
    return np.array([[float(f"{value:.3e}") for value in row] for row in values])


def is_shown(values: np.ndarray, text: str) -> bool:
    """Whether a text has this matrix, to the digits shown."""
    return any(
        matrix.shape == values.shape and np.allclose(matrix, rounded(values), rtol=1e-12, atol=0)
        for matrix in matrices(text)
    )


@cache
def document() -> str:
    """The derivation of the small network."""
    return to_latex(explain(NETWORK, X, Y, code=True))


def test_the_numbers_are_the_engines_to_the_digits_shown() -> None:
    of_all, of_one = culpa.gradient(NETWORK, X, Y), culpa.gradient(NETWORK, X[:1], Y[:1])
    for k in range(2):
        layer, one = NETWORK.layers[k], of_one.layers[k]
        for values in (
            layer.W,
            one.weight,
            one.delta.T,
            one.h,
            of_all.layers[k].weight,
            of_all.layers[k].bias[:, None],
        ):
            assert is_shown(np.asarray(values), document())


def test_a_number_that_is_not_the_engines_is_found_missing() -> None:
    weight = culpa.gradient(NETWORK, X[:1], Y[:1]).layers[0].weight.copy()
    weight[1, 2] *= 1.001
    assert not is_shown(weight, document())
    assert not is_shown(-weight, document())


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("given", GIVEN)
def test_a_document_is_ascii_and_every_group_in_it_is_closed(notation: str, given: str) -> None:
    text = to_latex(explain(*GIVEN[given], notation=notation))
    assert text.isascii()
    assert faults_of_groups(text) == ""


def faults_of_groups(text: str) -> str:
    """The first brace, environment or bracket that is closed by another, or by none."""
    opened: list[str] = []
    plain = text.replace("\\{", "").replace("\\}", "")
    for sign, name in re.findall(r"(\\begin|\\end|\\left(?![a-z])|\\right(?![a-z])|[{}$])(?:\{([a-z*]+)\})?", plain):
        if sign in ("\\begin", "\\left", "{") or (sign == "$" and "$" not in opened[-1:]):
            opened.append({"{": "}", "\\left": "\\right", "$": "$"}.get(sign, name))
        elif not opened or opened.pop() != (name if sign == "\\end" else sign):
            return f"{sign}{name}"
    return "".join(opened)


@pytest.mark.parametrize(
    "broken", ["{a", "a}", r"\begin{b}", r"\begin{b}\end{c}", r"\left( {a \right) }", "$a", "{$}$"]
)
def test_a_group_that_is_not_closed_is_found(broken: str) -> None:
    assert faults_of_groups(broken) != ""


def test_a_fragment_is_the_documents_inside() -> None:
    fragment = to_latex(explain(NETWORK, X, Y, code=True), fragment=True)
    assert "\\begin{document}" not in fragment
    assert "\\usepackage" not in fragment
    # The title of a fragment has a number where the other sections have one.
    inside = fragment.replace("\\section{", "\\section*{", 1)
    assert document().endswith(f"\\begin{{document}}\n\n{inside}\n\\end{{document}}\n")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("parts", [None, "hidden"])
def test_headings_have_the_numbers_that_they_have_in_plain_text(parts: PartName | None, tmp_path: Path) -> None:
    explanation = explain(NETWORK, X, Y, part=parts)
    assert compiled(to_latex(explanation), tmp_path) == ""
    entries = re.findall(r"\\numberline \{([0-9.]+)\}", (tmp_path / "it.aux").read_text())
    headings = re.findall(r"^([1-9](?:\.[0-9]+)?) [A-Z]", explanation.to_text(), flags=re.MULTILINE)
    assert entries == headings
    assert len(entries) >= 2


def test_what_it_holds_for_stands_under_the_title() -> None:
    assert "network}\n\nThe numbers are those of a 3-3-2 network for one example, row 0.\n\n" in document()


def test_names_from_data_are_words_and_no_commands() -> None:
    text = to_latex(with_all(), fragment=True)
    written = r"a\_1 \& 50 \% \$x\$ \#2 \{z\} \textbackslash{}input\{y\} \textasciitilde{} \textasciicircum{} \'{e}"
    assert text.count(written) == 8
    assert r"\end{document}" not in text
    assert faults_of_groups(text) == ""


def test_a_matrix_of_many_columns_is_announced_to_amsmath() -> None:
    assert to_latex(with_all(), fragment=True).startswith("\\setcounter{MaxMatrixCols}{14}")
    assert "MaxMatrixCols" not in document()


def test_tables_and_code_are_kept() -> None:
    text = to_latex(with_all("x"))
    assert "x & $\\delta$ \\\\ \\hline\nx & $0.5$ \\\\" in text
    assert "\\begin{verbatim}\ndelta = 1\n\\end{verbatim}" in text
    assert "command: x" in text


def test_a_long_line_of_code_goes_on_below_and_stays_the_same_statement() -> None:
    statement = f"    return dict({', '.join(f'name_{at}=name_{at}' for at in range(20))})"
    (broken,) = re.findall(r"\\begin\{verbatim\}\n(.*?)\n\\end", to_latex(with_all("x", statement)), flags=re.DOTALL)
    assert all(len(line) <= 86 for line in broken.splitlines())
    assert len(broken.splitlines()) > 3
    assert ast.dump(ast.parse(dedent(broken))) == ast.dump(ast.parse(dedent(statement)))


def test_fewer_digits_are_shown_where_they_are_asked_for() -> None:
    weight = NETWORK.layers[0].W[0, 0]
    text = to_latex(explain(NETWORK, X, Y, digits=2))
    assert f"{weight:.2g}" in text
    assert f"{weight:.4g}" not in text


@needs_web
@pytest.mark.parametrize("given", GIVEN)
def test_katex_and_mathjax_take_every_formula_in_all_notations(given: str) -> None:
    for is_displayed in (True, False):
        formulas = dict.fromkeys(
            formula
            for notation in NOTATIONS
            for formula, shown in snippets(explain(*GIVEN[given], notation=notation))
            if shown is is_displayed and formula
        )
        assert len(formulas) > 20
        assert [fault for fault in faults_of([*formulas], display=is_displayed) if fault] == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("given", [*GIVEN, "everything"])
def test_pdflatex_takes_the_document(given: str, tmp_path: Path) -> None:
    explanation = with_all() if given == "everything" else explain(*GIVEN[given])
    assert compiled(to_latex(explanation), tmp_path) == ""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_pdflatex_refuses_a_broken_document(tmp_path: Path) -> None:
    assert compiled(document().replace("\\end{gather*}", "", 1), tmp_path) != ""


def compiled(text: str, folder: Path) -> str:
    """What pdflatex complains of: errors, and lines that are too wide."""
    (folder / "it.tex").write_text(text, encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "it.log").read_text(encoding="latin-1")
    complaints = re.findall(r"^(?:!.*|Overfull \\hbox.*|.*undefined.*)$", log, flags=re.MULTILINE)
    return "\n".join(complaints) or ("" if run.returncode == 0 else "failed")
