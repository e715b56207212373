# SPDX-License-Identifier: MIT
"""Reading: bundled data as scikit-learn has it, and `.npz` files, good ones and every kind of bad one."""

import gc
import warnings

import numpy as np
import pytest
from sklearn import datasets

from culpa.errors import CulpaError, DataError, FileError, OptionError, ShapeError
from culpa.tables.reading import BUNDLED, read_raw

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(12, 3))
Y = np.arange(12) % 3


@pytest.fixture
def saved(tmp_path):
    """Write arrays to a file and give its path."""

    def write(name="mine.npz", **arrays):
        np.savez(tmp_path / name, **arrays)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "diabetes"])
def test_bundled_classes_are_scikit_learns_by_their_names(name):
    data = getattr(datasets, f"load_{name}")()
    table = read_raw(name)
    np.testing.assert_array_equal(table.frame.to_numpy(), data.data)
    assert table.classes == tuple(sorted(data.target_names.tolist()))
    np.testing.assert_array_equal(table.y, data.target_names[data.target])
    assert table.names == tuple(map(str, data.feature_names))
    assert (table.name, table.task) == (name, "classification")


def test_diabetes_is_scikit_learns_in_its_own_units():
    data = datasets.load_diabetes(scaled=False)
    table = read_raw("diabetes")
    np.testing.assert_array_equal(table.frame.to_numpy(), data.data)
    np.testing.assert_array_equal(table.y, data.target)
    assert (table.names, table.task, table.classes) == (tuple(data.feature_names), "regression", None)
    assert table.frame.to_numpy()[:, 0].max() > 70, "ages in years"


def test_the_bundled_names_are_the_ones_that_the_design_promises():
    assert BUNDLED == ("digits", "breast_cancer", "wine", "iris", "diabetes")


def test_a_file_gives_back_its_arrays_under_its_own_name(saved):
    table = read_raw(saved("my data.npz", X=X, y=Y, columns=["a", "b,c", "é"]))
    np.testing.assert_array_equal(table.frame.to_numpy(), X)
    np.testing.assert_array_equal(table.y, Y)
    assert (table.name, table.names, table.classes) == ("my data.npz", ("a", "b,c", "é"), (0, 1, 2))


def test_columns_without_names_are_numbered_from_0(saved):
    assert read_raw(saved(X=X, y=Y)).names == ("x0", "x1", "x2")


def test_a_file_without_y_is_enough_where_no_target_is_needed(saved):
    path = saved(X=X)
    table = read_raw(path, needs_target=False)
    assert (table.y, table.classes) == (None, None)
    with pytest.raises(FileError, match="must hold the arrays X and y; it holds X"):
        read_raw(path)


def test_compressed_files_and_other_arrays_beside_are_fine(tmp_path):
    np.savez_compressed(tmp_path / "c.npz", X=X, y=Y, more=np.arange(3))
    np.testing.assert_array_equal(read_raw(str(tmp_path / "c.npz")).frame.to_numpy(), X)


ARRAYS = {
    "no arrays": ({}, FileError, "it holds none"),
    "no X": ({"y": Y}, FileError, "must hold the arrays X and y; it holds y."),
    "small letters": ({"x": X, "Y": Y}, FileError, "it holds x, Y."),
    "X of Python objects": ({"X": X.astype(object), "y": Y}, FileError, "Python objects"),
    "y of Python objects": ({"X": X, "y": Y.astype(object)}, FileError, "Python objects"),
    "a row": ({"X": X[0], "y": Y}, ShapeError, r"got \(3,\)"),
    "images": ({"X": X.reshape(12, 3, 1), "y": Y}, ShapeError, r"got \(12, 3, 1\).*reshape"),
    "a single number": ({"X": np.float64(3), "y": Y}, ShapeError, r"got \(\)"),
    "no rows": ({"X": X[:0], "y": Y[:0]}, ShapeError, r"got \(0, 3\)"),
    "no columns": ({"X": X[:, :0], "y": Y}, ShapeError, r"got \(12, 0\)"),
    "words in X": ({"X": X.astype(str), "y": Y}, DataError, "`X` must hold numbers"),
    "complex X": ({"X": X + 1j, "y": Y}, DataError, "`X` must hold numbers; got dtype complex128"),
    "dates in X": ({"X": np.full((12, 3), "2020-01-01", "M8[D]"), "y": Y}, DataError, "`X` must hold numbers"),
    "too many targets": ({"X": X, "y": np.arange(13)}, ShapeError, r"12 rows of `X`; got the shape \(13,\)"),
    "two targets": ({"X": X, "y": X[:, :2]}, ShapeError, r"got the shape \(12, 2\)"),
    "one target": ({"X": X, "y": np.int64(1)}, ShapeError, r"got the shape \(\)"),
    "complex y": ({"X": X, "y": Y + 1j}, DataError, "`y` must hold labels or numbers"),
    "dates in y": ({"X": X, "y": np.full(12, "2020-01-01", "M8[D]")}, DataError, "`y` must hold labels or numbers"),
    "too few names": ({"X": X, "y": Y, "columns": ["a", "b"]}, ShapeError, "each of the 3 columns; got 2"),
    "too many names": ({"X": X, "y": Y, "columns": list("abcd")}, ShapeError, "each of the 3 columns; got 4"),
    "one name": ({"X": X, "y": Y, "columns": "abc"}, CulpaError, "column"),
}


