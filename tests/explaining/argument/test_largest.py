# SPDX-License-Identifier: MIT
"""The table of the largest weights and inputs has those that a search over all of them finds."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.explaining.argument.largest import in_the_data
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from culpa.explaining.worth import worth_of
from culpa.tables.column import Column
from culpa.tables.columns import Columns
from tests.tables.plain import number_columns

RANDOM = np.random.default_rng(5)
NETWORK = culpa.Network.fresh([9, 8, 4], hidden="tanh", dtype="float64", seed=3)
X, Y = RANDOM.normal(size=(6, 9)), RANDOM.integers(0, 4, 6)
COLUMNS = number_columns(
    tuple("abcdefgh ")[:9], tuple(map(float, range(9))), tuple(np.arange(9) / 3 + 0.1), "kind", ("w", "x", "y", "z")
)
NAMED = replace(NETWORK, columns=COLUMNS)


def step_of(made, key):
    """The step of that key; None where there is none."""
    found = [step for part in made.parts for step in part.steps if step.key == key]
    return found[0] if found else None


def by_search(m=2):
    """All weights' derivatives for one example, largest first, by the engine's dense gradients."""
    blocks = [np.asarray(layer.per_example(rows=[m]))[0] for layer in culpa.gradient(NETWORK, X, Y).layers]
    everything = [(float(value), f"{k},{i + 1},{j + 1}") for k, block in enumerate(blocks, 1)
                  for (i, j), value in np.ndenumerate(block)]  # fmt: skip
    return sorted(everything, key=lambda one: -abs(one[0]))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_ten_largest_weights_of_all_layers_are_listed_with_their_share(notation):
    step = step_of(culpa.explain(NETWORK, X, Y, example=2, notation=notation), "weights-largest")
    right = by_search()
    assert [row[0] for row in step.listed.rows] == [place for _, place in right[:10]]
    assert [row[3].value for row in step.listed.rows] == pytest.approx([value for value, _ in right[:10]], rel=1e-12)
    share = 100 * right[0][0] ** 2 / sum(value**2 for value, _ in right)
    assert step.listed.rows[0][4] == (f"{share:.1f} %" if share < 9.95 else f"{share:.0f} %")
    place = right[0][1]
    asking = f"--weight {place} on the command line, weight=({place.replace(',', ', ')}) in Python."
    assert "".join(step.words).endswith(asking)


def test_what_the_table_says_to_ask_for_is_answered_with_the_same_number():
    step = step_of(culpa.explain(NETWORK, X, Y, example=2), "weights-largest")
    for row in step.listed.rows:
        made = culpa.explain(NETWORK, X, Y, example=2, weight=row[0])
        assert made.parts[0].steps[0].lines[0].numbers.terms[0].value == row[3].value


def test_one_layer_alone_has_its_own_largest():
    rows = step_of(culpa.explain(NETWORK, X, Y, layer=1), "weights-largest").listed.rows
    assert {row[0].split(",")[0] for row in rows} == {"1"}


def test_inputs_and_outputs_bear_their_names_and_the_values_of_the_data():
    made = culpa.explain(NAMED, X, Y, example=2)
    for row in step_of(made, "weights-largest").listed.rows:
        k, i, j = map(int, row[0].split(","))
        assert row[1] == (f"{i} ({'wxyz'[i - 1]})" if k == 2 else str(i))
        assert row[2] == (f"{j} ({'abcdefgh'[j - 1]})" if k == 1 and j < 9 else str(j))
    rows = step_of(made, "hidden-inputs").listed.rows
    slopes = culpa.gradient(NETWORK, X, Y).hidden(0)[2]
    order = np.argsort(-np.abs(slopes))[:5]
    said = "".join(step_of(made, "hidden-inputs").words)
    assert said.endswith(f"--input {order[0] + 1} on the command line, input={order[0] + 1} in Python.")
    assert [row[0].split(" ")[0] for row in rows] == [str(j + 1) for j in order]
    assert [row[3].value for row in rows] == pytest.approx(slopes[order].tolist(), rel=1e-12)
    raw = [X[2, j] * COLUMNS.inputs[j].scale + COLUMNS.inputs[j].center for j in order]
    assert [float(row[1].replace("−", "-")) for row in rows] == pytest.approx(raw, rel=1e-11)
    assert len(step_of(culpa.explain(NETWORK, X, Y), "hidden-inputs").listed.headers) == 3


def test_a_small_network_and_symbols_alone_have_no_such_table():
    small = small_example([2, 3, 2], seed=1)
    symbols = (culpa.explain(NETWORK, X, Y, show="symbols"), culpa.explain(NETWORK, show="symbols"))
    for made in (culpa.explain(*small), *symbols, culpa.explain(NETWORK, X, Y, layer=2, part="batch")):
        assert step_of(made, "weights-largest") is None
        assert step_of(made, "hidden-inputs") is None
    for sizes, shown in (([6, 5, 1], False), ([5, 4, 4], False), ([6, 6, 1], True), ([7, 1], True), ([1, 7], True)):
        made = culpa.explain(*small_example(sizes, seed=1))
        assert (step_of(made, "weights-largest") is not None) == shown, sizes
        assert (step_of(made, "hidden-inputs") is not None) == (sizes[0] == 7), sizes
    said = "the weight of each layer whose derivative is the largest"
    assert said in culpa.explain(*small, part="weights").to_text().replace("\n", " ")
    assert said not in culpa.explain(*small, part="weights", show="symbols").to_text().replace("\n", " ")


def test_a_row_without_any_error_has_nothing_that_is_largest():
    network = culpa.Network.from_arrays([np.zeros((4, 9))], loss="squared_error")
    made = culpa.explain(network, X, np.zeros((6, 4)))
    assert step_of(made, "weights-largest") is None
    assert step_of(made, "hidden-inputs") is None


@pytest.mark.parametrize("raw", [50.25, 52.0, 7.0, 0.1, 1234567.0])
def test_a_bounded_value_comes_back_in_as_many_digits_as_the_bound_has_left_it(raw):
    inputs = (Column(str(j), "number", 50.0, 3.0, 3.0) for j in range(9))
    columns = Columns(tuple(inputs), "kind")
    worth = worth_of(replace(NETWORK, columns=columns), columns.encode(np.full((1, 9), raw)), [0])
    said = in_the_data(worth, 4).replace("−", "-")
    z = abs(raw - 50) / 9
    assert abs(float(said) - raw) <= 1e-14 * 9 * (1 + z * z) ** 1.5
    assert said == f"{raw:.12g}" or z > 1


@pytest.mark.parametrize("raw", [7.0, 0.0, -3.0, 0.1, 1234567.0, 1e-7])
def test_the_value_in_the_data_comes_back_as_it_was_written(raw):
    for mean, scale in ((3.3, 0.7), (-0.1, 2.9), (1234.5, 1 / 3)):
        columns = number_columns(COLUMNS.names, (mean,) * 9, (scale,) * 9, "kind")
        seen = columns.encode(np.full((1, 9), raw))
        worth = worth_of(replace(NETWORK, columns=columns), seen, [0])
        assert in_the_data(worth, 4) == f"{raw:.12g}".replace("-", "−")
    assert in_the_data(worth_of(NETWORK, X, Y), 1) is None
