# SPDX-License-Identifier: MIT
"""What comes when something is asked for: parts, layers, modes, names; and what is given stays as it was.

What the equations say is held by `test_truth`, what is refused by `test_explaining_refusals`.
"""

import copy
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.explaining.derivation import PARTS, Explanation
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from culpa.explaining.symbols import Quantity
from culpa.reporting.mathematics.expressions import Apply, Dots, Letter, Matrix, Nabla, Number, Shaped, lift, walk
from tests.explaining.formulas.test_statements import WHOLE, assert_close, assert_derivatives, blocks, cube, given
from tests.tables.plain import number_columns

SMALL = small_example([3, 4, 2], seed=1)
WIDE = small_example([9, 8, 3], seed=1)
COLUMNS = number_columns(("height", "width", "depth"), (0.0,) * 3, (1.0,) * 3, "kind", ("cat", "dog"))


def keys(made):
    """The keys of all steps, in their order."""
    return [step.key for part in made.parts for step in part.steps]


def lines_of(made):
    """All lines of all steps."""
    return [line for part in made.parts for step in part.steps for line in step.lines]


def values(matrix):
    """The numbers of a matrix that is shown whole."""
    matrix = matrix.of if isinstance(matrix, Shaped) else matrix
    return np.array([[cell.value for cell in row] for row in matrix.cells])


def names(made):
    return [part.name for part in made.parts]


def test_the_whole_argument_comes_in_its_order():
    made = culpa.explain(*SMALL)
    assert isinstance(made, Explanation)
    assert names(made) == list(PARTS)
    assert keys(made) == [
        *("forward-one", "forward-1", "forward-2", "forward-loss", "output-one", "output-chain", "output-vector"),
        *("hidden-one", "hidden-1", "weights-one"),
        *(f"weights-{k}-{what}" for k in (1, 2) for what in ("partials", "expanded", "outer")),
        *("bias-one", "batch-loss", "batch-1-sum", "batch-1-product", "batch-2-sum", "batch-2-product"),
    ]
    assert names(culpa.explain()) == list(PARTS)


def test_every_step_has_a_key_of_its_own_in_every_notation_and_for_any_network():
    for notation in NOTATIONS:
        for made in (culpa.explain(notation=notation), culpa.explain(*WIDE, notation=notation, code=True)):
            assert len(set(keys(made))) == len(keys(made)), notation


@pytest.mark.parametrize("part", PARTS)
def test_one_part_comes_alone_and_as_it_stands_in_the_whole(part):
    for network in ((), SMALL):
        alone = culpa.explain(*network, part=part)
        assert names(alone) == [part]
        assert alone.parts[0] == culpa.explain(*network).part(part)


def test_several_parts_come_in_the_order_of_the_argument_and_each_once():
    assert names(culpa.explain(*SMALL, part=["bias", "forward", "bias"])) == ["forward", "bias"]
    assert names(culpa.explain(part=("batch", "hidden"))) == ["hidden", "batch"]


def test_one_layer_leaves_out_what_belongs_to_the_others():
    assert [key for key in keys(culpa.explain(*SMALL, layer=1)) if "2" in key] == []
    last = culpa.explain(*SMALL, layer=2)
    assert [key for key in keys(last) if "-1" in key] == []
    assert "hidden" not in names(last)
    assert "output" in names(last)
    assert "output" not in names(culpa.explain(*SMALL, layer=1))
    assert keys(culpa.explain(*SMALL, layer=np.int64(1))) == keys(culpa.explain(*SMALL, layer=1))