@pytest.mark.parametrize(("arrays", "kind", "words"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_cannot_be_used_are_refused(saved, arrays, kind, words):
    with pytest.raises(kind, match=words):
        read_raw(saved(**arrays))


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_value_is_named_by_row_and_column(saved, bad):
    spoiled = X.copy()
    spoiled[7, 2] = bad
    with pytest.raises(DataError, match=f"mine.npz: row 7 of the column 'x2' holds {bad}, which is not finite"):
        read_raw(saved(X=spoiled, y=Y))


def test_not_a_number_is_a_missing_value(saved):
    spoiled = X.copy()
    spoiled[7, 2] = np.nan
    assert read_raw(saved(X=spoiled, y=Y)).frame["x2"].is_null().to_list() == [row == 7 for row in range(12)]


CONTENTS = {
    "an empty file": b"",
    "a text": b"a,b\n1,2\n",
    "zeros": bytes(300),
    "a zip of nothing": b"PK\x05\x06" + bytes(18),
    "half a zip": b"PK\x03\x04" + bytes(30),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_file_that_is_no_npz_is_refused_and_not_said_to_hold_python_objects(tmp_path, content):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_raw(str(path))
    assert str(path) in str(caught.value)
    assert "Python objects" not in str(caught.value)


def test_a_single_array_under_the_name_of_an_npz_is_refused(tmp_path):
    np.save(tmp_path / "mine.npy", X)
    (tmp_path / "mine.npy").rename(tmp_path / "mine.npz")
    with pytest.raises(FileError, match=r"mine\.npz"):
        read_raw(str(tmp_path / "mine.npz"))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=["plain", "compressed"])
def test_a_file_that_is_cut_off_or_has_a_flipped_byte_is_refused_and_never_with_another_error(tmp_path, save):
    """A flipped byte that no checksum covers may pass; NumPy must not leave the file open behind a refusal."""
    path = tmp_path / "mine.npz"
    save(path, X=X, y=Y)
    content = path.read_bytes()
    damaged = [content[:length] for length in range(0, len(content), 37)]
    damaged += [content[:k] + bytes([content[k] ^ 0xFF]) + content[k + 1 :] for k in range(0, len(content), 5)]
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # whether files stay open is asked below
        for bad in damaged:
            path.write_bytes(bad)
            try:
                read_raw(str(path))
            except CulpaError:
                refused += 1
        gc.collect()
    assert refused > len(damaged) / 2


def test_a_damaged_file_is_not_left_open(tmp_path):
    """On Windows it could not be deleted; here Python itself complains, in a warning that is an error."""
    path = tmp_path / "mine.npz"
    np.savez(path, X=X, y=Y)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileError):
        read_raw(str(path))
    gc.collect()


@pytest.mark.parametrize("name", ["Digits", "digit", "nowhere.npz", "nowhere.csv", "", "folder.npz", "folder"])
def test_what_is_no_file_is_refused_with_what_there_is(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(FileError):
        read_raw(name)


def test_an_unknown_name_lists_the_bundled_ones_and_a_table_asks_for_its_target(tmp_path):
    with pytest.raises(FileError, match="bundled are digits, breast_cancer, wine, iris, diabetes"):
        read_raw("mnist")
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    with pytest.raises(OptionError, match=r"mine\.csv has the columns a, b; which one is to be predicted\?"):
        read_raw(str(tmp_path / "mine.csv"))
