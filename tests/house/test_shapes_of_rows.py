# SPDX-License-Identifier: MIT
"""Shapes and dtypes that no annotation states: of the rows of the tables, of Gram matrices, of single numbers.

What the annotations state is held by `test_shapes.py`.
"""

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES

N, SIZES = 7, (5, 4, 3)  # n, d_0, d_1, d_2: all different
DTYPES = ["float32", "float64"]
X = np.random.default_rng(0).normal(size=(N, SIZES[0]))
Y = np.arange(N) % SIZES[-1]


def made(dtype):
    """A network and its gradient."""
    network = culpa.Network.fresh(SIZES, l2=0.1, seed=0, dtype=dtype)
    return network, culpa.gradient(network, X, Y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_every_row_of_losses_keeps_shape_and_dtype(name, dtype):
    loss = LOSSES[name]
    a = np.linspace(-3, 3, 21).reshape(N, 3).astype(dtype)
    rows = np.eye(3, dtype=dtype)[np.arange(N) % 3]
    for targets in [rows, *([rows.argmax(axis=1)] if loss.targets == "classes" else [])]:
        losses, delta, output = loss.losses(a, targets), loss.delta(a, targets), loss.output.value(a)
        assert [part.shape for part in (losses, delta, output)] == [(N,), (N, 3), (N, 3)]
        assert {part.dtype for part in (losses, delta, output)} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [*DTYPES, "complex128"])
@pytest.mark.parametrize("shape", [(), (6,), (2, 3), (1, 2, 3), (0, 3)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_row_of_activations_keeps_shape_and_dtype(name, shape, dtype):
    a = np.linspace(-2, 2, int(np.prod(shape))).reshape(shape).astype(dtype)
    parts = [ACTIVATIONS[name].value(a), *([ACTIVATIONS[name].slope(a)] if dtype != "complex128" else [])]
    assert [(np.shape(part), part.dtype) for part in parts] == [(shape, np.dtype(dtype))] * len(parts)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_more_than_one_kind_of_row_have_the_shapes_that_their_docstrings_state(dtype):
    network, g = made(dtype)
    other, d = g.take([0, 3]), SIZES
    block = g.layers[0]
    stated = {
        "gram": (g.gram(other), (N, 2)),
        "a layer's gram": (block.gram(other.layers[0]), (N, 2)),
        "per_example": (block.per_example(), (N, d[1], d[0])),
        "per_example of one": (block.per_example(2), (1, d[1], d[0])),
        "kronecker inputs": (block.kronecker().inputs, (d[0] + 1, d[0] + 1)),
        "kronecker outputs": (block.kronecker().outputs, (d[1], d[1])),
    }
    assert {name: array.shape for name, (array, _) in stated.items()} == {name: s for name, (_, s) in stated.items()}
    assert {array.dtype for array, _ in stated.values()} == {np.dtype(dtype)}
    assert culpa.classes(network, X).shape == (N,)


def test_a_layer_without_biases_offers_none():
    network = culpa.Network.fresh(SIZES, bias=False, seed=0)
    g = culpa.gradient(network, np.ones((N, SIZES[0])), np.zeros(N, int))
    assert [(block.bias, block.second_moment().bias) for block in g.layers] == [(None, None)] * 2
    assert g.flat().shape == g.total().shape == g.second_moment().shape == (4 * 5 + 3 * 4,)
    assert g.layers[0].kronecker().inputs.shape == (SIZES[0], SIZES[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_single_numbers_are_python_floats(dtype):
    network, g = made(dtype)
    numbers = [g.loss, g.penalty, g.objective, g.layers[0].entry(0, 0), g.layers[0].penalty, *g.noise_scale()]
    numbers += [culpa.score(network, X, Y), g.clipped(1.0).share_clipped]
    assert {type(number) for number in numbers} == {float}
