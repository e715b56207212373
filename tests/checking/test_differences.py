# SPDX-License-Identifier: MIT
"""Central differences: the error bar holds for thousands of functions, in float64 and float32, and kinks are seen.

The oracle is each function's own derivative, written out; the control is one that is off by a thousandth, or a function
whose noise is hidden from the estimate.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from culpa.checking.differences import SAFETY, Slope, difference
from culpa.checking.noise import FLOAT32, Noise, noise_along, resolution
from culpa.checking.rays import Ray

EPS = np.finfo(np.float64).eps


@dataclass(frozen=True)
class Curve:
    """A function of one number with its derivative."""

    f: object
    slope: object


def sine(random):
    a, b = random.normal(size=2)
    w = 10 ** random.uniform(-1.5, 1.5)
    return Curve(lambda t: np.sin(w * t + a) + b, lambda t: w * np.cos(w * t + a))


def exponential(random):
    a = random.normal()
    return Curve(lambda t: np.exp(a * np.tanh(t)), lambda t: a * np.exp(a * np.tanh(t)) / np.cosh(t) ** 2)


def logarithm(random):
    a = random.normal()
    return Curve(lambda t: a * np.log(abs(t)), lambda t: a / t)


def cubic(random):
    a, b, c = random.normal(size=3)
    return Curve(lambda t: (t - a) ** 2 + b * t**3 + 1e3 * c, lambda t: 2 * (t - a) + 3 * b * t**2)


def steep(random):
    a, w = random.normal(), 10 ** random.uniform(-1, 1.5)
    return Curve(lambda t: np.tanh(w * (t - a)) + t, lambda t: w * (1 - np.tanh(w * (t - a)) ** 2) + 1)


def bump(random):
    a, w = random.normal(), 10 ** random.uniform(0, 2)
    return Curve(
        lambda t: np.exp(-((w * (t - a)) ** 2)) + 0.5,
        lambda t: -2 * w * w * (t - a) * np.exp(-((w * (t - a)) ** 2)),
    )


def rounded_corner(random):
    a = random.normal()
    return Curve(lambda t: np.sqrt(1e-6 + (t - a) ** 2), lambda t: (t - a) / np.sqrt(1e-6 + (t - a) ** 2))


def relu_network(random):
    n, d = random.integers(1, 60), random.integers(1, 30)
    x, y = random.normal(size=(2, n))
    w, b, u, q = random.normal(size=(4, d))

    def f(t):
        return np.mean((np.maximum(0, np.outer(x, w + t * q) + b) @ u - y) ** 2) / 2

    def slope(t):
        a = np.outer(x, w + t * q) + b
        return np.mean((np.maximum(0, a) @ u - y) * (((a > 0) * np.outer(x, q)) @ u))

    return Curve(f, slope)


SMOOTH = [sine, exponential, logarithm, cubic, steep, bump, rounded_corner]
FAMILIES = [*SMOOTH, relu_network]


def in_float32(curve):
    """The same function, whose argument and value pass through float32."""
    return Curve(lambda t: float(np.float32(curve.f(np.float64(np.float32(t))))), curve.slope)


def slope_of(f, t, reach=None):
    """What differences say of a function of one number at t."""
    theta, ray = np.array([t]), Ray(np.ones(1), abs(t) if reach is None else reach)

    def value(point):
        return float(f(point[0]))

    with np.errstate(all="ignore"):
        here = value(theta)
        return difference(value, here, theta, ray, noise_along(value, here, theta, ray))


def trials(family, count, seed, change=lambda curve: curve):
    """The errors, the bars and the true slopes at random points of random functions of a family."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        curve = change(family(random))
        t = float(np.float32(random.normal() * 10 ** random.uniform(-2, 1)))
        found, true = slope_of(curve.f, t), float(curve.slope(t))
        yield abs(found.value - true), found.bar, abs(true)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_bar_holds_for_every_function_in_float64(family):
    errors, bars, slopes = np.array(list(trials(family, 500, 1))).T
    assert (errors <= bars).all()
    assert np.quantile(bars, 0.25) < 1e-8 * max(1, slopes.max())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_bar_holds_for_every_function_that_is_float32_inside(family):
    errors, bars, _ = np.array(list(trials(family, 400, 2, in_float32))).T
    assert (errors <= bars).all()


