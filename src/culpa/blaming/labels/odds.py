# SPDX-License-Identifier: MIT
"""Odds: how much likelier a value is as a wrong one than as a right one, and how many are wrong.

    right   z_i is Student's t with ν degrees of freedom, its median size .6745, ν the likeliest of a few
    wrong   y_i is another row's value, or lies as far from ŷ_i as values lie from each other: half and half
    π       the share of wrong ones that makes all of it likeliest, by expectation and maximisation
    suspicion_i = π f(wrong) / (π f(wrong) + (1 − π) f(right)), with π at least .01

Counting the rows beyond |z| = 3 finds some in any table, because errors have heavy tails: up to 4 % of the rows of
tables in which nothing was planted. Knows nothing of inputs and networks.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Estimate

__all__ = ["Odds", "Residuals", "chances", "estimated", "odds", "shares"]

Numbers = NDArray[np.float64]
FREEDOM = (3.0, 5.0, 10.0, 30.0)
"""Degrees of freedom of what right values do, from heavy tails to almost normal ones."""
FAR = 3.0
"""Those of the half of the wrong ones that may lie anywhere."""
ROUNDS = 60
POINTS = 500
"""Quantiles that stand for the values of all rows."""
LEAST = 0.01
"""The share of wrong ones that a suspicion supposes at least, so that there is a ranking in a clean table too."""
SURE = 7.6
"""Of rows with log odds above this all are wrong as good as surely: they are ordered by how far off they are."""
LOW, HIGH = 0.4, 3.0
"""Of the estimate: between these the true number lay in nine of ten tables with exchanged values; docs/labels.md."""


class Residuals(NamedTuple):
    """Each row's residual (n,), the deviation that is usual around there, and the one over the other."""

    values: Numbers
    spread: Numbers
    z: Numbers


class Odds(NamedTuple):
    """What can be said of all rows.

    Attributes:
        log_ratio: (n,) the logarithm of how much likelier each value is as a wrong one.
        share: The share of wrong ones among the rows that count, π.
        far: (n,) how far off each value is, in spreads.
    """

    log_ratio: Numbers
    share: float
    far: Numbers

    @property
    def suspicion(self) -> Numbers:
        """Each row's (n,), from 0 to below 1."""
        logit = self.log_ratio + np.log(max(self.share, LEAST)) - np.log1p(-max(self.share, LEAST))
        # Twice the logarithm, so that no two of them are rounded to the same suspicion, nor any to 1.
        return probability(np.where(logit > SURE, SURE + np.log1p(np.log1p(self.far)), logit))


def odds(y: Numbers, found: Residuals, counting: NDArray[np.bool_]) -> Odds:
    """Weigh each value as a right one and as a wrong one.

    Args:
        y: What is given (n,).
        found: The residuals, of what somebody proposes who has not seen it.
        counting: Which rows say what is usual (n,).
    """
    wrong = as_wrong(y, found, y[counting])
    best: tuple[float, Numbers, float] | None = None
    for freedom in FREEDOM:
        ratio = wrong - as_right(found, freedom)
        share = share_of(ratio[counting])
        # Against "all are right", so that the densities' own sizes play no part but through the right ones.
        likelihood = float(np.sum(np.logaddexp(np.log(share) + wrong, np.log1p(-share) + wrong - ratio)[counting]))
        if best is None or likelihood > best[0]:
            best = likelihood, ratio, share
    _, ratio, share = best if best is not None else (0.0, np.zeros(len(y)), 0.0)
    return Odds(ratio, share, np.abs(found.z))


def as_right(found: Residuals, freedom: float) -> Numbers:
    """The log density of each residual (n,) where its value is right."""
    from scipy.stats import norm, t

    scale = found.spread * (norm.ppf(0.75) / t.ppf(0.75, freedom))
    density: Numbers = t.logpdf(found.values / scale, freedom) - np.log(scale)
    return density


def as_wrong(y: Numbers, found: Residuals, values: Numbers) -> Numbers:
    """The log density of each value (n,) where it is another row's, or anywhere."""
    from scipy.stats import t

    points = np.quantile(values, (np.arange(POINTS) + 0.5) / POINTS)
    apart = float(values.std()) or float(np.abs(values).max()) or 1.0
    quarters = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.349 or apart
    width = 0.9 * min(apart, quarters) * len(values) ** -0.2  # Silverman 1986, equation 3.31
    others = np.zeros(len(y))
    for start in range(0, len(y), 4096):
        steps = (y[start : start + 4096, None] - points) / width
        others[start : start + 4096] = np.exp(-0.5 * steps**2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
    anywhere = t.logpdf(found.values / apart, FAR) - np.log(apart)
    return np.logaddexp(np.log(np.maximum(others, np.finfo(np.float64).tiny)), anywhere) - np.log(2)


def share_of(ratio: Numbers) -> float:
    """The share of wrong ones that makes these log ratios likeliest.

    Source: Dempster, Laird and Rubin 1977, section 4.3, for mixtures.
    """
    share = 0.05
    for _ in range(ROUNDS):
        share = float(np.clip(probability(ratio + np.log(share) - np.log1p(-share)).mean(), 1e-9, 0.5))
    return share


def probability(logit: Numbers) -> Numbers:
    """1 / (1 + e^−x)."""
    from scipy.special import expit

    found: Numbers = expit(logit)
    return found


def chances(found: Odds) -> Numbers:
    """How probable it is of each row (n,) that its value is wrong."""
    return probability(found.log_ratio + np.log(found.share) - np.log1p(-found.share))


def estimated(each: Numbers) -> Estimate:
    """How many values look wrong, from how probable it is of each row that counts.

    Example:
        >>> estimated(np.array([0.9, 0.1, 0.0]))
        Estimate(likely=1.0, low=0.4, high=3.0)
    """
    likely = float(each.sum())
    # Where none is counted there may be some all the same: three, as the rule of three says of any such count.
    return Estimate(likely, LOW * likely, min(HIGH * max(likely, 1.0), float(len(each))))


def shares(ranked: Numbers) -> Numbers:
    """The share of the first k rows that look wrong, at k − 1, the most suspicious row first.

    Example:
        >>> shares(np.array([0.9, 0.5, 0.1]))
        array([0.9, 0.7, 0.5])
    """
    return np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
