# SPDX-License-Identifier: MIT
"""What is no gradient of a network is refused in one sentence, by value: wrong shapes, missing parts, NaN, files."""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import CulpaError
from tests.checking.mistakes.planting import PROBES, asked, planted
from tests.checking.mistakes.test_claims import by, spoilt

AT = PROBES["tanh"]
RIGHT = planted(AT)
FLAT = np.concatenate([part.ravel() for layer in RIGHT for part in layer])
HALF = [[RIGHT[0][0], RIGHT[0][1]]]
NAN = spoilt(RIGHT)
NAN[0][0][1, 2] = np.nan
FINITE = "DataError: `dW1` must be finite; entry [1, 2] is nan."
REFUSED = {
    "too few layers": (
        RIGHT[:2],
        "ShapeError: The gradient must hold a pair (dW, db) for each of the 3 layers; got a list of 2. "
        "Hint: first layer first: [(dW1, db1), (dW2, db2), …].",
    ),
    "nothing": (
        [],
        "ShapeError: The gradient must hold a pair (dW, db) for each of the 3 layers; got a list of 0. "
        "Hint: first layer first: [(dW1, db1), (dW2, db2), …].",
    ),
    "an empty dict": (
        {},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got nothing. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a dict of other things": (
        {"loss": 1.0, "accuracy": 0.5},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got loss, accuracy. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a missing dW": (
        {name: part for name, part in by("dW{}", "db{}").items() if name != "dW2"},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got dW1, db1, db2, dW3, db3. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a missing db": (
        {name: part for name, part in by("dW{}", "db{}").items() if name != "db2"},
        "ShapeError: The gradient has no db2, but layer 2 has 5 biases.",
    ),
    "no biases": ([dW for dW, _ in RIGHT], "ShapeError: The gradient has no db1, but layer 1 has 6 biases."),
    "a dW of another shape": (
        [(np.ones((6, 3)), RIGHT[0][1]), *RIGHT[1:]],
        "ShapeError: dW1 must be (6, 4), because W_1 is; got (6, 3).",
    ),
    "a db of another shape": (
        [(RIGHT[0][0], np.ones(7)), *RIGHT[1:]],
        "ShapeError: db1 must be (6,), because b_1 is; got (7,).",
    ),
    "a db that is a matrix": (
        [(RIGHT[0][0], np.ones((6, 9))), *RIGHT[1:]],
        "ShapeError: db1 must be (6,), because b_1 is; got (6, 9).",
    ),
    "an empty dW": (
        [(np.ones((0, 4)), RIGHT[0][1]), *RIGHT[1:]],
        "ShapeError: dW1 must be (6, 4), because W_1 is; got (0, 4).",
    ),
    "a short vector": (
        FLAT[:-1],
        "ShapeError: The gradient must hold 83 numbers, one for each weight and bias; got (82,). "
        "Hint: or give it by layer: a list of (dW, db), or a dict with dW1, db1, ….",
    ),
    "a number": (
        3.0,
        "ShapeError: The gradient must hold 83 numbers, one for each weight and bias; got (). "
        "Hint: or give it by layer: a list of (dW, db), or a dict with dW1, db1, ….",
    ),
    "NaN": (NAN, FINITE),
    "NaN by name": (by("dW{}", "db{}", blocks=NAN), FINITE),
    "infinity in a vector": (
        np.where(np.arange(83) == 5, np.inf, FLAT),
        "DataError: `the gradient` must be finite; entry [5] is inf.",
    ),
    "complex numbers": (
        [(dW + 1j, db) for dW, db in RIGHT],
        "DataError: `dW1` must hold real numbers; got dtype complex128.",
    ),
}  # fmt: skip
KINDLY = {
    "None": None,
    "text in an array": [(np.full((6, 4), "a"), RIGHT[0][1]), *RIGHT[1:]],
    "None in a pair": [(None, RIGHT[0][1]), *RIGHT[1:]],
    "a list of words": ["dW1", "db1", "dW2", "db2", "dW3", "db3"],
    "a ragged matrix": [([[1.0], [1.0, 2.0]], RIGHT[0][1]), *RIGHT[1:]],
    "an object": object(),
    "a set": {1.0, 2.0},
    "a dict of text": dict.fromkeys(by("dW{}", "db{}"), "no"),
    "two lists of unequal length": ([dW for dW, _ in RIGHT], [db for _, db in RIGHT[:2]]),
    "names with the same number": {"a.dW1": RIGHT[0][0], "b.dW1": RIGHT[1][0], "dW3": RIGHT[2][0]},
}


