# SPDX-License-Identifier: MIT
"""What a training records of each row, beside trainings that simply end at that epoch and are asked then."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS
from culpa.training.optimizers import OPTIMIZERS
from culpa.training.recording import recorded_epochs
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(6)
N, EPOCHS = 40, 12
X = RANDOM.normal(size=(N, 4))
CLASSES, LABELS = RANDOM.integers(0, 3, N), RANDOM.integers(0, 2, (N, 3))
NETWORK = culpa.Network.fresh([4, 6, 3], hidden="tanh", l2=0.01, seed=1, dtype="float64")
TAKEN = [1, 2, 3, 4, 5, 7, 9, 12]
"""The epochs that "log" takes of twelve."""


def fit(network=NETWORK, y=CLASSES, **options):
    return culpa.fit(network, X, y, **{"epochs": EPOCHS, "batch_size": 8, "learning_rate": 0.02, **options})


def examples_of(*given, **options):
    return fit(*given, **options).training.examples


def logits_of(network):
    """a_L of every row, layer by layer."""
    h = X
    for layer in network.layers[:-1]:
        h = layer.activation.value(h @ layer.W.T + layer.b)
    return h @ network.layers[-1].W.T + network.layers[-1].b


def lead(logits, given):
    """The given class's logit less the largest other one, row by row."""
    return [row[c] - max(a for k, a in enumerate(row) if k != c) for row, c in zip(logits.tolist(), given, strict=True)]


def least(logits, labels):
    """The least of ±a over the labels, row by row."""
    return [
        min(a if t >= 0.5 else -a for a, t in zip(row, rows, strict=True))
        for row, rows in zip(logits.tolist(), labels.tolist(), strict=True)
    ]


SOFT = RANDOM.dirichlet(np.ones(3), N)
PROBABLE = RANDOM.random((N, 3))
KINDS = {
    "class indices": ("cross_entropy", CLASSES, lambda a: lead(a, CLASSES)),
    "one-hot rows": ("cross_entropy", np.eye(3)[CLASSES], lambda a: lead(a, CLASSES)),
    "soft rows": ("cross_entropy", SOFT, lambda a: lead(a, SOFT.argmax(axis=1))),
    "classes, squared": ("softmax_squared_error", CLASSES, lambda a: lead(a, CLASSES)),
    "several labels": ("binary_cross_entropy", LABELS, lambda a: least(a, LABELS)),
    "soft labels": ("binary_cross_entropy", PROBABLE, lambda a: least(a, PROBABLE)),
    "one label": ("binary_cross_entropy", LABELS[:, 0], lambda a: least(a, LABELS[:, :1])),
    "a label, squared": ("logistic_squared_error", LABELS[:, :1], lambda a: least(a, LABELS[:, :1])),
    "numbers": ("squared_error", X[:, :3], None),
    "a number": ("huber", X[:, 0], None),
    "counts": ("poisson", LABELS, None),
}


def outputs_for(loss, y):
    """How many outputs a target of this kind needs."""
    if culpa.LOSSES[loss].targets == "classes":
        return 3
    return 1 if y.ndim == 1 else y.shape[1]


@pytest.mark.parametrize(("loss", "y", "margins"), KINDS.values(), ids=KINDS)
def test_the_record_is_what_one_finds_who_ends_at_each_of_its_epochs(loss, y, margins):
    network = culpa.Network.fresh(
        [4, 6, outputs_for(loss, y)], hidden="tanh", loss=loss, l2=0.01, seed=1, dtype="float64"
    )
    found = examples_of(network, y, record="log")
    ended = [fit(network, y, epochs=count) for count in TAKEN]
    assert found.epochs.tolist() == TAKEN
    assert_same(found.losses, [culpa.gradient(now, X, y).losses for now in ended])
    assert_same(found.outputs, np.mean([culpa.predict(now, X) for now in ended], axis=0))
    if margins is None:
        assert found.margins is None
    else:
        exact = np.array([margins(logits_of(now)) for now in ended])
        assert_same(found.margins, exact)
        for wrong in (-exact, exact[::-1], np.roll(exact, 1, axis=1)):
            with pytest.raises(AssertionError, match="of the norm"):
                assert_same(found.margins, wrong)
    assert found.learnt.all()
    assert found.checkpoints is None
    late = [culpa.gradient(now, X, y).losses for now in (*ended[1:], ended[-1])]
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(found.losses, late)


def test_all_epochs_are_recorded_on_request_and_true_means_log():
    every = examples_of(record="epochs")
    assert every.epochs.tolist() == list(range(1, EPOCHS + 1))
    ten = examples_of(record=True)
    np.testing.assert_array_equal(ten.epochs, TAKEN)
    np.testing.assert_array_equal(ten.losses, every.losses[np.array(TAKEN) - 1])
    np.testing.assert_array_equal(ten.margins, every.margins[np.array(TAKEN) - 1])
    for record, name in ((True, "log"), ("log", "log"), ("epochs", "epochs"), (False, None), (None, None)):
        assert fit(epochs=1, record=record).training.recipe.record == name


@pytest.mark.parametrize("record", [False, None])
def test_nothing_is_recorded_that_nobody_asked_for(record):
    assert examples_of(record=record) is None


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 60, 1000])
def test_ten_epochs_are_spaced_evenly_in_their_logarithm(epochs):
    by_hand = sorted({round(float(epochs) ** (j / 9)) for j in range(10)})
    assert sorted(recorded_epochs("log", epochs)) == by_hand
    assert {1, epochs} <= recorded_epochs("log", epochs)
    assert recorded_epochs("epochs", epochs) == set(range(1, epochs + 1))