def test_a_layer_and_a_part_go_together():
    assert keys(culpa.explain(*SMALL, layer=2, part="weights"))[1:] == [
        "weights-2-partials",
        "weights-2-expanded",
        "weights-2-outer",
    ]
    deep = small_example([2, 3, 3, 2], seed=0)
    assert keys(culpa.explain(*deep, layer=1, part="hidden")) == ["hidden-one", "hidden-1"]
    assert keys(culpa.explain(*deep, part="hidden")) == ["hidden-one", "hidden-2", "hidden-1"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_headings_call_a_layer_as_the_notation_does(notation):
    made = culpa.explain(*SMALL, notation=notation)
    first = NOTATIONS[notation].first
    for part, key, k in (("forward", "forward-1", 1), ("forward", "forward-2", 2), ("hidden", "hidden-1", 1),
                         ("weights", "weights-2-partials", 2), ("batch", "batch-1-sum", 1)):  # fmt: skip
        heading = next(step.heading for step in made.part(part).steps if step.key == key)
        assert f"ayer {k + first - 1}" in heading, key


def test_symbols_have_no_numbers_numbers_no_symbols_and_both_have_both():
    symbols, numbers, both = (culpa.explain(*SMALL, show=show) for show in ("symbols", "numbers", "both"))
    assert keys(symbols) == keys(both)
    # A step that only speaks of formulas is left out where there are none.
    assert keys(numbers) == [step.key for part in numbers.parts for step in part.steps if step.lines or step.listed]
    assert set(keys(both)) - set(keys(numbers)) >= {"forward-one", "hidden-one", "weights-1-partials"}
    assert all(line.numbers is None for line in lines_of(symbols))
    assert all(line.symbols is None for line in lines_of(numbers))
    assert sum(line.numbers is not None and line.symbols is not None for line in lines_of(both)) >= 15
    assert [line.symbols for line in lines_of(both) if line.numbers is not None]
    for made, decimals in ((symbols, False), (numbers, True), (both, True)):
        shown = [part.value for line in lines_of(made) for side in (line.symbols, line.numbers) if side
                 for part in walk(side) if isinstance(part, Number)]  # fmt: skip
        assert any(value != round(value) for value in shown) == decimals


def test_lines_have_as_many_terms_in_numbers_as_in_symbols():
    for line in lines_of(culpa.explain(*SMALL)):
        if line.symbols is not None and line.numbers is not None:
            assert len(line.symbols.terms) == len(line.numbers.terms)


def test_a_network_alone_is_explained_in_its_own_symbols():
    made = culpa.explain(SMALL.network, show="symbols")
    assert keys(made) == keys(culpa.explain(*SMALL))
    assert (made.worth, made.example, made.notes) == (None, "", ())
    assert made.parts == culpa.explain(*SMALL, show="symbols").parts
    assert made.title == "The gradient of a 3-4-2 network"
    assert culpa.explain().title == "The gradient of a feed-forward network"


def test_a_network_without_data_has_any_number_of_examples():
    made = culpa.explain(SMALL.network, show="symbols", part="batch")
    stacked = [part for line in lines_of(made) for part in walk(line.symbols)
               if isinstance(part, Shaped) and "h" in roles(part.of)]  # fmt: skip
    assert stacked
    assert all(Number(1) not in part.shape for part in stacked)
    assert any(isinstance(size, Letter) and size.glyph == "n" for part in stacked for size in part.shape)


def roles(thing):
    """What the letters in it stand for."""
    return {part.means.role for part in walk(thing) if isinstance(part, Letter) and isinstance(part.means, Quantity)}


def test_another_example_has_other_numbers_and_says_which():
    first, third = (culpa.explain(*SMALL, part="forward", example=m) for m in (0, 2))
    assert (first.example, third.example) == ("row 0", "row 2")
    for made, m in ((first, 0), (third, np.int64(2))):
        sums = made.parts[0].steps[1].lines[0].numbers
        inputs = [part for part in walk(sums) if isinstance(part, Matrix) and part.means.role == "h"]
        assert [row[0].value for row in inputs[0].cells] == list(SMALL.X[m])
    assert culpa.explain(*SMALL, example=np.int64(2)).example == "row 2"


def test_a_network_in_float32_is_explained_in_float64():
    narrow = SMALL.network.astype("float32")
    made = culpa.explain(narrow, SMALL.X.astype("float32"), SMALL.y)
    assert made.worth.network.dtype == np.float64
    wide = culpa.gradient(narrow.astype("float64"), SMALL.X.astype("float32"), SMALL.y)
    (line,) = made.part("weights").steps[-1].lines
    shown = values(line.numbers.terms[0])
    assert_close(shown, wide.layers[1].per_example(rows=[0])[0])
    assert narrow.dtype == np.float32


def test_a_network_without_biases_has_none_in_its_layers():
    network = culpa.Network.from_arrays([layer.W for layer in SMALL.network.layers], hidden="logistic")
    made = culpa.explain(network, SMALL.X, SMALL.y, code=True)
    for part in made.parts:
        for step in part.steps:
            for line in step.lines:
                if line.numbers is not None or step.key.endswith(("-1", "-2", "-sum", "-product")):
                    assert not {"b", "db", "∇b"} & {
                        *roles(line.symbols),
                        *(by.by.means.role for by in walk(line.symbols) if isinstance(by, Nabla)),
                    }, step.key
            assert step.code is None or not re.search(r"\bd?b\d", " ".join(step.code.statements)), step.key


def test_the_penalty_comes_where_there_is_one():
    penalised = replace(SMALL.network, l2=0.3)
    assert "batch-penalty" in keys(culpa.explain(penalised, SMALL.X, SMALL.y))
    assert "batch-penalty" in keys(culpa.explain())
    assert "batch-penalty" not in keys(culpa.explain(*SMALL))
    step = culpa.explain(penalised, SMALL.X, SMALL.y).part("batch").steps[-1]
    shown = values(step.lines[0].numbers.terms[0])
    assert_close(shown, blocks(penalised, culpa.gradient(penalised, SMALL.X, SMALL.y))[0][0])


def test_a_network_of_one_layer_says_that_nothing_is_hidden():
    single = small_example([3, 2], seed=2)
    made = culpa.explain(*single)
    assert [key for key in keys(made) if key.startswith("hidden")] == ["hidden-none"]
    assert "hidden" not in names(culpa.explain(*single, layer=1))
    assert culpa.explain(*single).part("weights").steps[-1].key == "weights-1-outer"


def test_a_network_with_hidden_layers_is_not_said_to_have_none():
    """Its last layer is the output, and has no part in them."""
    with pytest.raises(culpa.OptionError, match="layer"):
        culpa.explain(*SMALL, part="hidden", layer=2)


def own_rows():
    """A network whose activation and loss are the user's own."""
    sine = culpa.Activation("sine", np.sin, np.cos)
    loss = culpa.Loss("mine", culpa.ACTIVATIONS["identity"], lambda a, t: ((a - t) ** 4).sum(axis=1), cube, "numbers")
    shapes = [layer.W for layer in SMALL.network.layers], [layer.b for layer in SMALL.network.layers]
    return culpa.Network.from_arrays(*shapes, hidden=sine, loss=loss), SMALL.X, np.ones((3, 2))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_rows_of_the_users_own_stand_abstractly(notation):
    made = culpa.explain(*own_rows(), notation=notation)
    assert "output-chain" not in keys(made)
    applied = [part.function for line in lines_of(made) if line.symbols is not None for part in walk(line.symbols)
               if isinstance(part, Apply)]  # fmt: skip
    assert {function.glyph for function in applied} == {NOTATIONS[notation].function}
    numbers = [part.function.glyph for line in lines_of(made) if line.numbers is not None
               for part in walk(line.numbers) if isinstance(part, Apply)]  # fmt: skip
    assert "sine" in numbers
    error = made.part("output").steps[-1].lines[0].numbers.terms[0]
    gradient = culpa.gradient(*own_rows())
    assert_close(values(error).ravel(), gradient.layers[1].delta[0])
    for printed in (made.to_text(), made.to_markdown(), made.to_latex(), made.to_html()):
        assert "sine" in printed


TARGETS = {
    "soft targets": ("cross_entropy", [[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]]),
    "several labels": ("binary_cross_entropy", [[0, 1], [1, 1], [0, 0.25]]),
    "regression": ("squared_error", [[0.5, -2.0], [0.0, 3.0], [1.0, 1.0]]),
    "counts": ("poisson", [[0, 3], [1, 0], [2, 2]]),
    "classes": ("softmax_squared_error", [1, 0, 1]),
}


@pytest.mark.parametrize(("loss", "y"), TARGETS.values(), ids=TARGETS)
def test_the_loss_and_the_error_are_the_engines_for_every_kind_of_target(loss, y):
    network = replace(small_example([3, 4, 2], loss=loss, seed=1).network)
    made = culpa.explain(network, SMALL.X, y, example=1)
    gradient = culpa.gradient(network, SMALL.X, y)
    shown = next(line.numbers for line in made.part("forward").steps[-1].lines if line.numbers is not None)
    assert shown.terms[0].value == pytest.approx(float(gradient.losses[1]), rel=1e-12)
    error = made.part("output").steps[-1].lines[0].numbers.terms[0]
    assert_close(values(error).ravel(), gradient.layers[1].delta[1])


def test_only_a_class_is_called_a_class():
    for y, is_class in (([1, 0, 1], True), ([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], True), ([[0.2, 0.8]] * 3, False)):
        words = culpa.explain(SMALL.network, SMALL.X, y).part("forward").steps[-1].words
        assert any("The target is class" in word for word in words if isinstance(word, str)) == is_class


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("loss", "l2"), [(None, 0.0), ("squared_error", 0.3), ("logistic_squared_error", 0.0)])
def test_the_statements_run_in_the_order_of_the_steps_make_the_engines_gradient(notation, loss, l2):
    row, small = NOTATIONS[notation], small_example([3, 4, 3, 2], activation="tanh", loss=loss, examples=4, seed=3)
    network = replace(small.network, l2=l2)
    Y = np.eye(2)[small.y] if small.y.ndim == 1 else small.y
    whole = given(row, network, small.X, Y, 2)
    made = culpa.explain(network, small.X, small.y, example=2, notation=notation, code=True)
    codes = ["\n".join(step.code.statements) for part in made.parts for step in part.steps if step.code is not None]
    wanted = blocks(network, culpa.gradient(network, small.X, small.y))
    for plant in ("", "W1 = w2 = 0 * W1" if notation != "nielsen" else "w2 = 0 * w2"):
        space = dict(whole)
        exec("\n".join([codes[0], plant, *codes[1:]]), space)
        if plant:
            with pytest.raises(AssertionError):
                assert_derivatives(row, space, WHOLE[notation], "", wanted)
        else:
            assert_derivatives(row, space, WHOLE[notation], "", wanted)


