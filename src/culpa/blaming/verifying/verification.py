# SPDX-License-Identifier: MIT
"""What a verification holds: for each kind of planted error which rows were planted, and how far up they came.

Nouns, and the measures of a ranking; what plants and who ranks is not known here.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Estimate
from culpa.blaming.verifying.beside import Above
from culpa.reporting.frames import Frame, plain

__all__ = ["PLAIN", "RANDOM", "Ranking", "Trial", "Verification", "by_chance", "ranked"]

PLAIN, RANDOM = "plain loss", "random order"
"""What stands beside culpa's ranking: the loss of the trained network in the end, and what comes out on average."""
NOISE = 1.645
"""So many standard errors above one half a random order comes once in twenty times."""


class Ranking(NamedTuple):
    """How far up a ranking of all rows has the k planted ones.

    Attributes:
        by: What it ranks by.
        first: How many of them are among its first k rows.
        twice: How many among its first 2 k.
        average_precision: The mean, over the planted rows, of the share of planted ones from the top down to each.
        auroc: How often a planted row stands before one that is not.
    """

    by: str
    first: float
    twice: float
    average_precision: float
    auroc: float


def ranked(by: str, scores: NDArray[np.float64], rows: NDArray[np.intp]) -> Ranking:
    """Measure a ranking, the largest score first, equal ones in the data's order.

    Args:
        by: Its name.
        scores: Of all rows (n,).
        rows: The places of the planted ones.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    planted = np.zeros(len(scores), bool)
    planted[rows] = True
    hits = planted[np.argsort(-scores, kind="stable")]
    k = len(rows)
    return Ranking(
        by,
        int(hits[:k].sum()),
        int(hits[: 2 * k].sum()),
        float(average_precision_score(planted, scores)),
        float(roc_auc_score(planted, scores)),
    )


def by_chance(n: int, k: int) -> Ranking:
    """What a random order of n rows has on average, of which k are planted.

    Row i holds a planted one with probability k/n, and then (i − 1)(k − 1)/(n − 1) others stand above it on average:

        E[AP] = 1/n Σ_i (1 + (i − 1)(k − 1)/(n − 1)) / i = (H + (k − 1)(n − H)/(n − 1)) / n,   H = Σ_i 1/i

    Example:
        >>> found = by_chance(100, 10)
        >>> found.first, found.twice, round(found.average_precision, 3), found.auroc
        (1.0, 2.0, 0.138, 0.5)
    """
    harmonic = float(np.sum(1 / np.arange(1, n + 1)))
    precision = (harmonic + (k - 1) * (n - harmonic) / max(n - 1, 1)) / n
    return Ranking(RANDOM, k * k / n, min(2 * k, n) * k / n, precision, 0.5)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trial:
    """One kind of error, planted and looked for.

    Args:
        kind: Which one.
        planted: A row a planted one, in the data's order: row, id, was, planted, proposed, place (in the ranking, from
            1), suspicion.
        rankings: Of culpa, of plain loss and of a random order.
        rows: How many rows were ranked.
        wrong: How many labels the report takes to be wrong, the planted ones among them; None where it cannot tell.
        above: Of each planted row how many others stand above it, by culpa and by plain loss; None where not known.
    """

    kind: str
    planted: Frame
    rankings: tuple[Ranking, Ranking, Ranking]
    rows: int
    wrong: Estimate | None = None
    above: Above | None = None

    def __len__(self) -> int:
        return len(self.planted)

    def __repr__(self) -> str:
        return f"Trial({self.kind}: {self.ranking.first} of {len(self)} among the first {len(self)})"

    @property
    def ranking(self) -> Ranking:
        """What culpa's report did."""
        return self.rankings[0]

    @property
    def set_right(self) -> int:
        """For how many of the planted rows the report proposes what they were."""
        return int(np.count_nonzero(self.planted["proposed"] == self.planted["was"]))

    @property
    def bar(self) -> float:
        """The AUROC that a random order passes once in twenty times; above 1 where so few rows cannot tell.

        Source: Mann and Whitney 1947: the variance of U/(k(n − k)) without ties is (n + 1)/(12 k (n − k)).
        """
        n, k = self.rows, len(self)
        return 0.5 + NOISE * float(np.sqrt((n + 1) / (12 * k * (n - k))))

    @property
    def finds(self) -> bool:
        """Whether the planted rows stand higher than a random order has them, beyond its noise."""
        return bool(self.ranking.auroc > self.bar)

    @property
    def fails(self) -> bool:
        """Whether they do not, although they could have."""
        return not self.finds and self.bar < 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Verification:
    """What came back of errors that were planted in a copy of a table.

    Args:
        name: What the table is called.
        rows: How many rows it has.
        task: "classification" or "regression".
        share: Of the rows that were planted, for each kind.
        seed: Of everything random.
        method: By which score the report ranks.
        kinds: The kinds that were asked for.
        trials: Those that were finished.
        before: How many labels the report takes to be wrong in the table as it is; None where it cannot tell.
        interrupted: Whether Ctrl-C ended it early.
        plain_ahead: Whether plain loss finds every kind better than culpa's ranking, beyond luck.
    """

    name: str
    rows: int
    task: str
    share: float
    seed: int
    method: str
    kinds: tuple[str, ...]
    trials: tuple[Trial, ...]
    before: Estimate | None = None
    interrupted: bool = False
    plain_ahead: bool = False

    def __repr__(self) -> str:
        found = "; ".join(f"{trial.ranking.first} of {len(trial)} {trial.kind}" for trial in self.trials)
        return f"Verification({self.method}: {found})"

    @property
    def ok(self) -> bool:
        """Whether every kind was finished, and none is found no better than by a random order."""
        return not (self.interrupted or any(trial.fails for trial in self.trials))

    @property
    def frame(self) -> Frame:
        """A row a kind and ranking: kind, by, planted, first, twice, average_precision, auroc."""
        lines = [(trial, ranking) for trial in self.trials for ranking in trial.rankings]
        columns: dict[str, NDArray[Any]] = {
            "kind": np.array([trial.kind for trial, _ in lines], dtype=object),
            "by": np.array([ranking.by for _, ranking in lines], dtype=object),
            "planted": np.array([len(trial) for trial, _ in lines]),
        }
        for name in Ranking._fields[1:]:
            columns[name] = np.array([getattr(ranking, name) for _, ranking in lines], float)
        return Frame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        trials = [
            {
                "kind": trial.kind,
                "planted": len(trial),
                "finds": trial.finds,
                "set_right": trial.set_right if self.task == "classification" else None,
                "wrong": None if trial.wrong is None else trial.wrong._asdict(),
                "rankings": [ranking._asdict() for ranking in trial.rankings],
                "rows": list(trial.planted.rows()),
            }
            for trial in self.trials
        ]
        names = ("rows", "task", "share", "seed", "method", "kinds", "interrupted", "plain_ahead", "ok")
        before = None if self.before is None else self.before._asdict()
        found: dict[str, Any] = plain({**{name: getattr(self, name) for name in names}, "before": before})
        return {**found, "trials": plain(trials)}