def test_rows_that_only_choose_the_epoch_are_in_the_record_and_marked():
    network = fit(validation=0.25, record="epochs")
    found = network.training.examples
    assert (found.learnt.sum(), (~found.learnt).sum()) == network.training.rows == (30, 10)
    assert found.losses.shape == (EPOCHS, N)
    for epoch, losses, margins in zip(network.training.history, found.losses, found.margins, strict=True):
        assert epoch.validation_loss == pytest.approx(losses[~found.learnt].mean(), rel=1e-12)
        assert epoch.validation_score == pytest.approx((margins[~found.learnt] > 0).mean(), rel=1e-12)


def test_rows_given_apart_are_not_in_the_record():
    found = examples_of(validation=(X[:7] + 1, CLASSES[:7]), record="epochs", epochs=2)
    assert found.learnt.all()
    assert found.losses.shape == (2, N)


@pytest.mark.parametrize("ending", ["patience", "a callback", "ctrl-c"])
def test_a_training_that_ends_early_has_recorded_the_epochs_until_then(ending):
    def stop(epoch):
        if epoch.epoch == 6 and ending == "ctrl-c":
            raise KeyboardInterrupt
        return epoch.epoch == 6 and ending == "a callback"

    options = {"validation": (X, (CLASSES + 1) % 3), "patience": 4} if ending == "patience" else {"callbacks": [stop]}
    training = fit(record="log", checkpoints=True, **options).training
    whole = examples_of(record="log", checkpoints=True)
    assert len(training.history) == 6
    assert training.examples.epochs.tolist() == [1, 2, 3, 4, 5]
    for name in ("losses", "margins", "checkpoints"):
        np.testing.assert_array_equal(getattr(training.examples, name), getattr(whole, name)[:5])


@pytest.mark.parametrize("count", [1, 3])
def test_ctrl_c_while_an_epoch_is_recorded_leaves_a_record_that_fits_together(count):
    """The epoch is not in the record without its losses."""
    passes = [0]

    def value(a):
        passes[0] += 1
        if passes[0] == count:
            raise KeyboardInterrupt
        return np.tanh(a)

    # NOTE: the steps run the rule in place, so that only the record runs `value`.
    first, last = NETWORK.layers
    network = replace(NETWORK, layers=(replace(first, activation=replace(ACTIVATIONS["tanh"], value=value)), last))
    training = fit(network, record="epochs", checkpoints=True).training
    assert training.interrupted
    found = training.examples
    counts = [0 if found.losses is None else len(found.losses), len(found.epochs)]
    counts += [0 if found.checkpoints is None else len(found.checkpoints)]
    assert counts == [count - 1] * 3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_checkpoints_are_the_parameters_of_trainings_that_end_there(optimizer):
    options = {"optimizer": optimizer, "learning_rate": None, "epochs": 5}
    found = examples_of(checkpoints=True, **options)
    np.testing.assert_array_equal(found.epochs, [1, 2, 3, 4, 5])
    ended = [culpa.flatten(fit(**{**options, "epochs": count})) for count in range(1, 6)]
    np.testing.assert_array_equal(found.checkpoints, ended)
    assert (found.losses, found.margins, found.outputs) == (None, None, None)
    assert sorted(found.arrays()) == ["checkpoints", "epochs", "learnt"]


@pytest.mark.parametrize(("optimizer", "dropout"), [*((name, 0.0) for name in OPTIMIZERS), ("sgd", 0.3), ("adam", 0.3)])
def test_recording_changes_no_bit_of_the_training(optimizer, dropout):
    options = {"optimizer": optimizer, "learning_rate": None, "dropout": dropout, "validation": 0.25}
    plain, recorded = fit(**options), fit(record="epochs", checkpoints=True, **options)
    np.testing.assert_array_equal(culpa.flatten(plain), culpa.flatten(recorded))
    np.testing.assert_array_equal(plain.training.history, recorded.training.history)
    best = recorded.training.examples.checkpoints[recorded.training.best_epoch - 1]
    np.testing.assert_array_equal(best, culpa.flatten(recorded))


def test_lbfgs_is_recorded_iteration_by_iteration():
    options = {"optimizer": "lbfgs", "learning_rate": None, "epochs": 6}
    found = examples_of(record="epochs", **options)
    assert_same(found.losses, [culpa.gradient(fit(**{**options, "epochs": k}), X, CLASSES).losses for k in range(1, 7)])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_record_keeps_the_networks_dtype(dtype):
    found = examples_of(NETWORK.astype(dtype), record=True, checkpoints=True)
    kinds = {name: array.dtype for name, array in found.arrays().items()}
    assert kinds.pop("epochs").kind == "i"
    assert kinds.pop("learnt").kind == "b"
    assert kinds == dict.fromkeys(("losses", "margins", "outputs", "checkpoints"), np.dtype(dtype))


def test_more_rows_than_one_chunk_are_recorded_too():
    rows = np.tile(X, (220, 1))
    found = culpa.fit(NETWORK, rows, np.tile(CLASSES, 220), epochs=2, batch_size=4000, record=True).training.examples
    now = culpa.fit(NETWORK, rows, np.tile(CLASSES, 220), epochs=2, batch_size=4000)
    assert_same(found.losses[1], np.tile(culpa.gradient(now, X, CLASSES).losses, 220))


def test_the_record_describes_itself_in_a_line():
    assert repr(examples_of(record=True, epochs=3)) == (
        "Examples(40 rows, epochs 1, 2, 3: epochs, losses, margins, outputs, learnt)"
    )
    assert repr(examples_of(checkpoints=True, epochs=2)) == "Examples(epochs 1, 2: epochs, learnt, checkpoints)"
