# SPDX-License-Identifier: MIT
"""An unknown name is answered with the known ones, and with ours where others call it differently."""

import pytest

from culpa.engine.activations import ACTIVATIONS
from culpa.engine.losses import LOSSES
from culpa.errors import OTHER_NAMES, unknown_name


@pytest.mark.parametrize(
    ("kind", "known", "name", "ours"),
    [
        ("activation", ACTIVATIONS, "sigmoid", "logistic"),
        ("activation", ACTIVATIONS, "Swish", "silu"),
        ("activation", ACTIVATIONS, "linear", "identity"),
        ("loss", LOSSES, "mse", "squared_error"),
        ("loss", LOSSES, "MSE", "squared_error"),
        ("loss", LOSSES, "l2", "squared_error"),
        ("loss", LOSSES, "bce", "binary_cross_entropy"),
        ("loss", LOSSES, "ce", "cross_entropy"),
        ("loss", LOSSES, "softmax", "cross_entropy"),
        ("loss", LOSSES, "nll", "cross_entropy"),
        ("activation", ACTIVATIONS, "rleu", "relu"),
    ],
)
def test_a_name_that_others_use_is_answered_with_ours(kind, known, name, ours):
    error = unknown_name(kind, name, known)
    assert error.hint == f"did you mean '{ours}'?"
    assert error.message == f"Unknown {kind} {name!r}; known are {', '.join(known)}."


def test_a_name_of_another_table_and_one_that_nobody_has_are_no_hint():
    assert unknown_name("activation", "mse", ACTIVATIONS).hint is None
    assert unknown_name("loss", "mae", LOSSES).hint is None
    assert unknown_name("flavour", "sigmoid", ["github", "plain"]).hint is None


def test_every_other_name_stands_for_a_row_and_is_none_itself():
    rows = {*ACTIVATIONS, *LOSSES}
    assert set(OTHER_NAMES.values()) <= rows
    assert not set(OTHER_NAMES) & rows
