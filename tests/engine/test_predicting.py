# SPDX-License-Identifier: MIT
"""Predictions, classes and scores, against scikit-learn's metrics and SciPy's output functions.

PyTorch is asked for the predictions of the whole registry in `test_autograd`.
"""

import numpy as np
import pytest
from scipy import special
from sklearn import metrics

import culpa
from culpa import LOSSES, Network
from culpa.engine.forward import forward
from culpa.errors import OptionError
from tests.cases import CASES, PLAIN, each
from tests.oracles.comparing import assert_same

OUTPUTS = {
    "cross_entropy": lambda a: special.softmax(a, axis=1),
    "softmax_squared_error": lambda a: special.softmax(a, axis=1),
    "binary_cross_entropy": special.expit,
    "logistic_squared_error": special.expit,
    "squared_error": lambda a: a,
    "huber": lambda a: a,
    "poisson": np.exp,
}
SOFTMAX = [case for case in CASES if case.network.loss.targets == "classes"]
LABELS = [case for case in CASES if case.network.loss.targets == "labels"]
NUMBERS = [
    case
    for case in CASES
    if not case.network.loss.is_classification
    and (len(case.X) if case.weights is None else (case.weights > 0).sum()) > 2
]


@each(CASES)
def test_predictions_are_the_output_function_of_the_last_pre_activation(case):
    a = forward(case.network, case.X)[-1].a
    said = culpa.predict(case.network, case.X)
    assert_same(said, OUTPUTS[case.network.loss.name](a))
    assert said.shape == (len(case.X), case.network.sizes[-1])


@each(CASES[::9])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_predictions_classes_and_scores_do_not_depend_on_the_chunks(case, batch_size):
    whole, parts = (culpa.predict(case.network, case.X, **how) for how in ({}, {"batch_size": batch_size}))
    assert_same(parts, whole)
    if case.network.loss.is_classification:
        chosen = culpa.classes(case.network, case.X, batch_size=batch_size)
        np.testing.assert_array_equal(chosen, culpa.classes(case.network, case.X))


@each(SOFTMAX)
def test_a_softmaxs_class_is_its_most_probable_one_and_its_score_the_accuracy(case):
    chosen = culpa.classes(case.network, case.X)
    np.testing.assert_array_equal(chosen, culpa.predict(case.network, case.X).argmax(axis=1))
    assert chosen.dtype == np.intp
    truth = case.y if case.y.ndim == 1 else case.y.argmax(axis=1)
    mine = culpa.score(case.network, case.X, case.y, weights=case.weights)
    assert_same(mine, metrics.accuracy_score(truth, chosen, sample_weight=case.weights))
    assert isinstance(mine, float)


@each(LABELS)
def test_a_label_is_given_at_one_half_and_the_score_is_the_share_of_right_labels(case):
    outputs = case.network.sizes[-1]
    chosen = culpa.classes(case.network, case.X)
    given = (special.expit(forward(case.network, case.X)[-1].a) >= 0.5).astype(int)
    assert chosen.shape == ((len(case.X),) if outputs == 1 else (len(case.X), outputs))
    np.testing.assert_array_equal(chosen.reshape(given.shape), given)
    truth = (case.y.reshape(given.shape) >= 0.5).astype(int)
    shares = [
        metrics.accuracy_score(column, mine, sample_weight=case.weights)
        for column, mine in zip(truth.T, given.T, strict=True)
    ]
    assert_same(culpa.score(case.network, case.X, case.y, weights=case.weights), np.mean(shares))


@each(NUMBERS)
def test_the_score_of_numbers_is_scikit_learns_r_squared(case):
    said = culpa.predict(case.network, case.X)
    # Between constant targets scikit-learn puts 0 or 1 by convention; we say NaN, which a test of its own holds.
    y = case.y + np.linspace(0, 1, len(case.X))[:, None]
    mine = culpa.score(case.network, case.X, y, weights=case.weights)
    theirs = metrics.r2_score(y, said, sample_weight=case.weights, multioutput="uniform_average")
    assert abs(mine - theirs) <= 1e-12 * (1 + abs(theirs))


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, 1 / 3, 1e10 + 0.1, -7.3])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 28])
def test_there_is_no_r_squared_where_all_targets_are_the_same(constant, n):
    network = Network.from_arrays([[[1.0]]], loss="squared_error")
    score = culpa.score(network, np.arange(n, dtype=float)[:, None], np.full(n, constant))
    assert np.isnan(score)


def test_a_perfect_prediction_scores_one_and_the_mean_scores_zero():
    network = Network.from_arrays([[[2.0]]], [[1.0]], loss="squared_error")
    X = np.array([[0.0], [1.0], [3.0]])
    assert culpa.score(network, X, 2 * X[:, 0] + 1) == 1.0
    mean = Network.from_arrays([[[0.0]]], [[5.0]], loss="squared_error")
    assert_same(1 + culpa.score(mean, X, np.array([3.0, 5.0, 7.0])), 1.0)


def test_a_score_weighs_the_examples():
    network = Network.from_arrays([[[1.0], [0.0]]], loss="cross_entropy")
    X, y = np.array([[1.0], [-1.0], [2.0]]), np.array([0, 0, 0])
    assert_same(culpa.score(network, X, y), 2 / 3)
    assert_same(culpa.score(network, X, y, weights=[1.0, 2.0, 1.0]), 0.5)
    assert culpa.score(network, X, y, weights=[1.0, 0.0, 5.0]) == 1.0


@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if not row.is_classification])
def test_a_network_for_numbers_has_no_classes(loss):
    network = Network.fresh([3, 2], loss=loss, dtype="float64")
    with pytest.raises(OptionError, match=f"loss {loss} has no classes"):
        culpa.classes(network, PLAIN.X)


def test_the_metrics_refuse_planted_errors():
    network = PLAIN.network
    right = metrics.accuracy_score(PLAIN.y, culpa.classes(network, PLAIN.X), sample_weight=PLAIN.weights)
    assert_same(culpa.score(network, PLAIN.X, PLAIN.y, weights=PLAIN.weights), right)
    for planted in (
        culpa.score(network, PLAIN.X, PLAIN.y),
        culpa.score(network, PLAIN.X, (PLAIN.y + 1) % 3, weights=PLAIN.weights),
        culpa.score(network, PLAIN.X[::-1], PLAIN.y, weights=PLAIN.weights),
    ):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(planted, right)
    said, a = culpa.predict(network, PLAIN.X), forward(network, PLAIN.X)[-1].a
    assert_same(said, OUTPUTS["cross_entropy"](a))
    for wrong in (a, special.expit(a), special.softmax(a, axis=0), said[:, ::-1], said * (1 + 1e-9)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(wrong, OUTPUTS["cross_entropy"](a))