def test_statements_come_only_where_they_are_wanted():
    assert all(step.code is None for part in culpa.explain(*SMALL).parts for step in part.steps)
    for part in culpa.explain(code=True).parts:
        assert any(step.code is not None for step in part.steps), part.name


def test_the_names_of_inputs_and_outputs_come_from_the_networks_columns():
    named = replace(SMALL.network, columns=COLUMNS)
    made = culpa.explain(named, SMALL.X, SMALL.y, input=2)
    assert made.names == (("height", "width", "depth"), ("cat", "dog"))
    assert "width" in made.to_text()
    assert culpa.explain(*SMALL).names == ((), ())
    regression = replace(small_example([3, 1], loss="squared_error").network, columns=replace(COLUMNS, classes=None))
    assert culpa.explain(regression, show="symbols").names == (("height", "width", "depth"), ("kind",))


def test_one_thing_has_a_part_of_its_own_however_its_place_is_written():
    for kind, place in {"weight": (2, 1, 3), "bias": (2, 1), "unit": (1, 4), "input": (3,)}.items():
        made = culpa.explain(*SMALL, **{kind: place})
        assert names(made) == [kind]
        assert ",".join(map(str, place)) in made.title
        for written in (",".join(map(str, place)), list(place), np.array(place)):
            assert culpa.explain(*SMALL, **{kind: written}).parts == made.parts


