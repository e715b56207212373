# SPDX-License-Identifier: MIT
"""Dropout: a training beside a backward pass with the same masks written out, and what must not notice it.

h ← m ⊙ g(a)/(1 − p),   δ ← m ⊙ δ/(1 − p) ⊙ g′(a)      m is 0 with probability p, for each unit and example anew
"""

import numpy as np
import pytest

import culpa
from culpa.engine.streams import stream
from culpa.engine.workspace import Workspace
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(8)
N, ETA, MOMENTUM = 26, 0.1, 0.9
X, Y, S = RANDOM.normal(size=(N, 4)), RANDOM.integers(0, 3, N), RANDOM.gamma(1.0, size=N)
NETWORK = culpa.Network.fresh([4, 7, 5, 3], hidden="tanh", seed=1, dtype="float64")


def fit(network=NETWORK, **options):
    given = {"epochs": 3, "batch_size": 10, "optimizer": "sgd", "learning_rate": ETA, "momentum": MOMENTUM, **options}
    return culpa.fit(network, X, Y, **given)


def theta_of(**options):
    return culpa.flatten(fit(**options))


def inverted(random, share, width, n):
    """A mask (n, d) of 0 and 1/(1 − p); the stream's numbers go along the examples of one unit, then to the next."""
    return np.where(random.random((width, n)) < 1 - share, 1 / (1 - share), 0.0).T


def examples_gradients(theta, rows, shares, random, mask):
    """Each example's own gradient (n, p): softmax over two tanh layers with masks between them."""
    layers = culpa.unflatten(NETWORK, theta).layers
    masks = [
        mask(random, share, width, len(rows)) if share else 1.0 for share, width in zip(shares, (7, 5), strict=True)
    ]
    bare, h = [], [X[rows]]
    for layer, m in zip(layers[:-1], masks, strict=True):
        bare.append(np.tanh(h[-1] @ layer.W.T + layer.b))
        h.append(bare[-1] * m)
    e = np.exp(h[-1] @ layers[-1].W.T + layers[-1].b)
    deltas = [e / e.sum(axis=1, keepdims=True) - np.eye(3)[Y[rows]]]
    for layer, g, m in zip(layers[:0:-1], bare[::-1], masks[::-1], strict=True):
        deltas.insert(0, deltas[0] @ layer.W * m * (1 - g**2))
    parts = [(np.einsum("ia,ij->iaj", d, x), d) for d, x in zip(deltas, h, strict=False)]
    return np.concatenate([part.reshape(len(rows), -1) for pair in parts for part in pair], axis=1)


def by_hand(shares, *, seed=0, weights=None, bound=np.inf, mask=inverted, use="dropout"):
    """The training with these masks written out."""
    s = np.ones(N) if weights is None else weights / weights.mean()
    theta, velocity, shuffling, random = culpa.flatten(NETWORK), 0.0, stream(seed, "shuffling"), stream(seed, use)
    for _ in range(3):
        order = shuffling.permutation(N)
        for rows in (order[:10], order[10:20], order[20:]):
            each = examples_gradients(theta, rows, shares, random, mask)
            norms = np.linalg.norm(each, axis=1)
            velocity = MOMENTUM * velocity + (s[rows] * np.minimum(1, bound / norms)) @ each / len(rows)
            theta = theta - ETA * velocity
    return theta


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.2, 0.0), (0.0, 0.7), (0.9, 0.3), (0.0, 0.0)], ids=str)
def test_a_training_is_the_loop_with_masks_that_anybody_can_write(shares):
    assert_same(theta_of(dropout=list(shares)), by_hand(shares))


def test_with_weights_and_clipping_of_examples_too():
    assert_same(theta_of(dropout=[0.4, 0.2], weights=S, seed=3), by_hand((0.4, 0.2), weights=S, seed=3))
    clipped = by_hand((0.4, 0.2), weights=S, bound=0.5)
    assert_same(theta_of(dropout=[0.4, 0.2], weights=S, clip_examples=0.5), clipped)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(dropout=[0.4, 0.2], weights=S), clipped)


