# SPDX-License-Identifier: MIT
"""Explain."""

from culpa.explaining.derivation import Explanation
from culpa.explaining.notations import notation_named
from culpa.explaining.parameters import bias_part, weights_part
from culpa.explaining.symbols import Symbols
from culpa.explaining.worth import worth_of
from culpa.explaining.writing import Writer

__all__ = ["explain"]


def explain(network=None, X=None, y=None, *, example=0, notation="note", show="both"):
    """Draft."""
    worth = None if network is None else worth_of(network, X, y, example=example)
    s = Symbols(notation_named(notation), None if worth is None else worth.depth)
    w = Writer(s, worth, show)
    return Explanation("The gradient by the parameters", (weights_part(w), bias_part(w)), s.notation, worth)
