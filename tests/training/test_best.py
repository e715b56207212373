# SPDX-License-Identifier: MIT
"""Which epoch is kept, and how the rows that choose it are weighed."""

import numpy as np
import pytest

import culpa
from culpa.training.splitting import split_rows

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
NETWORK = culpa.Network.fresh([3, 4, 2], seed=0, dtype="float64")


def test_of_equal_epochs_the_first_is_kept_and_patience_counts_from_it():
    """A dead network learns nothing: every epoch has the same validation loss."""
    dead = culpa.Network.from_arrays(
        [np.zeros((4, 3)), np.zeros((2, 4))], [np.full(4, -1.0), None], loss="cross_entropy", hidden="relu"
    )
    trained = culpa.fit(dead, X, Y, validation=(X, Y), epochs=9, patience=3, batch_size=60)
    assert len({epoch.validation_loss for epoch in trained.training.history}) == 1
    assert (trained.training.best_epoch, len(trained.training.history)) == (1, 4)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_held_out_rows_choose_the_epoch_by_their_weighted_loss_and_score(seed):
    weights = RANDOM.uniform(0.1, 5.0, 60)
    trained = culpa.fit(NETWORK, X, Y, validation=0.3, weights=weights, epochs=1, seed=seed)
    held = split_rows(60, 0.3, classes=Y, seed=seed)[1]
    share = weights[held] / weights[held].sum()
    losses = np.asarray(culpa.gradient(trained, X[held], Y[held]).losses)
    right = culpa.classes(trained, X[held]) == Y[held]
    epoch = trained.training.history[0]
    assert epoch.validation_loss == pytest.approx(share @ losses, rel=1e-12)
    assert epoch.validation_score == pytest.approx(share @ right, rel=1e-12)
    assert abs(epoch.validation_loss - losses.mean()) > 1e-3, "the weights must matter here"
