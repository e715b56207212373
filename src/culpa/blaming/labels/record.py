# SPDX-License-Identifier: MIT
"""What a training's record says of labels: the mean loss and the mean probabilities over its log-spaced checkpoints.

Most rows are learnt early, and a wrong label late or never: the mean over the training tells them apart even where the
network has learnt everything by heart in the end.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.errors import DataError
from culpa.training.fitting import fit
from culpa.training.record import Examples

__all__ = [
    "final_losses",
    "last_probabilities",
    "mean_losses",
    "mean_probabilities",
    "needs_record",
    "recorded",
    "rival_losses",
    "was_interrupted",
]


def recorded(start: Network, X: Any, y: Any, **options: Any) -> tuple[Network, Examples]:
    """Train on all of these rows with the record on; what is left of `options` goes to `fit`.

    Raises:
        KeyboardInterrupt: If Ctrl-C ended it early: half a training ranks nothing.
    """
    network = fit(start, X, y, **{**options, "record": "log"})
    if was_interrupted(network):
        raise KeyboardInterrupt
    return network, needs_record(network)


def needs_record(network: Network) -> Examples:
    """What a network's training recorded of each row.

    Raises:
        DataError: If it recorded nothing of the kind.
    """
    training = network.training
    if training is None or training.examples is None or training.examples.losses is None:
        raise DataError("The network's training recorded nothing of each row.", hint="fit(…, record=True) does.")
    return training.examples


def mean_losses(examples: Examples) -> NDArray[np.float64]:
    """Each row's loss (n,), the mean over the recorded epochs.

    Source: Pleiss et al. 2020, section 3, for the mean over the training, there of margins.
    """
    found: NDArray[np.float64] = np.asarray(examples.losses, np.float64).mean(axis=0)
    return found


def rival_losses(examples: Examples) -> NDArray[np.float64]:
    """Each row's loss (n,) against its strongest rival alone, the mean over the recorded epochs: log(1 + exp(−margin)).

    Of two classes it is the mean loss; of many it does not blame a row for what the network has yet to learn of classes
    that nobody confuses.

    Raises:
        DataError: If there are no margins, because the loss has no classes.
    """
    if examples.margins is None:
        raise DataError("The record holds no margins, because the loss has no classes.")
    found: NDArray[np.float64] = np.logaddexp(0, -np.asarray(examples.margins, np.float64)).mean(axis=0)
    return found


def final_losses(examples: Examples) -> NDArray[np.float64]:
    """Each row's loss (n,) after the last recorded epoch: the plain loss of the network, which has seen the row."""
    found: NDArray[np.float64] = np.asarray(examples.losses, np.float64)[-1]
    return found


def was_interrupted(network: Network) -> bool:
    """Whether Ctrl-C ended the network's training early."""
    return network.training is not None and network.training.interrupted


def mean_probabilities(examples: Examples) -> NDArray[np.float64]:
    """Each row's class probabilities (n, K), the mean over the recorded epochs; of one output, both classes'."""
    return of_all_classes(np.asarray(examples.outputs, np.float64))


def last_probabilities(network: Network, X: NDArray[Any]) -> NDArray[np.float64]:
    """Each row's class probabilities (n, K) as the network is now; of one output, both classes'."""
    return of_all_classes(np.asarray(predict(network, X), np.float64))


def of_all_classes(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities (n, K) of what a network says, of one output both classes'."""
    return np.hstack([1 - said, said]) if said.shape[1] == 1 else said
