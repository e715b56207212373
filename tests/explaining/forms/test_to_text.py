# SPDX-License-Identifier: MIT
"""The derivation in plain text: its numbers read back out are the engine's, and no line is wider than asked for."""

import re
import shlex
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.explaining.derivation import Code, Explanation, Line, Listed, Part, Step
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_text import to_text
from culpa.explaining.notations import NOTATIONS
from culpa.reporting.mathematics.expressions import Equation, Letter, Matrix, Number

NUMERAL = re.compile(r"[−-]?[0-9]+(\.[0-9]+)?(e[−-]?[0-9]+)?")
X = np.array([[-0.2, 0.0, 1.0], [1.8, -1.9, -1.5], [1.2, 1.7, -1.1]])
Y = np.array([0, 1, 1])


def network(*sizes):
    """A small one with a bias of its own everywhere."""
    fresh = culpa.Network.fresh(list(sizes), hidden="tanh", loss="cross_entropy", seed=1)
    theta = culpa.flatten(fresh)
    return culpa.unflatten(fresh, theta + np.linspace(-0.1, 0.1, len(theta), dtype=theta.dtype)).astype("float64")


SMALL = network(3, 3, 2)


def data(sizes, n=5):
    """Inputs with one decimal, and classes."""
    rng = np.random.default_rng(1)
    return rng.integers(-20, 20, size=(n, sizes[0])) / 10, rng.integers(0, sizes[-1], size=n)


# --- reading numbers back ---


def number(word):
    """A numeral as it is printed; None for dots, and for anything else."""
    return float(word.replace("−", "-")) if NUMERAL.fullmatch(word) else None


def matrices(page):
    """Every matrix of numbers on a page, from its brackets: rows of numbers, None for dots."""
    rows, found = page.splitlines(), []
    for top, line in enumerate(rows):
        for left in (place for place, sign in enumerate(line) if sign == "⎡"):
            right = line.index("⎤", left)
            foot = next(at for at in range(top, len(rows)) if rows[at][left : left + 1] == "⎣")
            found.append([row[left + 1 : right].split() for row in rows[top : foot + 1]])
        found += [[inside.split()] for inside in re.findall(r"\[([^\[\]]*)\]", line)]
    return [
        [[number(word) for word in row] for row in table]
        for table in found
        if all(number(word) is not None or word in "⋯⋮⋱" for row in table for word in row)
        and any(number(word) is not None for row in table for word in row)
    ]


def rounded(value):
    """To the four digits that are shown."""
    return float(f"{value:.3e}")


def same(table, values):
    """Whether a matrix that was read is what an array is, to every digit shown; of a large one the corners."""
    places = [list(range(size)) if size <= 6 else [0, 1, None, size - 1] for size in np.shape(values)]
    if [len(table), len(table[0])] != [len(place) for place in places]:
        return False
    return all(
        table[at][to] == (None if row is None or column is None else rounded(values[row][column]))
        for at, row in enumerate(places[0])
        for to, column in enumerate(places[1])
    )


def engine(net, inputs, classes):
    """Every array that the argument speaks of, by name, from the engine's own functions."""
    found = culpa.gradient(net, inputs, classes)
    depth, h = len(net.layers), inputs
    pool = {"y": np.eye(net.sizes[-1])[classes[0]][:, None], "w": found.w[:, None]}
    for k, (layer, block) in enumerate(zip(net.layers, found.layers, strict=True), 1):
        delta, a = np.asarray(block.delta), h @ layer.W.T + layer.b
        pool |= {f"W_{k}": layer.W, f"W_{k}ᵀ": layer.W.T, f"b_{k}": layer.b[:, None], f"a_{k}": a[0][:, None]}
        pool |= {f"∇W_{k}": block.weight, f"∇b_{k}": np.asarray(block.bias)[:, None], f"H_{k - 1}": h, f"Δ_{k}": delta}
        pool |= {f"dW_{k}": np.outer(delta[0], h[0]), f"dh_{k - 1}": np.asarray(found.hidden(k - 1))[0][:, None]}
        for m in range(len(inputs)):
            pool |= {f"δ_{k}({m})": delta[m][:, None], f"h_{k - 1}({m})ᵀ": h[m][None, :]}
        if k < depth:
            pool[f"g′_{k}"] = layer.activation.slope(a)[0][:, None]
        h = layer.activation.value(a) if k < depth else culpa.predict(net, inputs)
        pool[f"h_{k}"] = h[0][:, None]
    return {**pool, "h_0": inputs[0][:, None]}


