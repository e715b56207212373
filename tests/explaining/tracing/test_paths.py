# SPDX-License-Identifier: MIT
"""The largest paths are those that writing out every path finds, and all paths add up to the engine's error."""

from itertools import pairwise, product
from math import fsum, prod

import numpy as np
import pytest

import culpa
from culpa.engine.forward import forward
from culpa.explaining.tracing.paths import paths_above
from tests.cases import PLAIN, TINY_CASES, each


def every_path(weights, slopes, delta_out, unit):
    """All paths from a unit (from 1), written out: (units, contribution)."""
    found = []
    for way in product(*(range(len(W)) for W in weights)):
        units = (unit - 1, *way)
        value = delta_out[units[-1]]
        for (below, above), W, slope in zip(pairwise(units), weights, slopes, strict=True):
            value = value * W[above, below] * (1 if slope is None else slope[below])
        found.append((tuple(unit + 1 for unit in units), float(value)))
    return found


def layers(random, sizes, zeros=0.0):
    """Weights, slopes and errors, some of them zero."""
    weights = [random.normal(size=(above, below)) for below, above in pairwise(sizes)]
    slopes = [np.where(random.random(width) < zeros, 0.0, random.normal(size=width)) for width in sizes[:-1]]
    return weights, slopes, random.normal(size=sizes[-1])


def assert_largest(found, weights, slopes, delta_out, unit, most):
    """The paths are the largest of all, in falling order, and the sums are those of all."""
    paths = every_path(weights, slopes, delta_out, unit)
    alive = {units: value for units, value in paths if value != 0}
    sizes = sorted(map(abs, alive.values()), reverse=True)
    assert [abs(path.contribution) for path in found.largest] == pytest.approx(sizes[:most], rel=1e-12)
    assert len({path.units for path in found.largest}) == len(found.largest) == min(most, len(alive))
    for path in found.largest:
        assert path.contribution == pytest.approx(alive[path.units], rel=1e-12)
        assert prod(path.factors) == path.contribution
        assert path.units[0] == unit
    assert (found.ways, found.alive) == (len(paths), len(alive))
    assert found.flow == pytest.approx(fsum(sizes), rel=1e-12)
    assert found.total == pytest.approx(fsum(alive.values()), rel=1e-12, abs=1e-13 * found.flow)


@pytest.mark.parametrize("seed", range(30))
def test_the_largest_paths_are_those_of_writing_all_of_them_out(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 6, size=int(random.integers(2, 6)))
    drawn = layers(random, sizes, zeros=0.3 * (seed % 2))
    for unit, most in product(range(1, sizes[0] + 1), (1, 2, 5, 40)):
        assert_largest(paths_above(*drawn, unit, most=most), *drawn, unit, most)


def test_a_planted_error_is_refused():
    drawn = layers(np.random.default_rng(1), (3, 4, 4, 2))
    found = paths_above(*drawn, 2, most=5)
    assert_largest(found, *drawn, 2, 5)
    weights, slopes, delta_out = drawn
    best = found.largest[0]
    planted = [
        found._replace(largest=found.largest[1:]),
        found._replace(largest=(best, best, *found.largest[2:])),
        found._replace(largest=(best._replace(contribution=-best.contribution), *found.largest[1:])),
        found._replace(flow=abs(found.total)),
        found._replace(ways=found.ways + 1),
    ]
    for wrong in planted:
        with pytest.raises(AssertionError):
            assert_largest(wrong, *drawn, 2, 5)
    with pytest.raises(AssertionError):
        assert_largest(paths_above([W.copy() * 1.01 for W in weights], slopes, delta_out, 2), *drawn, 2, 5)


def test_the_largest_path_is_not_the_one_that_takes_the_largest_step_each_time():
    weights = [np.array([[2.0], [1.0]]), np.array([[1.0, 5.0]])]
    found = paths_above(weights, [None, np.ones(2)], np.array([1.0]), 1)
    assert [path.units for path in found.largest] == [(1, 2, 1), (1, 1, 1)]
    assert [path.factors for path in found.largest] == [(1.0, 1.0, 5.0, 1.0), (2.0, 1.0, 1.0, 1.0)]


@each(TINY_CASES)
def test_all_paths_together_are_the_engines_error_and_saliency(case):
    steps, g = forward(case.network, case.X), culpa.gradient(case.network, case.X, case.y)
    weights, depth = [layer.W for layer in case.network.layers], len(steps)
    for k in range(depth + 1):
        for m, i in product(range(len(case.X)), range(case.network.sizes[k])):
            slopes = [
                steps[layer - 1].layer.activation.slope(steps[layer - 1].a)[m] for layer in range(max(k, 1), depth)
            ]
            found = paths_above(weights[k:], slopes if k else [None, *slopes], g.layers[-1].delta[m], i + 1)
            true = g.layers[k - 1].delta[m, i] if k else g.hidden(0)[m, i]
            assert abs(found.total - true) <= 1e-12 * found.flow
            assert found.flow >= abs(found.total) * (1 - 1e-12)


def test_without_its_own_slope_a_unit_has_the_paths_of_its_output():
    steps, g = forward(PLAIN.network, PLAIN.X), culpa.gradient(PLAIN.network, PLAIN.X, PLAIN.y)
    slope = steps[1].layer.activation.slope(steps[1].a)[3]
    weights = [layer.W for layer in PLAIN.network.layers[1:]]
    found = paths_above(weights, [None, slope], g.layers[-1].delta[3], 4)
    assert found.total == pytest.approx(g.hidden(1)[3, 3], rel=1e-12)
    assert len(found.largest[0].factors) == 4


def test_where_every_path_is_dead_there_is_none():
    weights, slopes, delta_out = layers(np.random.default_rng(2), (2, 3, 2))
    found = paths_above(weights, [slopes[0], np.zeros(3)], delta_out, 1)
    assert (found.largest, found.ways, found.alive, found.total, found.flow) == ((), 6, 0, 0.0, 0.0)
    assert np.isnan(found.shown)


def test_an_output_has_one_path_its_own_error():
    found = paths_above([], [], np.array([0.5, -2.0]), 2)
    assert found.largest == (((2,), (-2.0,), -2.0),)
    assert (found.ways, found.alive, found.total, found.flow, found.shown) == (1, 1, -2.0, 2.0, 1.0)


def test_the_largest_path_of_a_wide_network_is_the_largest_product():
    random = np.random.default_rng(0)
    weights, slopes, delta_out = layers(random, (784, 1024, 1024, 10), zeros=0.5)
    slopes[0][399] = 0.7
    found = paths_above(weights, slopes, delta_out, 400, most=5)
    reach = np.abs(delta_out)
    for W, slope in reversed(list(zip(weights, slopes, strict=True))):
        reach = (np.abs(W) * reach[:, None]).max(axis=0) * np.abs(slope)
    assert abs(found.largest[0].contribution) == pytest.approx(reach[399], rel=1e-12)
    assert found.ways == 1024 * 1024 * 10
    on = [int(np.count_nonzero(slope)) for slope in slopes[1:]]
    assert found.alive == on[0] * on[1] * 10
    assert 0 < found.shown < 1
