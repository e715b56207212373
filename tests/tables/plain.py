# SPDX-License-Identifier: MIT
"""Columns that need no table to be learnt from, for tests that only want names, centers and scales."""

from culpa.tables.column import Column
from culpa.tables.columns import Columns


def number_columns(names, centers, scales, target, classes=None):
    """Columns of numbers that are shifted and scaled, and nothing else."""
    inputs = (Column(name, "number", center, scale) for name, center, scale in zip(names, centers, scales, strict=True))
    return Columns(tuple(inputs), target, classes)