def test_something_left_out_is_said_and_only_then():
    assert culpa.explain(*SMALL).notes == ()
    assert culpa.explain().notes == ()
    (note,) = culpa.explain(*WIDE).notes
    assert "dots stand for the rest" in note
    assert culpa.explain(WIDE.network, show="symbols").notes == (note,)
    for part in PARTS:
        made = culpa.explain(*WIDE, part=part)
        dotted = any(isinstance(cell, Dots) for line in lines_of(made) for side in (line.symbols, line.numbers)
                     if side is not None for matrix in walk(side) if isinstance(matrix, Matrix)
                     for row in matrix.cells for cell in row)  # fmt: skip
        assert made.notes == ((note,) if dotted else ()), part


def test_up_to_six_rows_and_columns_are_shown_whole():
    six = small_example([6, 6, 6], examples=6, seed=1)
    assert culpa.explain(*six).notes == ()
    assert culpa.explain(*small_example([6, 7, 6], seed=1)).notes != ()
    assert culpa.explain(*small_example([2, 2], examples=7, seed=1), part="batch").notes != ()


def test_what_is_asked_for_is_never_left_out():
    made = culpa.explain(*small_example([30, 20, 3], seed=1), weight=(1, 11, 17), show="both")
    assert made.worth.keep == {1: (11,), 0: (17,)}
    whole = made.worth.axes(Quantity("W", lift(1)), (20, 30))
    assert [[entry and entry.value for entry in side] for side in whole] == [
        [1, None, 11, None, 20],
        [1, None, 17, None, 30],
    ]


def test_it_prints_itself_and_says_in_one_line_what_it_is():
    made = culpa.explain(*SMALL, part=["forward", "bias"])
    assert repr(made) == "Explanation(The gradient of a 3-4-2 network: forward, bias; 5 steps)"
    assert str(made) == made.to_text()
    assert made._repr_latex_() == made.to_latex(fragment=True)
    assert len({made, made, copy.copy(made)}) == 2


def test_a_pickled_and_a_copied_explanation_print_the_same():
    made = culpa.explain(*SMALL, code=True)
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert again.to_text() == made.to_text()
        assert again.to_html() == made.to_html()
        assert again.to_latex() == made.to_latex()


def test_a_part_that_it_does_not_have_is_refused_by_name():
    with pytest.raises(culpa.OptionError) as raised:
        culpa.explain(*SMALL, part=["forward", "bias"]).part("weight")
    assert str(raised.value) == "Unknown part 'weight'; known are forward, bias."


def test_an_explanation_stays_as_it_was_when_the_data_change():
    X = SMALL.X.copy()
    made = culpa.explain(SMALL.network, X, SMALL.y)
    page, text = made.to_html(), made.to_text()
    X += 1
    assert made.to_text() == text
    assert made.to_html() == page


def test_what_is_given_stays_as_it_was():
    X, y, place = SMALL.X.copy(), SMALL.y.copy(), [2, 1, 3]
    for asked in ({}, {"weight": place}, {"notation": "cs231n", "code": True}):
        made = culpa.explain(SMALL.network, X, y, **asked)
        made.to_text(), made.to_html(), made.to_latex(), made.to_markdown()
    assert np.array_equal(X, SMALL.X)
    assert np.array_equal(y, SMALL.y)
    assert place == [2, 1, 3]
