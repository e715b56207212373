# SPDX-License-Identifier: MIT
"""Small examples: round numbers, the same for the same seed, targets of the kind of the loss, errors worth the name."""

import numpy as np
import pytest

import culpa
from culpa.explaining.small import Small, small_example

SHAPES = [[3, 3, 2], [1, 1], [2, 3, 1], [4, 2, 2, 3]]


def numbers(small):
    """All numbers of an example in one row."""
    arrays = [part for layer in small.network.layers for part in (layer.W, layer.b)]
    return np.concatenate([np.ravel(part) for part in (*arrays, small.X, small.y)])


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_weights_biases_and_inputs_have_one_decimal_and_are_not_zero(sizes):
    for seed in range(20):
        small = small_example(sizes, seed=seed)
        assert isinstance(small, Small)
        arrays = [part for layer in small.network.layers for part in (layer.W, layer.b)]
        for part in (*arrays, small.X):
            assert part.dtype == np.float64
            assert np.array_equal(part, np.round(part * 10) / 10)
            assert np.all((np.abs(part) >= 0.1) & (np.abs(part) <= 0.9))


def test_both_signs_and_all_nine_tenths_come():
    seen = {
        round(10 * value)
        for seed in range(30)
        for value in small_example([3, 3, 2], seed=seed).network.layers[0].W.flat
    }
    assert seen == {tenth for tenth in range(-9, 10) if tenth}


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others():
    assert np.array_equal(numbers(small_example([3, 3, 2], seed=4)), numbers(small_example([3, 3, 2], seed=4)))
    all_of_them = {tuple(numbers(small_example([3, 3, 2], seed=seed))) for seed in range(40)}
    assert len(all_of_them) == 40


def test_the_first_numbers_of_seed_1_stay_what_they_are():
    """Exercises are given out by their seed, so that it must not come to mean another."""
    small = small_example([3, 3, 2], seed=1)
    assert small.X[0].tolist() == [-0.9, -0.3, -0.4]
    assert small.network.layers[0].W[0].tolist() == [-0.3, 0.6, -0.4]
    assert small.network.layers[1].b.tolist() == [0.5, -0.9]


def test_an_activation_is_exchanged_without_other_numbers():
    one, other = (small_example([3, 3, 2], activation=name, seed=2) for name in ("tanh", "relu"))
    assert np.array_equal(numbers(one), numbers(other))
    assert [layer.activation.name for layer in other.network.layers] == ["relu", "softmax"]


@pytest.mark.parametrize("loss", culpa.LOSSES)
def test_every_loss_gets_targets_of_its_kind(loss):
    small = small_example([3, 4, 3], loss=loss, examples=7, seed=3)
    assert len(small.X) == len(small.y) == 7
    assert small.network.loss.name == loss
    kind = small.network.loss.targets
    if kind == "classes":
        assert small.y.tolist() == [0, 1, 2, 0, 1, 2, 0]
    else:
        assert small.y.shape == (7, 3)
        assert set(small.y.ravel()) <= {"labels": {0, 1}, "counts": {0, 1, 2, 3}}.get(kind, set(small.y.ravel()))
    assert np.isfinite(culpa.gradient(*small).total()).all()


def test_the_loss_follows_from_the_outputs_if_none_is_named():
    names = [small_example([2, width]).network.loss.name for width in (1, 2, 5)]
    assert names == ["binary_cross_entropy", "cross_entropy", "cross_entropy"]


@pytest.mark.parametrize("loss", ["cross_entropy", "softmax_squared_error"])
def test_nothing_of_a_softmax_is_rounding_alone(loss):
    """Equal weights to all outputs would send an error back that is 0 but for its rounding."""
    for sizes in ([2, 3, 2], [1, 1, 2], [2, 2]):
        for seed in range(200):
            small = small_example(sizes, loss=loss, examples=1, seed=seed)
            gradient = culpa.gradient(*small)
            for k in range(len(sizes) - 1):
                assert np.abs(gradient.hidden(k)).min() > 1e-9, (sizes, seed)


REFUSED = {
    "no widths": (([],), {}, "`sizes` must name at least the columns of X and the outputs; got []."),
    "one width": (([3],), {}, "`sizes` must name at least the columns of X and the outputs; got [3]."),
    "no outputs": (([3, 0],), {}, "must be a whole number, 1 or more; got 0."),
    "half a unit": (([3, 2.5],), {}, "must be a whole number, 1 or more; got 2.5."),
    "widths in a text": (("3,2",), {}, "`sizes`"),
    "no examples": (([3, 2],), {"examples": 0}, "`examples` must be a whole number, 1 or more; got 0."),
    "fewer than none": (([3, 2],), {"examples": -1}, "`examples` must be a whole number, 1 or more; got -1."),
    "an unknown activation": (([3, 2],), {"activation": "rleu"}, "did you mean 'relu'?"),
    "an unknown loss": (([3, 2],), {"loss": "mse"}, "Unknown loss 'mse'; known are "),
    "a negative seed": (([3, 2],), {"seed": -1}, "`seed` must be a whole number, 0 or more; got -1."),
}


@pytest.mark.parametrize(("arguments", "options", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_made_is_refused(arguments, options, text):
    with pytest.raises(culpa.OptionError) as raised:
        small_example(*arguments, **options)
    assert text in str(raised.value)


def test_a_wide_layer_below_few_outputs_is_drawn_too():
    """With two outputs one column in eighteen is even: only those are drawn again, or no wide layer would ever pass."""
    weights = small_example([2000, 2], seed=4).network.layers[-1].W
    assert (weights[0] != weights[1]).all()
