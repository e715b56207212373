# SPDX-License-Identifier: MIT
"""The table of columns: gradients against derivatives by complex steps, replacements against whole passes."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import culpa
from culpa import Network
from culpa.blaming.accounts import columns as module
from culpa.blaming.accounts.columns import known_digits
from culpa.blaming.labels.usual import spaced
from culpa.tables.column import Column
from tests.blaming.accounts.brute import blame_of, mean_weights
from tests.cases import CASES, PLAIN, each
from tests.oracles import complex_step

RANDOM = np.random.default_rng(6)
N = 90


def with_gaps(values, share):
    return [None if gone else float(value) for gone, value in zip(RANDOM.random(N) < share, values, strict=True)]


FRAME = pl.DataFrame(
    {
        "age": RANDOM.integers(18, 80, N).astype(float),
        "town": RANDOM.choice(["Ulm", "Bonn", "Jena"], N, p=[0.2, 0.5, 0.3]),
        "income": with_gaps(RANDOM.gamma(3.0, 900.0, N).round(2), 0.3),
        "rare": with_gaps(RANDOM.normal(size=N), 0.8),
        "member": RANDOM.random(N) < 0.7,
        "seen": pl.Series(RANDOM.integers(18000, 19000, N)).cast(pl.Int32).cast(pl.Date),
        "ill": RANDOM.choice(["yes", "no"], N),
    }
)


def table_and_network(frame=FRAME, dtype="float64"):
    table = culpa.read_table(frame, target="ill", dtype=dtype)
    network = Network.fresh([table.X.shape[1], 8, 2], hidden="tanh", seed=0, dtype=dtype)
    return table, replace(network, columns=table.columns)


def whole_loss(network, X, y, weights=None):
    return culpa.gradient(network, X, y, weights=weights).loss


@each([*CASES[2::9], PLAIN])
def test_without_names_each_input_is_a_column_with_the_size_of_its_derivative(case):
    found, w = blame_of(case).columns, mean_weights(case)
    targets = complex_step.targets_of(case)
    squares = []
    for j in range(case.X.shape[1]):
        moved = case.X + 1e-200j * np.eye(case.X.shape[1])[j]
        slopes = complex_step.losses(case.network.astype("complex128"), moved, targets).imag / 1e-200
        squares.append(w @ slopes**2)
    order = [int(name[1:]) for name in found["column"]]
    assert sorted(order) == list(range(case.X.shape[1]))
    np.testing.assert_allclose(found["gradient"], np.sqrt(squares)[order], rtol=1e-6, atol=1e-8 * np.sqrt(max(squares)))
    assert (np.diff(found["gradient"]) <= 0).all(), "the most leaned on comes first"
    assert found["share"].sum() == pytest.approx(float(max(squares) > 0), abs=1e-12)


@each([*CASES[2::9], PLAIN])
def test_a_column_is_replaced_by_its_median_as_a_whole_pass_would(case):
    found, loss = blame_of(case).columns, whole_loss(case.network, case.X, case.y, case.weights)
    there = mean_weights(case) > 0
    for name, after, increase in zip(found["column"], found["loss_replaced"], found["increase"], strict=True):
        X = case.X.copy()
        X[:, int(name[1:])] = np.sort(case.X[there, int(name[1:])])[(there.sum() - 1) // 2]
        expected = whole_loss(case.network, X, case.y, case.weights)
        assert after == pytest.approx(expected, rel=1e-11, abs=1e-14)
        assert increase == pytest.approx(expected - loss, rel=1e-9, abs=1e-13 * max(1, expected))


def usual(values):
    """What stands in for a column of the table, from its own values: found by sorting and counting, in plain Python."""
    known = sorted(value for value in values.to_list() if value is not None)
    if 2 * len(known) < len(values):
        return None
    if values.dtype in (pl.Float64, pl.Date):
        return known[(len(known) - 1) // 2]
    return max(sorted(set(known)), key=known.count)


def test_a_tables_columns_are_put_back_together_and_replaced_as_a_whole():
    """The stand-in is put into the table itself, which is then encoded and gone through from the start."""
    table, network = table_and_network()
    found = culpa.blame(network, table.X, table.y).columns
    loss = whole_loss(network, table.X, table.y)
    assert sorted(found["column"]) == sorted(FRAME.columns[:-1])
    for row in found:
        name, values = row["column"], FRAME[row["column"]]
        put_in = FRAME.with_columns(pl.Series(name, [usual(values)] * N, dtype=values.dtype))
        expected = whole_loss(network, table.columns.encode(put_in, warn=False), table.y)
        assert row["loss_replaced"] == pytest.approx(expected, rel=1e-12), name
        assert row["increase"] == pytest.approx(expected - loss, rel=1e-9), name
    told = dict(zip(found["column"], found["replaced"], strict=True))
    assert (told["town"], told["rare"], told["member"]) == ("Bonn", "missing", "yes")
    assert told["seen"] == str(usual(FRAME["seen"]))
    assert float(told["age"]) == usual(FRAME["age"])
    assert float(told["income"]) == usual(FRAME["income"])


def test_a_tables_columns_share_the_gradient_of_their_inputs():
    table, network = table_and_network()
    found = culpa.blame(network, table.X, table.y).columns
    saliency = culpa.gradient(network, table.X, table.y).hidden(0)
    squares = dict.fromkeys(FRAME.columns[:-1], 0.0)
    counts = dict.fromkeys(squares, 0)
    for j, source in enumerate(table.columns.sources):
        squares[source.column] += float(np.mean(saliency[:, j] ** 2))
        counts[source.column] += 1
    for row in found:
        assert row["gradient"] == pytest.approx(np.sqrt(squares[row["column"]]), rel=1e-10)
        assert row["share"] == pytest.approx(squares[row["column"]] / sum(squares.values()), rel=1e-10)
        assert row["inputs"] == counts[row["column"]]


def test_a_column_that_nothing_depends_on_costs_nothing():
    table, network = table_and_network()
    first, *others = network.layers
    W = first.W.copy()
    W[:, [source.column == "town" for source in table.columns.sources]] = 0
    found = culpa.blame(replace(network, layers=(replace(first, W=W), *others)), table.X, table.y).columns
    assert found["column"][-1] == "town"
    assert (found["gradient"][-1], found["increase"][-1]) == (0, 0)


def test_of_a_float32_network_the_stand_ins_read_like_the_table():
    """Negative control too: numbers that went through float32 and back have digits that nobody wrote."""
    table, network = table_and_network(dtype="float32")
    found = culpa.blame(network, table.X, table.y).columns
    told = dict(zip(found["column"], found["replaced"], strict=True))
    assert told["age"] == f"{usual(FRAME['age']):g}"
    back = table.columns.decode(table.X)["income"].drop_nulls().to_list()
    assert not set(map(str, back)) <= set(map(str, FRAME["income"].to_list()))


def test_wide_tables_have_their_most_leaned_on_columns_replaced_and_the_rest_say_so(monkeypatch):
    monkeypatch.setattr(module, "MOST_COLUMNS", 3)
    X, y = RANDOM.normal(size=(20, 7)), RANDOM.normal(size=20)
    found = culpa.blame(Network.fresh([7, 5, 1], loss="squared_error", seed=0, dtype="float64"), X, y)
    assert np.isnan(found.columns["increase"]).tolist() == [False] * 3 + [True] * 4
    assert found.columns["replaced"][3:].tolist() == [""] * 4
    assert np.isfinite(found.columns["gradient"]).all()
    assert found.missing["columns"] == "Of 7 columns the 3 that are leaned on most were replaced."


def test_many_rows_are_replaced_on_some_that_are_evenly_spaced(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    X, y, weights = RANDOM.normal(size=(40, 2)), RANDOM.normal(size=40), RANDOM.gamma(1.0, size=40)
    weights[::7] = 0
    network = Network.fresh([2, 3, 1], loss="squared_error", seed=0, dtype="float64")
    found = culpa.blame(network, X, y, weights=weights)
    rows = spaced(np.flatnonzero(weights), 10)
    few = culpa.blame(network, X[rows], y[rows], weights=weights[rows])
    by_name = dict(zip(few.columns["column"], few.columns["increase"], strict=True))
    for name, increase in zip(found.columns["column"], found.columns["increase"], strict=True):
        assert increase == pytest.approx(by_name[name], rel=1e-12)
    assert found.missing["columns"] == "Columns were replaced on 10 of 34 rows, evenly spaced."
    assert "columns" not in few.missing


def test_both_limits_are_told_in_one_sentence():
    assert module.unmeasured(100, 90_000) == {
        "columns": "Of 100 columns the 64 that are leaned on most were replaced; "
        "they were replaced on 5,000 of 90,000 rows, evenly spaced."
    }
    assert module.unmeasured(64, 5_000) == {}


@pytest.mark.parametrize("dtype", [bool, np.int64, "float32"])
def test_inputs_of_any_kind_of_number_are_replaced(dtype):
    X = (RANDOM.random((12, 2)) < 0.4).astype(dtype)
    network = Network.fresh([2, 3, 2], seed=0, dtype="float64")
    y = np.arange(12) % 2
    found, plain = culpa.blame(network, X, y).columns, culpa.blame(network, X.astype(float), y).columns
    assert found.to_dict() == plain.to_dict()


def test_what_overflows_when_it_is_replaced_is_infinite_and_no_error():
    """Rates of e^(100 (x_0 − x_1)): 1 as the rows are, and beyond any number with the median of one input."""
    network = Network.from_arrays([[[100.0, -100.0]]], loss="poisson")
    X = np.array([[0.0, 0.0], [9.0, 9.0], [18.0, 18.0]])
    found = culpa.blame(network, X, np.zeros(3)).columns
    assert found["loss_replaced"].tolist() == [np.inf, np.inf]
    assert found.to_dict()["increase"] == [None, None]


def test_whole_passes_refuse_planted_errors():
    """Negative control: the mean instead of the median, and one input of a column instead of all."""
    table, network = table_and_network()
    found = culpa.blame(network, table.X, table.y).columns
    after = dict(zip(found["column"], found["loss_replaced"], strict=True))
    for name, wrong in (
        ("age", FRAME.with_columns(pl.lit(FRAME["age"].mean()).alias("age"))),
        ("town", FRAME.with_columns(pl.lit("Jena").alias("town"))),
    ):
        expected = whole_loss(network, table.columns.encode(wrong, warn=False), table.y)
        assert after[name] != pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("center", "scale"), [(0.257, 0.05), (0.3, 0.099), (4776003.0, 1.2e6), (3, 1e25)])
def test_a_number_that_went_through_float32_has_the_digits_of_the_table_again(center, scale):
    column = Column("x", "number", center=center, scale=scale)
    noisy, drawn = 0, np.random.default_rng(0).normal(center, scale, 200)
    for own in (float(f"{value:.4g}") for value in drawn):
        back = float(np.float32((own - center) / scale)) * scale + center
        noisy += back != own
        assert known_digits(back, column) == pytest.approx(own, abs=2.4e-7 * max(abs(own - center), scale))
        assert len(repr(known_digits(back, column))) <= max(len(repr(back)), 1)
        if 0.01 < scale < 1:
            assert known_digits(back, column) == own
    assert noisy, "negative control: the way there and back costs digits"
