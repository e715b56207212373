# SPDX-License-Identifier: MIT
"""Label smoothing: a training on targets that were softened by hand, and PyTorch's loss of the same name."""

import numpy as np
import pytest

import culpa
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(5)
N, SHARE = 30, 0.15
X, CLASSES, S = RANDOM.normal(size=(N, 4)), RANDOM.integers(0, 3, N), RANDOM.gamma(1.0, size=N)
SOFT = RANDOM.dirichlet(np.ones(3), N)
LABELS = RANDOM.integers(0, 2, (N, 3))


def network_for(loss, outputs=3):
    return culpa.Network.fresh([4, 6, outputs], hidden="tanh", loss=loss, l2=0.02, seed=1, dtype="float64")


def fit(network, y, **options):
    return culpa.fit(network, X, y, **{"epochs": 4, "batch_size": 8, "learning_rate": 0.02, **options})


def one_hot(classes):
    return (classes[:, None] == np.arange(3)).astype(float)


CASES = {
    "classes": ("cross_entropy", CLASSES, one_hot(CLASSES), 3),
    "one-hot rows": ("cross_entropy", one_hot(CLASSES), one_hot(CLASSES), 3),
    "soft rows": ("cross_entropy", SOFT, SOFT, 3),
    "classes under a squared error": ("softmax_squared_error", CLASSES, one_hot(CLASSES), 3),
    "several labels": ("binary_cross_entropy", LABELS, LABELS, 2),
    "one label": ("binary_cross_entropy", LABELS[:, 0], LABELS[:, :1], 2),
    "a label under a squared error": ("logistic_squared_error", LABELS[:, 0], LABELS[:, :1], 2),
}
"""Loss, y, its rows, and over how many classes a share is spread: a label has two, on and off."""


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
@pytest.mark.parametrize(("loss", "y", "rows", "among"), CASES.values(), ids=CASES)
def test_a_training_is_that_on_targets_softened_by_hand(loss, y, rows, among, weights):
    network = network_for(loss, rows.shape[1])
    smooth = fit(network, y, label_smoothing=SHARE, weights=weights)
    by_hand = fit(network, rows + SHARE * (1 / among - rows), weights=weights)
    assert_same(culpa.flatten(smooth), culpa.flatten(by_hand))
    np.testing.assert_allclose(smooth.training.history, by_hand.training.history, rtol=1e-12)
    for wrong in (rows + (SHARE + 1e-9) * (1 / among - rows), rows):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(culpa.flatten(smooth), culpa.flatten(fit(network, wrong, weights=weights)))


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_the_loss_is_the_one_that_pytorch_calls_so(loss):
    torch = pytest.importorskip("torch", reason="the oracle is torch.nn.functional")
    network = network_for(loss)
    logits = torch.from_numpy(np.tanh(X @ network.layers[0].W.T) @ network.layers[1].W.T)
    if loss == "cross_entropy":
        y = CLASSES
        its = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y), label_smoothing=SHARE)
    else:
        y = LABELS  # for labels PyTorch has no option; its users write this
        targets = torch.from_numpy(y * (1 - SHARE) + SHARE / 2)
        its = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(1).mean()
    whole = {"epochs": 1, "batch_size": N}
    smooth, plain = (fit(network, y, label_smoothing=share, **whole).training.history[0].loss for share in (SHARE, 0))
    assert smooth == pytest.approx(its.item(), rel=1e-12)
    assert plain != pytest.approx(its.item(), rel=1e-6)


def test_rows_are_judged_by_their_own_targets():
    """Validation rows, the record and the fingerprint of the data know nothing of the smoothing."""
    network = network_for("cross_entropy")
    smooth = fit(network, CLASSES, label_smoothing=SHARE, validation=0.3, record="epochs", epochs=2)
    last, examples = smooth.training.history[-1], smooth.training.examples
    now = fit(network, CLASSES, label_smoothing=SHARE, validation=0.3, epochs=2)
    own = culpa.gradient(now, X, CLASSES)
    assert_same(examples.losses[-1], own.losses)
    assert last.validation_loss == pytest.approx(own.losses[~examples.learnt].mean(), rel=1e-12)
    softened = culpa.gradient(now, X, (1 - SHARE) * one_hot(CLASSES) + SHARE / 3)
    assert last.validation_loss != pytest.approx(softened.losses[~examples.learnt].mean(), rel=1e-3)
    assert smooth.training.data == fit(network, CLASSES, epochs=0).training.data


def test_class_weights_count_the_classes_from_before():
    network = network_for("cross_entropy")
    table = np.array([1.0, 3.0, 0.5])
    smooth = fit(network, CLASSES, label_smoothing=0.9, class_weight=table)
    by_hand = fit(network, 0.1 * one_hot(CLASSES) + 0.3, weights=table[CLASSES])
    assert_same(culpa.flatten(smooth), culpa.flatten(by_hand))


def test_no_smoothing_changes_no_bit():
    network = network_for("cross_entropy")
    np.testing.assert_array_equal(
        culpa.flatten(fit(network, CLASSES, label_smoothing=0)), culpa.flatten(fit(network, CLASSES))
    )


def test_a_network_in_float32_stays_so_and_learns_the_same():
    network = network_for("cross_entropy").astype("float32")
    smooth = fit(network, CLASSES, label_smoothing=SHARE)
    by_hand = fit(network, (1 - SHARE) * one_hot(CLASSES) + SHARE / 3)
    assert smooth.dtype == np.float32
    # NOTE: 1e-5, because Adam divides by its root and so carries a target's last bit of float32 into the step.
    assert_same(culpa.flatten(smooth), culpa.flatten(by_hand), within=1e-5)


def test_lbfgs_smooths_too():
    network = network_for("cross_entropy")
    smooth = fit(network, CLASSES, label_smoothing=SHARE, optimizer="lbfgs", learning_rate=None, epochs=5)
    by_hand = fit(network, (1 - SHARE) * one_hot(CLASSES) + SHARE / 3, optimizer="lbfgs", learning_rate=None, epochs=5)
    # NOTE: 1e-9, because five line searches magnify the last bit of a target.
    assert_same(culpa.flatten(smooth), culpa.flatten(by_hand), within=1e-9)