INPUTS = ["W_1", "b_1", "a_1", "h_0", "h_1", "h_2", "y"]
ERRORS = ["δ_1(0)", "δ_2(0)", "W_2ᵀ", "dh_1", "g′_1", "h_1(0)ᵀ"]
GRADIENTS = ["dW_1", "dW_2", "∇W_1", "∇W_2", "∇b_1", "∇b_2", "Δ_1", "H_0"]


def strangers(page, pool):
    """Matrices on a page that are nothing of the engine's, and arrays of the engine's that are nowhere on it."""
    read = matrices(page)
    unknown = [table for table in read if not any(same(table, values) for values in pool.values())]
    return unknown, [name for name in INPUTS + ERRORS + GRADIENTS if not any(same(table, pool[name]) for table in read)]


@pytest.mark.parametrize("show", ["both", "numbers"])
def test_the_numbers_read_back_are_the_engine_s_to_every_digit_shown(show):
    page = to_text(explain(SMALL, X, Y, show=show))
    assert strangers(page, engine(SMALL, X, Y)) == ([], [])


def test_the_products_in_the_cells_are_of_the_error_of_their_row_and_the_output_of_their_column():
    pool = engine(SMALL, X, Y)
    rows = re.findall(r"[⎡⎢⎣]([^⎡⎢⎣]*·[^⎤⎥⎦]*)[⎤⎥⎦]", to_text(explain(SMALL, X, Y, part="weights", show="numbers")))
    read = [[[number(factor.strip("()")) for factor in cell.split("·")] for cell in row.split()] for row in rows]
    expected = [
        [[rounded(delta), rounded(output)] for output in pool[f"h_{k - 1}"][:, 0]]
        for k in (1, 2)
        for delta in pool[f"δ_{k}(0)"][:, 0]
    ]
    assert read == expected


def test_so_are_those_of_matrices_that_are_shown_in_part():
    net = network(7, 9, 4)
    inputs, classes = data(net.sizes)
    page = to_text(explain(net, inputs, classes), width=100)
    assert strangers(page, engine(net, inputs, classes)) == ([], [])


def test_a_number_that_is_off_by_its_last_digit_is_refused():
    """Negative control."""
    page = to_text(explain(SMALL, X, Y))
    pool = engine(SMALL, X, Y)
    word = f"{rounded(pool['dW_2'][0, 0]):.4g}".replace("-", "−")
    assert word in page
    other = word[:-1] + ("1" if word[-1] != "1" else "2")
    unknown, missing = strangers(page.replace(word, other), pool)
    assert unknown != []
    assert "dW_2" in missing


# --- the page ---


def too_wide(page, width):
    """Lines that are wider than asked for, or end in blanks."""
    return [line for line in page.splitlines() if cell_len(line) > width or line != line.rstrip()]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("sizes", [(3, 3, 2), (7, 9, 4), (64, 64, 32, 10)], ids=str)
def test_no_line_is_wider_than_80_columns(sizes, notation):
    net, (inputs, classes) = network(*sizes), data(sizes)
    for show in ("both", "symbols", "numbers"):
        page = to_text(explain(net, inputs, classes, notation=notation, show=show, code=True))
        assert too_wide(page, 80) == []
        assert page.endswith("\n")


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("width", [20, 60])
def test_narrow_terminals_are_served_too(notation, width):
    assert too_wide(to_text(explain(notation=notation, code=True), width=width), width) == []
    assert too_wide(to_text(explain(SMALL, X, Y, notation=notation), width=width), width) == []


def test_the_answer_to_one_question_fits_too():
    net = network(64, 64, 32, 10)
    inputs, classes = data(net.sizes)
    for place in ({"weight": (2, 1, 3)}, {"bias": (2, 1)}, {"unit": (1, 5)}, {"input": 12}):
        for width in (40, 80):
            assert too_wide(to_text(explain(net, inputs, classes, **place), width=width), width) == []