def refusal(call):
    """What a call is refused with, as a user reads it: one sentence, at most one hint."""
    with pytest.raises(CulpaError) as caught:
        call()
    assert re.fullmatch(r"[^\n]+\.( Hint: [^\n]+[.?])?", str(caught.value))
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.mark.parametrize(("mine", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_gradient_of_this_network_is_refused_in_one_sentence(mine, expected):
    assert refusal(lambda: asked(AT, mine)) == expected


@pytest.mark.parametrize("mine", KINDLY.values(), ids=KINDLY)
def test_what_is_no_gradient_at_all_is_refused_as_kindly(mine):
    assert refusal(lambda: asked(AT, mine)).startswith(("ShapeError: ", "DataError: ", "OptionError: "))


@pytest.mark.parametrize("biases", [[RIGHT[0][1]], None], ids=["too few", "none"])
def test_weights_and_biases_of_unequal_length_are_refused(biases):
    assert refusal(lambda: asked(AT, {"weights": [dW for dW, _ in RIGHT], "biases": biases})).startswith("ShapeError: ")


def files(folder):
    """Files that hold no gradient, with what is said of each."""
    (folder / "text.npz").write_text("dW1", encoding="utf-8")
    (folder / "empty.npz").write_bytes(b"")
    np.savez(folder / "whole.npz", **by("dW{}", "db{}"))
    (folder / "cut.npz").write_bytes((folder / "whole.npz").read_bytes()[:300])
    np.savez(folder / "pickled.npz", dW1=np.array([object()], dtype=object))
    np.save(folder / "one.npy", FLAT)
    (folder / "folder.npz").mkdir()
    plain = "it is no .npz of plain arrays. Hint: write dW1, db1, … with numpy.savez."
    return {
        "text.npz": f"cannot be read: {plain}",
        "empty.npz": f"cannot be read: {plain}",
        "cut.npz": f"cannot be read: {plain}",
        "pickled.npz": f"cannot be read: {plain}",
        "one.npy": f"cannot be read: {plain}",
        "missing.npz": "cannot be read: No such file or directory.",
        "folder.npz": "cannot be read: Is a directory.",
    }


UNREADABLE = [
    "text.npz",
    "empty.npz",
    "pickled.npz",
    "missing.npz",
    "folder.npz",
    "one.npy",
    "cut.npz",
]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_holds_no_gradient_is_refused_with_its_path(tmp_path, name):
    said = files(tmp_path)[name]
    assert refusal(lambda: asked(AT, tmp_path / name)) == f"FileError: {tmp_path / name} {said}"


DATA = {
    "rows of X and y": (AT._replace(y=AT.y[:-1]), "DataError: "),
    "columns of X": (AT._replace(X=AT.X[:, :3]), "ShapeError: "),
    "NaN in X": (AT._replace(X=AT.X * np.nan), "DataError: "),
    "text as X": (AT._replace(X="digits"), "DataError: "),
    "a class too many": (AT._replace(y=AT.y + 1), "DataError: "),
    "no examples": (AT._replace(X=AT.X[:0], y=AT.y[:0]), "DataError: "),
    "a complex network": (AT._replace(network=AT.network.astype("complex128")), "OptionError: "),
}


@pytest.mark.parametrize(("at", "kind"), DATA.values(), ids=DATA)
def test_data_that_do_not_fit_are_refused_as_by_gradient(at, kind):
    assert refusal(lambda: asked(at, RIGHT)) == refusal(lambda: culpa.gradient(*at))
    assert refusal(lambda: asked(at, RIGHT)).startswith(("ShapeError: ", "DataError: ", "OptionError: "))


def test_an_unknown_reduction_is_refused():
    assert refusal(lambda: asked(AT, RIGHT, reduction="meen")).startswith("OptionError: Unknown reduction 'meen'")


def test_a_network_that_overflows_on_the_data_is_refused():
    network = Network.from_arrays([[[1e200]], [[1e200]]], hidden="identity", loss="squared_error")
    said = refusal(lambda: culpa.diagnose(network, [[1e200]], [[0.0]], np.zeros(2), show_progress=False))
    assert said.startswith("NumericalError: ")
