# SPDX-License-Identifier: MIT
"""`culpa predict` of data that is no table of a reader's: what is written is what `culpa.predict` says, to the bit.

A number in front counts the rows. Tables with columns of their own are in `test_predict_tables`.
"""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.tables.reading import read_raw
from tests.cli.calling import AWKWARD, RANDOM, X, call


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Networks that were trained and saved, by the name of their data."""
    folder = tmp_path_factory.mktemp("models")
    y = {
        "awkward": np.array(AWKWARD)[np.arange(60) % len(AWKWARD)],
        "formulas": np.array(["=1+1", "+cmd", "@sum", "-a", "plain"])[np.arange(60) % 5],
        "signs": np.where(X[:, 0] > 0, 1, -1),
        "prices": 1000 * X[:, 0],
    }
    for name, target in y.items():
        np.savez(folder / f"{name}.npz", X=X, y=target)
        save_trained(culpa.read_table({"x0": X[:, 0], "x1": X[:, 1], "x2": X[:, 2], "y": target}, "y"), folder / name)
    for name, target in (("iris", "species"), ("diabetes", "progression")):
        save_trained(culpa.read_table(name, target), folder / name)
    return folder


def save_trained(table, path):
    """A network with a few epochs of training on a table, saved with the table's columns."""
    classes = table.columns.classes
    sizes = (table.X.shape[1], 5, 1 if classes is None else len(classes))
    network = culpa.Network.fresh(sizes, loss="squared_error" if classes is None else "cross_entropy", seed=1)
    network = culpa.fit(network, table.X, table.y, epochs=3, show_progress=False)
    culpa.save(replace(network, columns=table.columns), path.with_suffix(".safetensors"))


