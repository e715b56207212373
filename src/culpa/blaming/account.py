# SPDX-License-Identifier: MIT
"""What blame found: accounts of the loss and of its gradient by layer, unit, weight, column and example, and labels.

Nouns alone: who adds them up is not known here. What each column means, by its formula: docs/blame.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from culpa.blaming.accounts.layers import Decay
from culpa.blaming.accounts.sums import LayerSums
from culpa.blaming.accounts.weights import heaviest_weights, weights_frame
from culpa.blaming.findings.finding import Finding
from culpa.blaming.labels.report import LabelReport
from culpa.engine.arrays import whole_number
from culpa.reporting.frames import Frame, plain
from culpa.reporting.terminal import count

__all__ = ["Blame", "Decay"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Blame:
    """Who carries the loss.

    Args:
        loss: Σ w_i ℓ_i, the mean loss of the rows, without the penalty.
        penalty: ½ l2 Σ‖W‖².
        norm: ‖∇‖ of the data's loss, over all parameters.
        first_order: ⟨∇, θ⟩ of the data's loss.
        decay: The penalty's gradient.
        layers, units: A row each, of all layers; `.weights` is made of the sums when it is asked for.
        columns: A row a column of the reader's table, the most leaned on first.
        examples: A row an example, in the data's order.
        sums: Each layer's running sums.
        effective: 1 / Σ w_i², the number of rows; of rows that weigh differently, fewer.
        labels: Which labels look wrong; None where that is not known.
        missing: Why what is None is None, and what there is less of, by its name.
        findings: What follows, in sentences.
    """

    loss: float
    penalty: float
    norm: float
    first_order: float
    decay: Decay
    layers: Frame
    units: Frame
    columns: Frame
    examples: Frame
    sums: Sequence[LayerSums]
    effective: float
    labels: LabelReport | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def weights(self) -> Frame:
        """A row a parameter: layer, unit, input (0 is the bias), value, gradient, t, share, first_order."""
        return weights_frame(self.sums, self.effective)

    @property
    def suspects(self) -> Frame | None:
        """All rows of the label report, the most suspicious first; None where there is none."""
        return None if self.labels is None else self.labels.suspects

    def heaviest(self, count: int = 20) -> Frame:
        """The examples with the largest shares of the loss, largest first."""
        whole_number("count", count)
        order = np.argsort(-self.examples["share"], kind="stable")
        return self.examples.take(order[:count])

    def heaviest_weights(self, count: int = 20) -> Frame:
        """The parameters with the largest shares of the squared gradient norm, largest first, as in `weights`."""
        return heaviest_weights(self.sums, self.effective, whole_number("count", count))

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold, None for NaN and infinities; of weights there are too many for that."""
        frames = {"layers": self.layers, "units": self.units, "columns": self.columns, "examples": self.examples}
        suspects = self.suspects
        return {
            **{name: plain(getattr(self, name)) for name in ("loss", "penalty", "norm", "first_order")},
            "decay": plain(self.decay._asdict()),
            **{name: frame.to_dict() for name, frame in frames.items()},
            "suspects": None if suspects is None else suspects.to_dict(),
            "missing": dict(self.missing),
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_html(self) -> str:
        """One page that needs nothing but a browser; `Investigation.to_html` makes one with the score and training."""
        from culpa.blaming.page.writing import blame_page

        return blame_page(self)

    def __repr__(self) -> str:
        found = f", {count(len(self.findings), 'finding')}" if self.findings else ""
        of = f"{count(len(self.examples), 'example')}, {count(len(self.layers), 'layer')}"
        return f"Blame({of}, loss {self.loss:.6g}{found})"