WRONG = {
    "masks that are not scaled": {"mask": lambda random, p, d, n: (random.random((d, n)) < 1 - p).T.astype(float)},
    "the share that is kept": {"mask": lambda random, p, d, n: inverted(random, 1 - p, d, n)},
    "one mask for all examples": {"mask": lambda random, p, d, n: inverted(random, p, d, n)[:1]},
    "another stream": {"use": "weights"},
    "another seed": {"seed": 1},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_loop_with_other_masks_is_refused(wrong):
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(dropout=0.3), by_hand((0.3, 0.3), **wrong))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    first, again, other = (theta_of(dropout=0.4, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_one_share_is_that_of_every_hidden_layer_and_zero_is_none():
    np.testing.assert_array_equal(theta_of(dropout=0.4), theta_of(dropout=(0.4, 0.4)))
    for nothing in (0, 0.0, [0, 0.0]):
        network = fit(dropout=nothing)
        np.testing.assert_array_equal(culpa.flatten(network), theta_of())
        assert network.training.recipe.dropout == ()
    assert fit(dropout=[0, 0.5]).training.recipe.dropout == (0.0, 0.5)


@pytest.mark.parametrize("shares", [np.array([0.2, 0.4]), np.float32(0.5)], ids=["an array", "a number of NumPy's"])
def test_shares_may_come_from_numpy(shares):
    """One for each layer, as class weights may come too."""
    assert fit(dropout=shares).training.recipe.dropout == pytest.approx((0.2, 0.4) if shares.ndim else (0.5, 0.5))


def test_without_a_hidden_layer_there_is_nothing_to_drop():
    """It would do nothing."""
    with pytest.raises(culpa.OptionError, match="hidden layer"):
        fit(culpa.Network.fresh([4, 3]), dropout=0.5)


def test_the_rows_that_are_held_out_are_the_same_with_dropout():
    """That the order of the others is the same too is what the loop by hand shows."""
    learnt = [fit(dropout=share, validation=0.25, record=True).training.examples.learnt for share in (0.0, 0.5)]
    np.testing.assert_array_equal(*learnt)


def test_what_is_said_of_rows_after_an_epoch_is_said_without_dropout():
    """Validation, the record and predictions; the loss of the history is that of the batches, with dropout."""
    network = fit(dropout=0.5, validation=(X, Y), record="epochs", epochs=4)
    training = network.training
    assert training.best_epoch == 1 + np.argmin([epoch.validation_loss for epoch in training.history])
    for count, epoch in enumerate(training.history, 1):
        now = fit(dropout=0.5, epochs=count)
        plain = culpa.gradient(now, X, Y)
        assert epoch.validation_loss == pytest.approx(plain.loss, rel=1e-12)
        assert epoch.validation_score == pytest.approx(culpa.score(now, X, Y), rel=1e-12)
        assert_same(training.examples.losses[count - 1], plain.losses)
    one_batch = fit(dropout=0.5, epochs=1, batch_size=N).training.history[0]
    assert one_batch.loss != pytest.approx(culpa.gradient(NETWORK, X, Y).loss, rel=1e-3)
    np.testing.assert_array_equal(culpa.predict(network, X), culpa.predict(network, X))


COPIES = 40_000


def assert_expected(found, exact, share):
    """The mean over many copies of an example lies within five standard errors of what there is without dropout."""
    error = np.abs(exact) * np.sqrt(share / (1 - share) / COPIES)
    assert (np.abs(found.mean(axis=1) - exact) <= 5 * error + 1e-12).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_units_output_is_the_same_as_without_dropout_on_average(dtype, share):
    network = culpa.Network.fresh([4, 7, 3], hidden="tanh", seed=1, dtype=dtype)
    space = Workspace(network, COPIES, dropout=(share,), random=stream(0, "dropout"))
    space.gradient(np.tile(X[:1].astype(dtype), (COPIES, 1)), np.zeros(COPIES, int))
    exact = np.tanh(network.layers[0].W @ X[0].astype(dtype)).astype(float)
    found = space.h[1].astype(float)
    assert_expected(found, exact, share)
    for wrong in (found * (1 - share), found * (1 + 0.2 * share)):
        with pytest.raises(AssertionError):
            assert_expected(wrong, exact, share)
    kept = (found != 0).mean()
    assert abs(kept - (1 - share)) <= 5 * np.sqrt(share * (1 - share) / found.size)


def test_units_and_examples_are_dropped_independently_of_each_other():
    """No correlation between units, between neighbouring examples, or between passes beyond five standard errors."""
    network = culpa.Network.fresh([4, 7, 3], hidden="identity", seed=1)
    space = Workspace(network, COPIES, dropout=(0.5,), random=stream(0, "dropout"))
    X1, y = np.ones((COPIES, 4), np.float32), np.zeros(COPIES, int)
    masks = []
    for _ in range(2):
        space.gradient(X1, y)
        masks.append((space.h[1] != 0).astype(float))
    between_units = np.corrcoef(masks[0]) - np.eye(7)
    between_examples = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in masks[0]]
    between_passes = [np.corrcoef(*rows)[0, 1] for rows in zip(*masks, strict=True)]
    for found in (between_units, between_examples, between_passes):
        assert np.abs(found).max() < 5 / np.sqrt(COPIES)
    assert np.corrcoef(masks[0][0], masks[0][0])[0, 1] > 0.99, "and equal masks would show"
