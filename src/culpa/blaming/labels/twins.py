# SPDX-License-Identifier: MIT
"""Twins: rows with the same inputs, of which some carry another label or value.

Two rows are the same where the columns that a network sees are; ids and free texts do not count, and a row without any
value is like no other. Of such rows a network can satisfy one label only: the others stay wrong whatever it learns.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable
from culpa.tables.truths.rows import all_missing, pair_codes, same_rows

__all__ = ["Twins", "twins_of"]

Codes = NDArray[np.intp]


class Twins(NamedTuple):
    """Which rows of a table are the same.

    Attributes:
        inputs: A number for each row (n,), the same for rows with the same inputs.
        targets: A number for each row (n,), the same for rows with the same label or value.
        contrary: How many of the rows with a row's inputs carry another label or value (n,).
    """

    inputs: Codes
    targets: Codes
    contrary: Codes

    def of(self, place: int) -> Codes:
        """The places of the rows with this one's inputs and another label or value, in the data's order."""
        alike = np.flatnonzero(self.inputs == self.inputs[place])
        found: Codes = alike[self.targets[alike] != self.targets[place]]
        return found


def twins_of(table: RawTable) -> Twins:
    """Find the rows of a table that have the same inputs.

    Args:
        table: The raw table, with a target.

    Returns:
        Twins, whose places count the table's rows from 0.

    Raises:
        DataError: If there is no target.

    Example:
        >>> twins = twins_of(culpa.read_table({"x": [1.5, 1.5, 2.5], "y": ["no", "yes", "no"]}, target="y").raw)
        >>> twins.contrary, twins.of(0)
        (array([1, 1, 0]), array([1]))
    """
    y = target_of(table)
    inputs = table.frame.select(table.names)
    codes = same_rows(inputs, all_missing(inputs))
    targets = np.unique(y, return_inverse=True)[1].ravel()
    both = pair_codes(codes, targets)
    return Twins(codes, targets, np.bincount(codes)[codes] - np.bincount(both)[both])