def rows_of(text):
    """The cells as any reader of CSV gets them."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def predicted(models, name, data=None, *words):
    return call("predict", models / f"{name}.safetensors", data or models / f"{name}.npz", *words)


def test_classes_come_with_the_probabilities_of_predict_to_the_bit(models):
    answer = predicted(models, "iris", "iris")
    header, *rows = rows_of(answer.out)
    network, table = culpa.load(models / "iris.safetensors"), read_raw("iris")
    said = culpa.predict(network, network.columns.encode(table.frame))
    assert (answer.code, answer.err) == (0, "")
    assert header == ["row", "prediction", "p(setosa)", "p(versicolor)", "p(virginica)"]
    assert [row[0] for row in rows] == [str(k) for k in range(150)]
    assert [row[1] for row in rows] == np.array(table.classes)[said.argmax(axis=1)].tolist()
    np.testing.assert_array_equal(np.array([row[2:] for row in rows]).astype(np.float32), said, strict=True)


def test_numbers_come_in_the_unit_of_the_target_to_the_bit(models):
    header, *rows = rows_of(predicted(models, "diabetes", "diabetes").out)
    network, table = culpa.load(models / "diabetes.safetensors"), read_raw("diabetes")
    said = culpa.predict(network, network.columns.encode(table.frame))[:, 0]
    columns = network.columns
    assert header == ["row", "prediction"]
    found = np.array([float(row[1]) for row in rows])
    np.testing.assert_array_equal(found, said.astype(np.float64) * columns.target_scale + columns.target_mean)
    assert 50 < found.mean() < 250, "points of progression, not deviations"


def test_a_prediction_that_is_off_by_one_bit_would_be_noticed(models):
    """Negative control: the shortest text of the next number reads back as the next number."""
    network = culpa.load(models / "iris.safetensors")
    said = culpa.predict(network, network.columns.encode(read_raw("iris").frame))
    text = np.array([[str(p) for p in row] for row in np.nextafter(said, 2)])
    assert (text.astype(np.float32) != said).all()


@pytest.mark.parametrize("name", ["awkward", "formulas", "signs"])
def test_class_names_come_back_verbatim_whatever_is_in_them(models, name):
    header, *rows = rows_of(predicted(models, name).out)
    network = culpa.load(models / f"{name}.safetensors")
    labels = [str(label) for label in network.columns.classes]
    said = culpa.predict(network, network.columns.encode(X))
    assert header == ["row", "prediction", *(f"p({label})" for label in labels)]
    assert len(rows) == 60
    assert [row[1] for row in rows] == [labels[c] for c in said.argmax(axis=1)]


def test_names_that_a_spreadsheet_would_run_are_warned_of_on_stderr(models):
    answer = predicted(models, "formulas")
    assert answer.code == 0
    assert answer.err.startswith("warning: some texts begin like a formula")
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["awkward", "signs", "prices"])
def test_other_names_and_negative_numbers_are_not_warned_of(models, name):
    """A class called -1 is a number to a spreadsheet too, and no formula."""
    assert predicted(models, name).err == ""


def test_a_file_holds_what_stdout_would(models, tmp_path):
    path = tmp_path / "said.csv"
    answer = predicted(models, "awkward", None, "-o", path)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"60 rows with predictions written to {path}\n"
    assert path.read_bytes().decode() == predicted(models, "awkward").out
    assert predicted(models, "awkward", None, "--output", path).code == 0, "an existing file is replaced"


@pytest.mark.parametrize("name", ["awkward", "prices"])
def test_json_holds_the_same_columns(models, name):
    answer = predicted(models, name, None, "--json")
    header, *rows = rows_of(predicted(models, name).out)
    state = answer.json
    assert (answer.code, answer.err, state["schema"], state["command"]) == (0, "", 1, "predict")
    assert list(state["columns"]) == header
    kind = np.float64 if name == "prices" else np.float32
    for column, cells in zip(header, zip(*rows, strict=True), strict=True):
        mine = state["columns"][column]
        if column == "prediction" and name == "awkward":
            assert mine == list(cells)
        else:
            np.testing.assert_array_equal(np.array(mine, kind), np.array(cells).astype(kind))


@pytest.mark.parametrize("y", [None, np.where(np.arange(60) % 7, 1.0, np.nan), np.array(["?"] * 60)])
def test_a_target_is_not_looked_at_whatever_it_holds(models, tmp_path, y):
    np.savez(tmp_path / "new.npz", X=X, **({} if y is None else {"y": y}))
    assert predicted(models, "prices", tmp_path / "new.npz").out == predicted(models, "prices").out


def test_a_file_without_a_target_can_be_predicted_and_in_any_order(models, tmp_path):
    order = RANDOM.permutation(60)
    np.savez(tmp_path / "new.npz", X=X[order])
    expected = [row[1:] for row in rows_of(predicted(models, "prices").out)[1:]]
    found = [row[1:] for row in rows_of(predicted(models, "prices", tmp_path / "new.npz").out)[1:]]
    assert found[0] == pytest.approx(expected[order[0]])
    np.testing.assert_allclose(np.array(found, float), np.array(expected, float)[order], rtol=1e-5)


@pytest.mark.parametrize(
    ("loss", "outputs", "header"),
    [
        ("cross_entropy", 3, ["row", "prediction", "p(0)", "p(1)", "p(2)"]),
        ("squared_error", 1, ["row", "prediction"]),
        ("squared_error", 2, ["row", "prediction_1", "prediction_2"]),
        ("poisson", 1, ["row", "prediction"]),
        ("binary_cross_entropy", 1, ["row", "prediction"]),
    ],
)
def test_a_network_without_columns_speaks_in_numbers(tmp_path, loss, outputs, header):
    network = culpa.Network.fresh([3, 4, outputs], loss=loss, dtype="float64")
    culpa.save(network, tmp_path / "plain.safetensors")
    np.savez(tmp_path / "new.npz", X=X / 100)
    found, *rows = rows_of(call("predict", tmp_path / "plain.safetensors", tmp_path / "new.npz").out)
    assert found == header
    said = np.array([row[len(header) - outputs :] for row in rows], float)
    np.testing.assert_array_equal(said, culpa.predict(network, X / 100))


@pytest.mark.parametrize("bad", ["infinity", "columns", "folder", "form"])
def test_a_failure_writes_nothing_and_leaves_an_older_file_alone(models, tmp_path, bad):
    spoiled = X.copy()
    spoiled[5, 0] = np.inf if bad == "infinity" else 0
    np.savez(tmp_path / "new.npz", X=spoiled[:, :2] if bad == "columns" else spoiled)
    path = tmp_path / {"folder": "nowhere/said.csv", "form": "said.xlsx"}.get(bad, "said.csv")
    (tmp_path / "said.csv").write_text("older")
    answer = predicted(models, "prices", tmp_path / "new.npz", "-o", path)
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.npz", "said.csv"]
    assert (tmp_path / "said.csv").read_text() == "older"