@pytest.mark.parametrize("family", SMOOTH, ids=lambda family: family.__name__)
def test_a_thousandth_is_more_than_the_bar_wherever_that_is_fine(family):
    """Negative control: the bars are no excuse for everything."""
    errors, bars, slopes = np.array(list(trials(family, 100, 3))).T
    fine = bars < 1e-4 * slopes
    assert fine.mean() > 0.3
    assert (np.abs(errors - 1e-3 * slopes)[fine] > bars[fine]).all()


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9, 1e200])
def test_the_unit_of_f_scales_the_bar_and_nothing_else(scale):
    plain, other = slope_of(np.sin, 0.7), slope_of(lambda t: scale * np.sin(t), 0.7)
    assert other.value == pytest.approx(scale * plain.value, rel=1e-11)
    assert other.bar / scale == pytest.approx(plain.bar, rel=3)


@pytest.mark.parametrize("left", [-1.0, 0.0, 0.5])
@pytest.mark.parametrize("curved", [0.0, 1.0, 30.0])
def test_a_kink_is_seen_as_a_jump_of_its_size(left, curved):
    found = slope_of(lambda t: np.where(t > 2, t - 2, left * (t - 2)) + curved * np.sin(t), 2.0)
    assert found.jump == pytest.approx(1 - left, rel=1e-6)
    assert found.bar >= (1 - left) / 2
    assert abs(found.value - curved * np.cos(2) - (1 + left) / 2) < 1e-6 * max(1, curved)


@pytest.mark.parametrize("size", [1e-3, 1e-6, 1e-9])
def test_a_small_kink_under_a_large_curve_is_never_outside_the_bar(size):
    """Whichever of the one-sided slopes is claimed: either the kink is seen, or the bar is wide enough."""
    found = slope_of(lambda t: size * abs(t - 2) + np.exp(t), 2.0)
    for side in (-1, 1):
        assert abs(found.value - np.exp(2) - side * size) <= found.bar
    assert found.bar < 3 * size + 1e-9


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-5])
def test_a_kink_beside_the_point_costs_no_right_claim(distance):
    found = slope_of(lambda t: abs(t - 2 - distance) + np.sin(t), 2.0)
    assert abs(found.value - (np.cos(2) - 1)) <= found.bar


def test_a_smooth_function_has_no_jump():
    for family in SMOOTH[:4]:
        curve = family(np.random.default_rng(4))
        assert slope_of(curve.f, 0.6).jump == 0


def test_points_without_a_value_are_left_out():
    found = slope_of(lambda t: np.log(t) if t < 1.05 else np.nan, 1.0)
    assert abs(found.value - 1) <= found.bar < 1e-6
    nowhere = slope_of(lambda t: np.sqrt(t), 0.0, reach=1.0)
    assert np.isnan(nowhere.value)


def test_a_function_far_from_its_own_scale_is_reached_by_longer_steps():
    """The point is 1e-9, where a step of its own size is lost in the rounding of f."""
    found = slope_of(lambda t: np.sin(t + 1), 1e-9)
    assert abs(found.value - np.cos(1)) <= found.bar < 1e-3


def test_noise_is_measured_within_a_factor_of_five_or_too_large():
    random = np.random.default_rng(6)
    theta, ray = np.array([0.8]), Ray(np.ones(1), 0.8)
    for size in (1e-12, 1e-8, 1e-4):
        found = noise_along(lambda point, size=size: np.sin(point[0]) + size * random.normal(), 0.7, theta, ray).size
        assert size / 5 < found < 5 * size


def test_float32_inside_is_noticed_also_where_its_steps_are_longer_than_the_spacing():
    theta, ray = np.array([0.8]), Ray(np.ones(1), 0.8)

    def stair(point):
        return 3.7 * float(np.float32(1000 + 1e-3 * point[0]))

    assert noise_along(stair, stair(theta), theta, ray).size > FLOAT32 * 100
    assert noise_along(lambda point: np.sin(point[0]), np.sin(0.8), theta, ray).size < 10 * EPS


def test_the_resolution_of_numbers_is_that_of_the_coarsest_format_that_holds_them():
    values = np.random.default_rng(7).normal(size=9)
    assert resolution(values) == EPS
    assert resolution(values.astype(np.float32).astype(float)) == FLOAT32
    assert 2.0**-11 <= resolution(values.astype(np.float16).astype(float)) <= 2.0**-9


def test_a_bar_that_trusts_the_noise_blindly_would_be_noticed():
    """Negative control: with the noise understated, errors leave the bar."""
    random = np.random.default_rng(8)
    theta, ray = np.array([0.8]), Ray(np.ones(1), 0.8)
    outside = 0
    for _ in range(20):
        f, noise = (lambda point: np.sin(point[0]) + 1e-6 * random.normal()), Noise(1e-16, 1e-16)
        found = difference(f, np.sin(0.8), theta, ray, noise)
        outside += abs(found.value - np.cos(0.8)) > found.bar / SAFETY
    assert outside
    assert isinstance(found, Slope)
