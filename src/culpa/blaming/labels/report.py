# SPDX-License-Identifier: MIT
"""What a label report holds: every row's suspicion, how many labels look wrong, and why the first ones are.

Nouns, and what follows from them alone; who scores (`record`, `forest`, `bags`, `outside`), counts (`counting`) and
explains (`reasons`) is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import whole_number
from culpa.errors import DataError
from culpa.reporting.frames import Frame

__all__ = ["Argument", "Estimate", "LabelReport", "Memory", "Neighbour", "Reasons"]


class Estimate(NamedTuple):
    """How many labels look wrong: mistakes, and rows of which nobody could tell what is right.

    Attributes:
        likely: The estimate.
        low, high: Between these it lay in nine of ten tables with planted errors; docs/labels.md.
    """

    likely: float
    low: float
    high: float


class Memory(NamedTuple):
    """Whether the network has learnt its rows by heart, so that its own losses say little about their labels.

    Attributes:
        memorised: Whether it has.
        sentence: The evidence in words.
        evidence: The same in numbers, by name.
    """

    memorised: bool
    sentence: str
    evidence: Mapping[str, int] = MappingProxyType({})


class Argument(NamedTuple):
    """A column that argues for the proposed label and against the given one.

    Attributes:
        column: Its name.
        value: What this row has in it, in the reader's words.
        typical: What was put in its place.
        effect: By how much log p(proposed)/p(given) falls when it is replaced; of a number, how far the prediction
            moves, in the unit of the target.
    """

    column: str
    value: str
    typical: str
    effect: float


class Neighbour(NamedTuple):
    """A row whose gradient is like the suspect's, had it that row's label.

    Attributes:
        row: Its number in the reader's file.
        id: Its name.
        label: What it is given as.
        similarity: The cosine of both gradients.
    """

    row: int
    id: Any
    label: Any
    similarity: float


class Reasons(NamedTuple):
    """Why a row is suspected.

    Attributes:
        columns: The three that argue most for the proposed label, the strongest first.
        like_proposed, like_given: The nearest rows with the proposed label, and with the given one.
        twins: The rows with the same inputs and another label.
    """

    columns: tuple[Argument, ...] = ()
    like_proposed: tuple[Neighbour, ...] = ()
    like_given: tuple[Neighbour, ...] = ()
    twins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LabelReport:
    """Which rows' labels look wrong.

    Args:
        rows: A row an example, in the data's order: row, id, given, proposed, probability (of the proposed),
            given_probability, margin (of the best other class), suspicion, loss, share, held_out, twins; for numbers
            low and high (of the proposed), residual and spread stand instead of the probabilities and the margin.
        method: By which score they are ranked: "record", "record and forest", "bags and boosting", "probabilities".
        why: Why by this one.
        task: "classification" or "regression".
        wrong: How many look wrong; None where it cannot be told.
        expected: (n,) the share of the first k that look wrong, at k − 1; None likewise.
        memory: Whether the network has learnt the rows by heart; None where it is not asked.
        reasons: Of the first rows, by their place in the data.
        rival: The same by another model's probabilities, where they were given.
        settled: Which rows (n,) the reader has decided on, so that they are ranked no more; None where none are.
    """

    rows: Frame
    method: str
    why: str
    task: str
    wrong: Estimate | None = None
    expected: NDArray[np.float64] | None = None
    memory: Memory | None = None
    reasons: Mapping[int, Reasons] = field(default_factory=dict)
    rival: "LabelReport | None" = None
    settled: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        about = "" if self.wrong is None else f", about {self.wrong.likely:.0f} wrong"
        return f"LabelReport({len(self):,} rows by {self.method}{about})"

    @property
    def order(self) -> NDArray[np.intp]:
        """The places of all rows that are not settled, the most suspicious first; equal ones in the data's order."""
        found: NDArray[np.intp] = np.argsort(-self.rows["suspicion"], kind="stable")
        return found if self.settled is None else found[~self.settled[found]]

    @property
    def suspects(self) -> Frame:
        """All rows that are not settled, the most suspicious first."""
        return self.rows.take(self.order)

    @property
    def label_quality(self) -> NDArray[np.float64]:
        """1 − suspicion (n,), from 0 to 1 in the data's order, as cleanlab's label quality scores."""
        quality: NDArray[np.float64] = 1.0 - self.rows["suspicion"]
        return quality

    def foreseen(self, count: int) -> float | None:
        """How many of the first `count` suspects look wrong; None where it cannot be told."""
        if self.expected is None or not 0 < count <= len(self.expected):
            return None
        among = float(count * self.expected[count - 1])
        return among if np.isfinite(among) else None

    def issues(self, count: int | None = None) -> NDArray[np.intp]:
        """The places of the likeliest wrong labels, the most suspicious first, as cleanlab's issue indices.

        Args:
            count: How many; by default as many as look wrong.
        """
        if count is None:
            count = 0 if self.wrong is None else round(self.wrong.likely)
        return self.order[: whole_number("count", count, least=0)]

    @property
    def ranks(self) -> NDArray[np.intp]:
        """Each row's place in the ranking (n,), from 1; behind all others where it is ranked no more."""
        order = self.order
        found = np.full(len(self), len(self) + 1, np.intp)
        found[order] = np.arange(1, len(order) + 1)
        return found

    def disagreements(self, count: int = 20) -> Frame:
        """The rows among the first of this ranking or of the other model's, and not of both.

        Args:
            count: How many rows are the first.

        Returns:
            A row each, in the order of the place in this ranking, those only the other one has behind: row, id, given,
            proposed, rival_proposed, suspicion, rival_suspicion, and both places, counted from 1.

        Raises:
            DataError: If there is no other ranking.
        """
        if self.rival is None:
            raise DataError(
                "This report has no other ranking beside it.",
                hint="`pred_probs` takes another model's probabilities.",
            )
        first = whole_number("count", count)
        place, other = self.ranks, self.rival.ranks
        chosen = np.flatnonzero((place <= first) != (other <= first))
        ours = place[chosen] <= first
        chosen = chosen[np.lexsort((np.where(ours, place[chosen], other[chosen]), ~ours))]
        rows = self.rows.take(chosen)
        return Frame(
            {
                **{name: rows[name] for name in ("row", "id", "given", "proposed")},
                "rival_proposed": self.rival.rows["proposed"][chosen],
                "suspicion": rows["suspicion"],
                "rival_suspicion": self.rival.rows["suspicion"][chosen],
                "place": place[chosen],
                "rival_place": other[chosen],
            }
        )
