# SPDX-License-Identifier: MIT
"""Good data of every kind comes in: lists, integers, booleans, frames, tensors, any layout; the answer is the same.

Bad data is in `engine/test_door.py`; that nothing is copied or changed on the way, in `test_promises.py`.
"""

from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

import culpa

CLASSES = culpa.Network.fresh([4, 3, 2], seed=0, dtype="float64")
ONE_COLUMN = [
    culpa.Network.fresh([4, 3, 1], seed=0, loss=loss, dtype="float64")
    for loss in ("squared_error", "huber", "binary_cross_entropy", "logistic_squared_error", "poisson")
]
X = np.random.default_rng(0).integers(0, 2, (6, 4)).astype(np.float64)  # exact in every dtype, bool included
Y = np.array([0, 1, 0, 1, 1, 0])


def frames_and_tensors(array):
    """The array as other libraries hold it; those that are not installed are left out (Polars always is installed)."""
    names = [f"column {j}" for j in range(array.shape[1])]
    held = [pl.DataFrame(array, schema=names)]
    if find_spec("pandas"):
        held.append(pytest.importorskip("pandas").DataFrame(array, columns=names))
    if find_spec("torch"):
        held.append(pytest.importorskip("torch").tensor(array))
    return held


def kinds_of_X():
    """The same numbers as every kind of thing that holds numbers."""
    wide = np.zeros((12, 8))
    wide[::2, ::2] = X
    fixed = X.copy()
    fixed.flags.writeable = False
    kinds = {str(np.dtype(kind)): X.astype(kind) for kind in ("?", "i1", "u8", "f2", "f4", ">f8", "g")}
    kinds |= {"lists": X.tolist(), "tuples": tuple(map(tuple, X)), "rows": list(X), "bools": X.astype(bool).tolist()}
    kinds |= {"Fortran": np.asfortranarray(X), "strided": wide[::2, ::2], "backwards": X[::-1].copy()[::-1]}
    return kinds | {"read-only": fixed, "unmasked": np.ma.array(X)}


@pytest.mark.parametrize("given", kinds_of_X().values(), ids=kinds_of_X())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_kind_of_X_gives_the_same_gradient_in_the_networks_dtype(given, dtype):
    network = CLASSES.astype(dtype)
    expected, found = culpa.gradient(network, X, Y), culpa.gradient(network, given, Y)
    assert found.layers[0].h.dtype == found.flat().dtype == found.losses.dtype == dtype
    assert type(found.layers[0].h) is np.ndarray
    np.testing.assert_allclose(found.flat(), expected.flat(), rtol=0, atol=16 * np.finfo(dtype).eps)


def test_frames_and_tensors_come_in_like_arrays():
    expected = culpa.gradient(CLASSES, X, Y).flat()
    for inputs in frames_and_tensors(X):
        for targets in frames_and_tensors(Y[:, None]):
            np.testing.assert_allclose(culpa.gradient(CLASSES, inputs, targets).flat(), expected, rtol=0, atol=1e-14)


def test_a_frame_may_mix_booleans_integers_and_nullable_numbers():
    pandas = pytest.importorskip("pandas")
    plain = pandas.DataFrame(X)
    expected = culpa.gradient(CLASSES, X, Y).flat()
    for frame in (plain.astype({0: bool}), plain.astype({0: int}), plain.astype("Int64"), plain.convert_dtypes()):
        np.testing.assert_allclose(culpa.gradient(CLASSES, frame, Y).flat(), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", ["?", "i1", "u1", "i4", "u8"])
def test_every_kind_of_class_index_and_one_hot_row_gives_the_same_bits(kind):
    expected = culpa.gradient(CLASSES, X, Y).flat()
    hot = np.eye(2)[Y]
    for y in (Y.astype(kind), Y.astype(kind)[:, None], Y.astype(kind).tolist(), hot.astype(kind), hot, hot.tolist()):
        np.testing.assert_array_equal(culpa.gradient(CLASSES, X, y).flat(), expected, strict=True)


def test_targets_in_one_column_are_the_same_as_flat_ones_and_never_broadcast():
    for network in ONE_COLUMN:
        flat, column = culpa.gradient(network, X, Y), culpa.gradient(network, X, Y[:, None])
        np.testing.assert_array_equal(flat.flat(), column.flat(), strict=True)
        assert flat.losses.shape == (6,)
        assert culpa.score(network, X, Y) == culpa.score(network, X, Y[:, None])


def test_weights_may_be_integers_booleans_and_lists():
    expected = culpa.gradient(CLASSES, X, Y, weights=Y.astype(float)).flat()
    for weights in (Y, Y.astype(bool), Y.tolist(), Y.astype("f4")):
        np.testing.assert_array_equal(culpa.gradient(CLASSES, X, Y, weights=weights).flat(), expected, strict=True)
