# SPDX-License-Identifier: MIT
"""Options that mean nothing where they stand are refused, what is given by the user is called as it expects to be."""

from inspect import signature

import numpy as np
import pytest

import culpa
from culpa.errors import NumericalError, OptionError
from culpa.training import jobs
from culpa.training.recipe import recipe_for

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = RANDOM.integers(0, 3, 60)
NETWORK = culpa.Network.fresh([4, 6, 3], seed=0, dtype="float64")


def test_the_recipe_has_the_defaults_of_fit():
    of_fit = {name: one.default for name, one in signature(culpa.fit).parameters.items()}
    of_recipe = {name: one.default for name, one in signature(recipe_for).parameters.items() if name in of_fit}
    of_recipe.pop("network")
    assert len(of_recipe) == 17
    assert of_recipe == {name: of_fit[name] for name in of_recipe}


def fit(**options):
    return culpa.fit(NETWORK, X, Y, **{"epochs": 3, "batch_size": 16, **options})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight_decay": 0.5}, '`weight_decay` means nothing for the optimizer adam. Hint: use "adamw"'),
        ({"optimizer": "sgd", "weight_decay": 0.5}, "`weight_decay` means nothing for the optimizer sgd"),
        ({"momentum": 0.5}, "`momentum` means nothing for the optimizer adam"),
        ({"optimizer": "lbfgs", "momentum": 0.5}, "`momentum` means nothing for the optimizer lbfgs"),
        ({"optimizer": "sgd", "momentum": 1.0}, "`momentum` must be a share from 0 to below 1"),
        ({"callbacks": [3]}, "`callbacks` must be functions of an epoch's record; got 3"),
        ({"validation": X}, "`validation` must be a fraction between 0 and 1, or a pair"),
        ({"schedule": culpa.Schedule("up", lambda done: -1.0)}, "the factor of schedule up` must be a finite number"),
        ({"schedule": culpa.Schedule("none", lambda done: None)}, "the factor of schedule none` must be a finite"),
        ({"schedule": lambda done: 1.0}, "culpa.Schedule"),
    ],
)
def test_what_would_do_nothing_or_harm_is_refused(options, words):
    with pytest.raises(OptionError) as caught:
        fit(**options)
    assert words in str(caught.value)
    assert "array(" not in str(caught.value)


@pytest.mark.parametrize(("answer", "epochs"), [(True, 1), (np.True_, 1), (1, 3), (1.0, 3), (None, 3), (np.ones(2), 3)])
def test_only_true_stops_a_training(answer, epochs):
    assert len(fit(callbacks=[lambda epoch: answer]).training.history) == epochs


def test_soft_rows_that_sum_to_one_roughly_are_the_same_to_one_and_to_many():
    soft = RANDOM.dirichlet(np.ones(3), 60)
    soft[:, 0] += 8e-6 * RANDOM.random(60)
    options = {"epochs": 20, "batch_size": 16, "optimizer": "sgd", "learning_rate": 0.1}
    alone = [culpa.fit(NETWORK, X, soft, seed=seed, **options) for seed in (1, 2)]
    together = culpa.fit_many(NETWORK, X, soft, seeds=[1, 2], **options)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(culpa.flatten(one), culpa.flatten(other), rtol=0, atol=1e-12)


def test_a_row_of_the_users_own_sees_examples_in_rows():
    """One slope for each unit, as in a parametric ReLU."""
    slopes = np.linspace(0.1, 0.6, 6)

    def value(a):
        return np.where(a > 0, a, a * slopes)

    def slope(a):
        return np.where(a > 0, 1.0, slopes)

    network = culpa.Network.fresh([4, 6, 3], hidden=culpa.Activation("prelu", value, slope), seed=0, dtype="float64")
    options = {"epochs": 1, "batch_size": 60, "optimizer": "sgd", "momentum": 0, "learning_rate": 1.0}
    moved = culpa.flatten(network) - culpa.flatten(culpa.fit(network, X, Y, **options))
    np.testing.assert_allclose(moved, culpa.gradient(network, X, Y).flat(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_gradients_whose_squares_overflow_do_not_freeze_a_training_in_silence(optimizer):
    network = culpa.Network.fresh([4, 6, 1], loss="squared_error", seed=0)
    with pytest.raises(NumericalError, match=r"diverged in epoch 1: squares of the gradient overflow float32"):
        culpa.fit(network, X * 1e13, X[:, 0], optimizer=optimizer)
    wide = network.astype("float64")
    assert np.isfinite(culpa.fit(wide, X * 1e13, X[:, 0], optimizer=optimizer).training.history[-1].loss)


@pytest.mark.parametrize("options", [{}, {"callbacks": [repr]}], ids=["stacked", "one by one"])
def test_a_row_that_diverges_has_the_users_number_among_many_too(options):
    inputs = X.copy()
    inputs[50] = 1e308
    starts = [NETWORK, NETWORK]
    with pytest.raises(culpa.UnfinishedError, match=r"Network 1 failed .* for row 50\b") as caught:
        culpa.fit_many(starts, inputs, Y, rows=[np.arange(40), np.arange(20, 60)], epochs=2, **options)
    assert list(caught.value.finished) == [0]


def test_stacks_stay_narrow_enough_that_what_is_finished_grows():
    assert jobs.stack_width(culpa.Network.fresh([2, 3, 2]), 4) == jobs.WIDEST
    assert 1 < jobs.stack_width(culpa.Network.fresh([64, 64, 32, 10]), 32) < jobs.WIDEST
    assert jobs.stack_width(culpa.Network.fresh([784, 1024, 10]), 128) == 1


@pytest.mark.parametrize(
    "option", [{"dropout": 0}, {"dropout": [0.0]}, {"record": None}, {"noise_scale": np.False_}, {"label_smoothing": 0}]
)
def test_an_option_that_asks_for_nothing_leaves_networks_in_their_stack(option, monkeypatch):
    seen = []
    monkeypatch.setattr(jobs, "fit_stack", lambda job, *rest: seen.append(job) or list(job.networks))
    culpa.fit_many(NETWORK, X, Y, seeds=[0, 1, 2], **option)
    assert [len(job.networks) for job in seen] == [3]
