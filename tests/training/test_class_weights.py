# SPDX-License-Identifier: MIT
"""Class weights: a training with the sample weights that one would give by hand, counted over the rows learnt from."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

import culpa
from culpa.training.splitting import split_rows
from tests.oracles.comparing import assert_same
from tests.training.by_hand import trained

RANDOM = np.random.default_rng(3)
N = 60
X, S = RANDOM.normal(size=(N, 3)), RANDOM.gamma(1.0, size=N)
Y = RANDOM.permutation(np.repeat([0, 1, 2], [40, 15, 5]))
NETWORK = culpa.Network.fresh([3, 6, 3], hidden="tanh", l2=0.02, seed=1, dtype="float64")
LABEL = culpa.Network.fresh([3, 6, 1], hidden="tanh", loss="binary_cross_entropy", seed=1, dtype="float64")
TABLE = [0.5, 2.0, 7.0]


def fit(network=NETWORK, inputs=X, y=Y, **options):
    given = {"epochs": 3, "batch_size": 10, "optimizer": "sgd", "learning_rate": 0.1, **options}
    return culpa.fit(network, inputs, y, **given)


def theta_of(*given, **options):
    return culpa.flatten(fit(*given, **options))


FORMS = {
    "balanced": ("balanced", compute_class_weight("balanced", classes=np.arange(3), y=Y)),
    "a list": (TABLE, TABLE),
    "a tuple": (tuple(TABLE), TABLE),
    "an array": (np.array(TABLE), TABLE),
    "a dictionary": (dict(enumerate(TABLE)), TABLE),
    "a dictionary with NumPy's keys": (dict(zip(np.arange(3), TABLE, strict=True)), TABLE),
    "a dictionary without all classes": ({2: 7.0}, [1.0, 1.0, 7.0]),
    "a class that counts nothing": ({0: 0}, [0.0, 1.0, 1.0]),
}


@pytest.mark.parametrize("weights", [None, S], ids=["alone", "times weights"])
@pytest.mark.parametrize(("given", "table"), FORMS.values(), ids=FORMS)
def test_a_training_is_that_with_the_weights_given_by_hand(given, table, weights):
    by_hand = np.asarray(table)[Y] * (1.0 if weights is None else weights)
    mine = theta_of(class_weight=given, weights=weights)
    assert_same(mine, theta_of(weights=by_hand))
    assert_same(mine, trained(NETWORK, X, Y, weights=by_hand))
    for wrong in (by_hand + 0.1, by_hand * (1 + 1e-9 * (Y == 2)), np.ones(N)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(mine, theta_of(weights=wrong))


def test_balanced_is_what_scikit_learn_calls_so_for_one_hot_rows_and_for_labels_too():
    balanced = compute_sample_weight("balanced", Y)
    assert_same(theta_of(y=np.eye(3)[Y], class_weight="balanced"), theta_of(weights=balanced))
    for label in (Y == 0, (Y == 0).astype(int), (Y == 0).astype(float)[:, None]):
        mine = theta_of(LABEL, y=label, class_weight="balanced")
        assert_same(mine, theta_of(LABEL, y=label, weights=compute_sample_weight("balanced", Y == 0)))


def test_a_label_is_of_class_0_or_1():
    label = (Y == 0).astype(int)
    assert_same(theta_of(LABEL, y=label, class_weight={1: 3.0}), theta_of(LABEL, y=label, weights=1 + 2 * label))


@pytest.mark.parametrize("weights", [None, S], ids=["alone", "times weights"])
@pytest.mark.parametrize("given", ["balanced", {2: 7.0}], ids=str)
def test_with_validation_only_the_rows_that_are_learnt_from_count(given, weights):
    """Groups make the split uneven, so that the classes' counts differ on either side."""
    groups = np.where(Y == 1, np.arange(N) % 2, 2 + np.arange(N) % 7)
    kept, held = split_rows(N, 0.3, classes=Y, groups=groups, seed=2)
    both = fit(class_weight=given, weights=weights, validation=0.3, groups=groups, seed=2, epochs=1)
    of_kept = compute_sample_weight(given if given == "balanced" else {0: 1, 1: 1, **given}, Y[kept])
    s = np.ones(N) if weights is None else weights
    assert_same(culpa.flatten(both), theta_of(NETWORK, X[kept], Y[kept], weights=of_kept * s[kept], seed=2, epochs=1))
    # And the held-out rows are judged by the sample weights alone.
    losses = culpa.gradient(both, X[held], Y[held]).losses
    assert both.training.history[0].validation_loss == pytest.approx(s[held] @ losses / s[held].sum(), rel=1e-12)
    if given == "balanced":
        of_all = compute_sample_weight("balanced", Y)[kept]
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(
                culpa.flatten(both), theta_of(NETWORK, X[kept], Y[kept], weights=of_all * s[kept], seed=2, epochs=1)
            )


def test_a_class_that_was_wholly_held_out_does_not_count():
    """As scikit-learn has it: the weights are those of the classes that are there."""
    rows = Y != 2
    mine = theta_of(NETWORK, X[rows], Y[rows], class_weight="balanced")
    assert_same(mine, theta_of(NETWORK, X[rows], Y[rows], weights=compute_sample_weight("balanced", Y[rows])))


def test_the_history_is_that_of_the_weighted_loss_and_the_recipe_says_so():
    by_hand = compute_sample_weight("balanced", Y)
    one, other = fit(class_weight="balanced").training, fit(weights=by_hand).training
    np.testing.assert_allclose(one.history, other.history, rtol=1e-12)
    assert replace(one.recipe, class_weight=None) == other.recipe
    assert one.recipe.weighted
    assert not fit().training.recipe.weighted


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "nesterov", "lbfgs"])
def test_every_optimizer_weighs(optimizer):
    options = {"optimizer": optimizer, "learning_rate": None, "epochs": 2}
    mine = theta_of(class_weight=TABLE, **options)
    # NOTE: 1e-10, because a line search magnifies the last bits of the weights.
    assert_same(mine, theta_of(weights=np.array(TABLE)[Y], **options), within=1e-10)
    assert not np.allclose(mine, theta_of(**options), rtol=1e-6)


def test_weights_that_leave_no_row_where_they_meet_are_refused():
    with pytest.raises(culpa.DataError, match="must not all be zero"):
        fit(weights=(Y == 2).astype(float), class_weight={2: 0.0})
