# SPDX-License-Identifier: MIT
"""A blame, a label report and an investigation in which there is nothing to find, for tests that put one thing in."""

from dataclasses import replace

import numpy as np

import culpa
from culpa import Network
from culpa.blaming.findings.collecting import findings_of
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels.report import LabelReport
from culpa.checking.verdicts import BlockCheck, Check
from culpa.reporting.frames import Frame

DRAW = np.random.default_rng(8)
X = DRAW.normal(size=(120, 4))
Y = (X[:, 0] + X[:, 1] - X[:, 2] + X[:, 3] > 0).astype(int)
TEACHER = Network.fresh([4, 12, 8, 2], hidden="tanh", seed=1, l2=1e-3, dtype="float64")
NETWORK = culpa.fit(TEACHER, X, Y, epochs=12, learning_rate=0.01, show_progress=False)
BLAME = culpa.blame(NETWORK, X, Y, score="none", show_progress=False)


def labels(**changes) -> LabelReport:
    """The report of twenty rows of three classes, without an estimate."""
    n = 20
    rows = {
        "row": np.arange(n),
        "given": np.array([*"abc"] * 7)[:n],
        "proposed": np.array([*"bca"] * 7)[:n],
        "suspicion": np.linspace(1, 0, n),
        "twins": np.zeros(n, int),
    }
    made = LabelReport(Frame({**rows, **changes.pop("rows", {})}), "record", "a test", "classification")
    return replace(made, **changes)


def investigation(**changes) -> Investigation:
    """One that beats its baseline, whose gradient is right."""
    check = Check((BlockCheck("W_1", "right", 12.0, 1e-9), BlockCheck("b_1", "right", 11.0, 1e-9)))
    whole = Investigation(NETWORK, np.arange(120), np.arange(120, 520), 0.9, {"majority": 0.5}, check, BLAME)
    return replace(whole, **changes)


def frame(source: Frame, **columns) -> Frame:
    """A frame with some columns changed."""
    changed = {name: np.asarray(values, float) for name, values in columns.items()}
    assert {*changed} <= {*source.columns}
    return Frame({**source.columns, **changed})


def kinds(blame, found=None, said=()) -> list[str]:
    """The kinds of what is found."""
    return [one.kind for one in findings_of(blame, investigation=found, said=said)]


def only(blame, found=None, said=()):
    """The one finding there is."""
    (one,) = findings_of(blame, investigation=found, said=said)
    return one
