# SPDX-License-Identifier: MIT
"""Two rounds: each number is made again by hand from the trainings and the forest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import culpa
from culpa.blaming.labels import rounds, witnesses
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.record import final_losses, last_probabilities, mean_losses, mean_probabilities, recorded
from culpa.blaming.labels.rounds import beliefs, two_rounds
from culpa.blaming.labels.scores import EVEN, rival_odds
from culpa.blaming.labels.trusting import share_by_heart, trust_in
from culpa.blaming.verifying.planting import plant
from culpa.engine.network import Network
from culpa.training.record import Examples

K = 3
QUIET: dict[str, Any] = {"trees": 20, "show_progress": False}
Asked = list[tuple[int, Any]]


@pytest.fixture(scope="module")
def rows() -> tuple[Any, Any, Any]:
    """Three clouds of points that touch, their true labels, and labels of which a tenth is planted."""
    random = np.random.default_rng(0)
    y = random.integers(K, size=240)
    return random.normal(size=(240, 4)) + 3 * np.eye(K, 4)[y], y, plant(y, 0.1, "uniform", seed=4).y


@pytest.fixture(scope="module")
def noise() -> tuple[Any, Any]:
    """Rows whose labels nothing tells: who gives them theirs knows them by heart."""
    random = np.random.default_rng(0)
    return random.normal(size=(120, 4)), random.integers(K, size=120)


def learner(X: Any, y: Any, *, width: int = 16, rate: float = 0.01) -> tuple[Callable[..., Any], Asked]:
    """A network that learns with its record on, and with what it was asked to."""
    asked: Asked = []
    start = culpa.Network.fresh([4, width, K], loss="cross_entropy", l2=1e-3)

    def learn(epochs: int, weights: Any) -> tuple[Network, Examples]:
        asked.append((epochs, weights))
        return recorded(
            start, X, y, epochs=epochs, weights=weights, learning_rate=rate, batch_size=16, show_progress=False
        )

    return learn, asked


def halves(y: Any, right: float) -> Any:
    """Of every second row a network that has not seen it gives so many their label; nothing is known of the others."""
    drawn = (np.random.default_rng(1).random(len(y)) < right).astype(float)
    return np.where(np.arange(len(y)) % 2 == 0, drawn, np.nan)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_labels_are_ranked_by_both_trainings_beside_the_forest(
    rows: tuple[Any, Any, Any], *, weighted: bool, held: bool
) -> None:
    X, truth, y = rows
    weights = np.random.default_rng(2).uniform(0.5, 2, len(y)) if weighted else None
    unseen = halves(y, 0.9) if held else None
    learn, asked = learner(X, y)
    found = two_rounds(learn, X, y, epochs=(4, 12), unseen=unseen, weights=weights, **QUIET)
    epochs = 12 if held else 4
    assert [one for one, _ in asked] == [epochs, epochs]

    first, examples = learn(epochs, weights)
    forest = forest_probabilities(X, y, K, weights=weights, trees=20)
    right = forest.argmax(axis=1) == y
    gives = last_probabilities(first, X).argmax(axis=1) == y
    trust = trust_in(share_by_heart(~right, gives, unseen, weights), right, unseen)
    assert (trust > 0.01) is held
    times = 1 + 8 * trust
    said = trust * last_probabilities(first, X) + (1 - trust) * mean_probabilities(examples)
    both = (times * said + forest) / (times + 1)
    rival = np.where(np.eye(K, dtype=bool)[y], -1, both).max(axis=1)
    own = both[np.arange(len(y)), y]
    believed = np.minimum(1, (own + EVEN) / (rival + EVEN))
    np.testing.assert_allclose(asked[1][1], believed if weights is None else weights * believed)

    second, again = learn(epochs, asked[1][1])
    later = trust * last_probabilities(second, X) + (1 - trust) * mean_probabilities(again)
    np.testing.assert_allclose(found.probabilities, (times * (said + later) / 2 + forest) / (times + 1))
    np.testing.assert_allclose(found.suspicion, rival_odds(np.asarray(found.probabilities), y))
    assert roc_auc_score(truth != y, found.suspicion) > 0.95
    assert (found.proposed == truth)[truth != y].mean() > 0.9
    np.testing.assert_allclose(found.losses, np.asarray(examples.losses, float).mean(axis=0))


def test_a_network_that_knows_rows_by_heart_learns_again_for_fewer_epochs_and_its_last_word_counts_nothing(
    noise: tuple[Any, Any],
) -> None:
    X, y = noise
    learn, asked = learner(X, y, width=64, rate=0.02)
    unseen = np.where(np.arange(len(y)) % 2 == 0, 0.0, np.nan)
    found = two_rounds(learn, X, y, epochs=(3, 120), unseen=unseen, **QUIET)
    assert [one for one, _ in asked] == [120, 3, 3]
    _, examples = learn(3, None)
    _, again = learn(3, asked[2][1])
    said = 0.5 * (mean_probabilities(examples) + mean_probabilities(again))
    forest = forest_probabilities(X, y, K, trees=20)
    np.testing.assert_allclose(found.probabilities, 0.5 * (said + forest))
    np.testing.assert_allclose(found.losses, np.asarray(examples.losses, float).mean(axis=0))


@pytest.mark.parametrize(
    ("by_heart", "epochs", "asked"),
    [(0.51, (3, 6), [6, 3, 3]), (0.5, (3, 6), [6, 6]), (0.51, (4, 6), [6, 6]), (1.0, (6, 6), [6, 6])],
)
def test_what_is_known_by_heart_to_more_than_a_half_is_learnt_again_where_that_is_much_shorter(
    rows: tuple[Any, Any, Any],
    monkeypatch: pytest.MonkeyPatch,
    by_heart: float,
    epochs: tuple[int, int],
    asked: list[int],
) -> None:
    X, _, y = rows
    learn, done = learner(X, y)
    monkeypatch.setattr(rounds, "share_by_heart", lambda *_: by_heart)
    monkeypatch.setattr(rounds, "trust_in", lambda *_: 0.5)
    found = two_rounds(learn, X, y, epochs=epochs, unseen=halves(y, 0.9), **QUIET)
    assert [one for one, _ in done] == asked
    assert ("the network's word counts 5.0 times the forest's" in found.why) is (len(asked) == 2)
    assert ("here both count alike" in found.why) is (len(asked) == 3)


def test_the_forest_gets_groups_weights_and_seed_and_what_is_told_of_memory_is_of_the_longer_training(
    rows: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    X, _, y = rows
    given: dict[str, Any] = {"weights": np.ones(len(y)), "groups": np.arange(len(y)) // 2, "seed": 5}
    inner, told, handed, memories = rounds.forest_probabilities, [], [], []

    def listening(*rows: Any, **options: Any) -> Any:
        told.append(options)
        return inner(*rows, **options)

    def known(*given: Any) -> float:
        handed.append(given)
        return 1.0

    def remembering(examples: Examples, *_: Any, **__: Any) -> None:
        memories.append(int(examples.epochs[-1]))

    monkeypatch.setattr(rounds, "forest_probabilities", listening)
    monkeypatch.setattr(rounds, "share_by_heart", known)
    monkeypatch.setattr(witnesses, "memory_of", remembering)
    learn, _ = learner(X, y)
    found = two_rounds(learn, X, y, epochs=(3, 9), unseen=halves(y, 0.9), **given, **QUIET)
    assert {name: told[0][name] for name in given} == given
    assert handed[0][-1] is given["weights"]
    assert memories[-1] == 9
    np.testing.assert_allclose(found.final, final_losses(learn(9, given["weights"])[1]))
    np.testing.assert_allclose(found.losses, mean_losses(learn(3, given["weights"])[1]))


def test_a_label_is_believed_as_far_as_none_is_more_probable_and_never_not_at_all() -> None:
    said = np.random.default_rng(0).dirichlet([0.2] * 4, size=200)
    given = np.random.default_rng(1).integers(4, size=200)
    found = beliefs(said, given)
    best = said.argmax(axis=1) == given
    assert (found[best] == 1).all()
    assert ((found[~best] < 1) & (found[~best] >= EVEN / (1 + EVEN) - 1e-12)).all()
    np.testing.assert_allclose(
        found[~best], (said[np.arange(200), given] + EVEN)[~best] / (said.max(axis=1) + EVEN)[~best]
    )
