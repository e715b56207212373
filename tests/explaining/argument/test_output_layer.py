# SPDX-License-Identifier: MIT
"""The target is named as the data name it, and not at all where there are symbols alone."""

from dataclasses import replace

import pytest

import culpa
from culpa.explaining.small import small_example
from culpa.reporting.mathematics.expressions import BigSum, Number, walk
from tests.tables.plain import number_columns

SMALL = small_example([3, 3, 2], seed=1)
COLUMNS = number_columns(("height", "width", "depth"), (0.0, 1.0, 2.0), (1.0, 2.0, 4.0), "kind", (7, "a dog"))


def loss_of(network, *data, **options):
    """The last step of the forward pass, and its words with their numbers in their places."""
    step = culpa.explain(network, *data, part="forward", **options).parts[0].steps[-1]
    said = [str(int(word.value)) if isinstance(word, Number) else word for word in step.words]
    return step, "".join(word for word in said if isinstance(word, str))


@pytest.mark.parametrize(("target", "label"), [(0, "class 1 (label 7):"), (1, "class 2 (label a dog):")])
def test_a_class_has_the_label_that_the_columns_know(target, label):
    network = replace(SMALL.network, columns=COLUMNS)
    assert f"The target is {label}" in loss_of(network, SMALL.X, [target] * 3)[1]
    assert f"The target is class {target + 1}:" in loss_of(SMALL.network, SMALL.X, [target] * 3)[1]


def test_an_empty_label_is_not_shown():
    network = replace(SMALL.network, columns=replace(COLUMNS, classes=(" ", "")))
    assert "The target is class 1:" in loss_of(network, SMALL.X, [0, 0, 0])[1]


@pytest.mark.parametrize("data", [(), SMALL[1:]], ids=["no data", "data"])
def test_in_symbols_alone_there_is_no_target_but_the_general_loss(data):
    step, words = loss_of(SMALL.network, *data, show="symbols")
    assert "class" not in words
    (line,) = step.lines
    assert any(isinstance(part, BigSum) for part in walk(line.symbols))
    both, words = loss_of(*SMALL)
    assert "class" in words
    assert len(both.lines) == 2