def test_a_wide_line_would_be_seen():
    """Negative control."""
    assert too_wide("ok\n" + "語" * 41 + "\nblank \n", 80) == ["語" * 41, "blank "]


def explanation(*steps, **more):
    """A page of given steps."""
    return Explanation("A title", (Part("one", "A part", steps),), NOTATIONS["note"], **more)


def test_a_page_has_its_pinned_form():
    a, b = Letter("a"), Letter("b")
    step = Step(
        "one-key",
        "A step",
        ("The letter ", a, " is twice ", b, "."),
        (Line(Equation((a, b + b)), Equation((Number(0.5), Number(0.25) + Number(0.25)))),),
        Listed(("name", "value"), (("a", Number(0.5)), ("minus ten", Number(-10)))),
        Code(("a = b + b",)),
    )
    made = {"made": "culpa explain digits", "versions": "culpa 0.1.0, numpy 2.4.6", "data": "0123"}
    page = to_text(
        explanation(step, Step("next", "", ("And so on.",)), notes=("Dots stand for the rest.",), footer=made)
    )
    assert (
        page
        == """\
A title
═══════

A part
──────

1 A step

The letter a is twice b.

     a  =  b   +  b
    0.5 = 0.25 + 0.25

    name       value
    a            0.5
    minus ten  −10

In NumPy:

    a = b + b

And so on.

Dots stand for the rest.

made: culpa explain digits
      culpa 0.1.0, numpy 2.4.6; data 0123
"""
    )


def test_what_it_holds_for_stands_under_the_title():
    page = to_text(explanation(Step("key", "A step", ("Words.",)), about="It holds. " * 10))
    assert page.startswith("A title\n═══════\n\nIt holds. It holds.")
    assert "It holds.\n\nA part\n──────\n" in page
    assert too_wide(page, 80) == []


def test_parts_and_steps_are_numbered_where_there_are_several():
    page = to_text(explain())
    assert "\n1 The forward pass\n──────────────────\n" in page
    assert re.search(r"^4\.1 For one weight$", page, re.MULTILINE)


def test_a_long_command_is_broken_so_that_a_shell_reads_it_as_one():
    words = ["culpa", "explain", "my network.safetensors", "data.npz", "--weight", "2,1,3", "--example", "17", "--code"]
    page = to_text(explanation(footer={"made": shlex.join(words)}), width=40)
    command = page[page.index("made: ") + len("made: ") :]
    assert command.count("\\\n") == 3
    assert shlex.split(command.replace("\\\n", "")) == words
    assert too_wide(page, 40) == []


def test_a_table_that_is_too_wide_becomes_lines_and_nothing_of_it_is_cut():
    listed = Listed(("name", "what it is"), (("short", "word " * 15), ("other", "end")))
    page = to_text(explanation(Step("key", "", listed=listed)), width=60)
    assert page.count("word") == 15
    assert "    name        short\n    what it is  word word" in page
    assert "\n\n    name        other\n    what it is  end\n" in page


def test_names_from_data_stay_on_their_line():
    listed = Listed(("input", "value"), (("evil\x1b[31m\nname", Number(1)),))
    page = to_text(explanation(Step("key", "A\theading", ("line\none\x00",), listed=listed)))
    assert "evil·[31m name      1" in page
    assert "line one·" in page
    assert "\x1b" not in page


def test_short_formulas_in_a_sentence_are_not_broken():
    formula = Letter("a") + Letter("b")
    page = to_text(explanation(Step("key", "", ("word " * 3 + "wo ", formula, " and more"))), width=20)
    assert "\na + b and more\n" in page


def test_digits_are_those_that_were_asked_for():
    tall = Equation((Letter("a"), Number(1 / 3)))
    page = to_text(replace(explanation(Step("key", "", (), (Line(tall),))), digits=7))
    assert "    a = 0.3333333\n" in page


def test_columns_left_out_for_the_width_are_spoken_of():
    cells = tuple(Number(column / 7) for column in range(6))
    wide = Matrix((cells,), (Number(1),), tuple(map(Number, range(1, 7))), (Number(1), Number(6)))
    step = Step("key", "", (), (Line(Equation((Letter("h"), wide))),))
    assert "columns that did" in to_text(explanation(step), width=40)
    assert "columns that did" not in to_text(explanation(step), width=80)
