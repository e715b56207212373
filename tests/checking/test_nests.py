# SPDX-License-Identifier: MIT
"""Nests: what goes in comes out again, of the same kind, shape and structure, fresh each time; the rest is refused."""

from collections import namedtuple

import numpy as np
import pytest

from culpa.checking.nests import Nest
from culpa.errors import DataError, ShapeError

Pair = namedtuple("Pair", ["W", "b"])
NESTS = {
    "an array": np.arange(6.0).reshape(2, 3),
    "a number": 2.5,
    "an array without dimensions": np.array(2.5),
    "numbers in a list": [1.0, 2.0, 3.0],
    "rows by hand": [[1.0, 2.0], [3.0, 4.0]],
    "a dict": {"W": np.eye(2), "b": np.ones(2)},
    "dicts in a list in a dict": {"layers": [{"W": np.eye(2), "b": 3.0}, {"W": np.ones((1, 2)), "b": np.ones(1)}]},
    "a tuple": (np.eye(2), np.ones(3)),
    "a named tuple": Pair(np.eye(2), np.ones(3)),
    "keys that are numbers": {1: np.eye(2), 2: np.ones(1)},
    "an empty part": {"W": np.eye(2), "b": np.ones(0)},
}


def leaves_of(value):
    """All arrays of a nest, in order."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves_of(part)]
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves_of(part)]
    return [value]


@pytest.mark.parametrize("value", NESTS.values(), ids=NESTS)
def test_what_goes_in_comes_out_again(value):
    nest = Nest.of(value)
    again = nest.build(nest.flat())
    by_hand = isinstance(value, list) and not any(isinstance(leaf, np.ndarray) for leaf in leaves_of(value))
    assert type(again) is (np.ndarray if by_hand else type(value))
    for before, after in zip(leaves_of(np.array(value) if by_hand else value), leaves_of(again), strict=True):
        assert type(after) is type(before)
        np.testing.assert_array_equal(after, before, strict=True)


@pytest.mark.parametrize("value", NESTS.values(), ids=NESTS)
def test_every_build_is_fresh_and_no_array_is_shared(value):
    nest = Nest.of(value)
    flat = nest.flat()
    for array in leaves_of(nest.build(flat)):
        if isinstance(array, np.ndarray):
            array += 1
    np.testing.assert_array_equal(nest.flat(), flat)
    np.testing.assert_array_equal(Nest.of(nest.build(flat)).flat(), flat)


def test_blocks_are_named_by_the_keys_that_lead_to_them():
    def names(value):
        return [block.name for block in Nest.of(value).blocks]

    assert names(np.eye(2)) == ["theta"]
    assert names({"layer1": {"W": np.eye(2), "b": np.ones(2)}}) == ["layer1.W", "layer1.b"]
    assert names([np.eye(2), (np.ones(2), 3.0)]) == ["[0]", "[1][0]", "[1][1]"]
    assert names({"layers": [{"W": np.eye(2)}]}) == ["layers[0].W"]
    assert names(NESTS["an empty part"]) == ["W"]


@pytest.mark.parametrize("value", NESTS.values(), ids=NESTS)
def test_the_blocks_tile_the_flat_vector(value):
    nest = Nest.of(value)
    places = [k for block in nest.blocks for k in range(block.part.start, block.part.stop)]
    assert places == list(range(len(nest.flat())))


def test_another_precision_reaches_every_leaf():
    value = {"W": np.eye(2, dtype="float32"), "b": 1.5}
    nest = Nest.of(value)
    assert nest.is_coarse
    assert nest.build(nest.flat())["W"].dtype == np.float32
    assert nest.build(nest.flat(), "float64")["W"].dtype == np.float64
    moved = nest.build(nest.flat() + 1e-170j, "complex128")
    assert moved["W"].dtype == np.complex128
    assert moved["b"] == 1.5 + 1e-170j


def test_whole_numbers_count_as_floats():
    nest = Nest.of({"W": np.array([[1, 2]]), "b": 3})
    assert nest.build(nest.flat() + 0.5)["W"].tolist() == [[1.5, 2.5]]
    assert nest.build(nest.flat() + 0.5)["b"] == 3.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensors_come_back_as_tensors(dtype):
    torch = pytest.importorskip("torch")
    weights = torch.arange(4, dtype=getattr(torch, dtype)).reshape(2, 2).requires_grad_()
    nest = Nest.of({"W": weights, "b": np.ones(2)})
    again = nest.build(nest.flat())["W"]
    assert (type(again), again.dtype, again.requires_grad) == (torch.Tensor, weights.dtype, True)
    assert torch.equal(again, weights)
    assert nest.build(nest.flat(), "float64")["W"].dtype == torch.float64
    with torch.no_grad():
        again += 1
    assert weights.tolist() == [[0, 1], [2, 3]]


def test_arrays_of_jax_come_back_as_such():
    jnp = pytest.importorskip("jax.numpy")
    nest = Nest.of([jnp.ones((2, 2)), jnp.zeros(3)])
    again = nest.build(nest.flat())
    assert [type(array) for array in again] == [type(jnp.ones(1))] * 2
    assert [array.shape for array in again] == [(2, 2), (3,)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "at least one number"),
        ([], "at least one number"),
        (None, "None"),
        ("x", "must hold numbers"),
        ({"W": np.eye(2), "mode": "train"}, "mode"),
        ({"W": np.array([1.0, np.nan])}, "`W` must hold finite"),
        ([np.array([1.0]), np.array([np.inf])], r"`\[1\]` must hold finite"),
        (np.array([1j]), "real"),
    ],
)
def test_what_holds_no_numbers_is_refused_by_name(value, text):
    with pytest.raises(DataError, match=text):
        Nest.of(value)


THETA = {"W": np.ones((2, 3)), "b": np.ones(2)}


def test_a_gradient_is_read_by_name_and_not_by_order():
    flat, _ = Nest.of(THETA).read({"b": np.array([7.0, 8.0]), "W": np.arange(6.0).reshape(2, 3)}, "it")
    np.testing.assert_array_equal(flat, [0, 1, 2, 3, 4, 5, 7, 8])


def test_the_coarsest_array_of_a_gradient_tells_its_precision():
    def grain(dtype):
        return Nest.of(THETA).read({"W": np.ones((2, 3)), "b": np.ones(2, dtype)}, "it")[1]

    assert grain("float64") < 1e-15 < grain("float32") < 1e-6 < grain("float16")


@pytest.mark.parametrize(
    ("gradient", "error", "text"),
    [
        ({"W": np.ones((3, 2)), "b": np.ones(2)}, ShapeError, "`W` must have its shape, .*transposed"),
        ({"W": np.ones((2, 3)), "b": np.ones((2, 1))}, ShapeError, "`b` must have its shape"),
        ({"W": np.ones((2, 3))}, ShapeError, "'W', 'b'; got 'W'"),
        ({"W": np.ones((2, 3)), "b": np.ones(2), "c": 1}, ShapeError, "got 'W', 'b', 'c'"),
        ([np.ones((2, 3)), np.ones(2)], ShapeError, "built like"),
        (None, ShapeError, "None"),
        (np.ones(8), ShapeError, "built like"),
        ({"W": np.ones((2, 3)), "b": None}, DataError, "b` is None"),
        ({"W": np.ones((2, 3)), "b": np.array([1, np.nan])}, DataError, "`b` must hold finite"),
        ({"W": np.ones((2, 3)), "b": np.array([1, 1j])}, DataError, "complex"),
    ],
)
def test_a_gradient_built_otherwise_is_refused(gradient, error, text):
    with pytest.raises(error, match=text):
        Nest.of(THETA).read(gradient, "`gradient`")
