# SPDX-License-Identifier: MIT
"""The judge: a claimed gradient, block by block, against slopes of the function itself along rays.

    ⟨∇f, v⟩  =  Im f(θ + i h v) / h           a complex step, where f allows it: no cancellation, 14 digits
    ⟨∇f, v⟩  ≈  (f(θ+hv) − f(θ−hv)) / 2h      central differences, extrapolated, from values alone

Complex steps count only where they agree with differences along random rays of every block: |x| or a real buffer inside
f leaves a wrong imaginary part and raises nothing. Of a function that nobody vouches for they never say "wrong" alone.
Knows no network, no nest and no array library.

Source: Martins, Sturdza and Alonso 2003, "The complex-step derivative approximation", eq. 7.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from culpa.checking.comparing import UNSEEN, verdict
from culpa.checking.differences import Slope, difference
from culpa.checking.noise import Function, noise_along
from culpa.checking.rays import Block, Ray, random_rays, rays_of
from culpa.checking.verdicts import BlockCheck, Check
from culpa.engine.arrays import Flat, Values, whole_number
from culpa.engine.streams import stream
from culpa.reporting.progress import Show, progress

__all__ = ["EPS", "Options", "Question", "judge"]

EPS = float(np.finfo(np.float64).eps)
APART = 1e6
"""Entries of a gradient that differ by more than this are judged each in its own unit."""
CONFIRMATIONS = 2
"""Random rays of each block along which complex steps are confirmed."""


class Options(NamedTuple):
    """How closely to look.

    Attributes:
        directions: Random directions in each block.
        entries: Single entries in each block.
        budget: A θ with no more entries is looked at entry by entry.
        seed: Of the directions and entries.
        show_progress: "auto" shows a bar on a terminal.
    """

    directions: int = 4
    entries: int = 4
    budget: int = 128
    seed: int = 0
    show_progress: Show = "auto"

    def admitted(self) -> "Options":
        """The same, or a refusal by name."""
        return self._replace(
            directions=whole_number("directions", self.directions),
            entries=whole_number("entries", self.entries, 0),
            budget=whole_number("budget", self.budget, 0),
        )


class Question(NamedTuple):
    """What is to be judged.

    Attributes:
        f: The function of θ (p,), NaN where it has no value.
        theta: The point.
        blocks: The parts of θ that are judged, each apart.
        claimed: The claimed gradient (p,).
        step: The derivative along a ray by complex steps, raising where f takes none; None where there are none.
        vouched: Whether every function inside is known to take complex steps, also at its kinks.
        doubts: How far the claim moves with a rounding of θ, each (p,).
        grain: The unit roundoff of the numbers in which the claim is given.
    """

    f: Function
    theta: Flat
    blocks: tuple[Block, ...]
    claimed: Flat
    step: Callable[[Ray], Slope] | None = None
    vouched: bool = False
    doubts: tuple[Flat, ...] = ()
    grain: float = EPS


class Trial(NamedTuple):
    """Whether complex steps count, and in which blocks a kink was seen on the way."""

    passed: bool
    kinked: frozenset[str] = frozenset()


def judge(question: Question, options: Options, *, rehearsal: Question | None = None) -> Check:
    """Judge every block of a claimed gradient.

    Args:
        question: The function, the point and the claim.
        options: How closely to look.
        rehearsal: A cheaper question of the same code, on which complex steps are tried out.
    """
    admitted = options.admitted()
    random = stream(admitted.seed, "directions")
    bar = progress("checking", len(question.blocks), show=options.show_progress)
    with bar as advance, calm(question.vouched):
        trial = confirm(rehearsal or question, random)
        blocks = []
        for block in question.blocks:
            blocks.append(judge_block(question, block, trial, random, admitted))
            advance(block.name)
    return Check(tuple(blocks), "complex steps" if trial.passed else "central differences")


@contextmanager
def calm(vouched: bool) -> Iterator[None]:
    """No warnings of the user's code from points that only we asked for; a lost imaginary part is an error."""
    with np.errstate(all="ignore"):
        if vouched:
            yield
            return
        # NOTE: filters belong to the whole process; another thread may see these for a while, and loses only warnings.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            warnings.filterwarnings("error", message="(?i).*(imaginary|complex)")
            yield


def confirm(question: Question, random: np.random.Generator) -> Trial:
    """Hold complex steps against differences in every block; at a kink these have nothing to say."""
    if question.step is None:
        return Trial(False)
    kinked, doubted = set(), set()
    here = question.f(question.theta)
    for block in question.blocks:
        rays = list(random_rays(random, question.theta, block, CONFIRMATIONS))
        try:
            steps = [question.step(ray) for ray in rays]
        except Exception:  # noqa: BLE001 # the user's code on numbers that it was not written for may raise anything
            return Trial(False)
        for step, other in zip(steps, differences(question, here, rays), strict=True):
            if other.jump:
                kinked.add(block.name)
            elif np.isfinite(other.value) and not abs(step.value - other.value) <= step.bar + other.bar:
                doubted.add(block.name)
    # NOTE: where every function is known to take complex steps, it is the differences that fail in a single block.
    refused = len(doubted) == len(question.blocks) if question.vouched else bool(doubted)
    return Trial(not refused, frozenset(kinked))


def differences(question: Question, here: float, rays: Sequence[Ray]) -> Iterator[Slope]:
    """The slopes along rays from values alone."""
    f, theta = question.f, question.theta
    # NOTE: where θ is rounded to float32 inside f, each ray has a noise of its own.
    for ray in rays:
        yield difference(f, here, theta, ray, noise_along(f, here, theta, ray))


def judge_block(
    question: Question, block: Block, trial: Trial, random: np.random.Generator, options: Options
) -> BlockCheck:
    """One block: by complex steps where they count, by differences where they do not or where they refuse the claim."""
    rays = list(
        rays_of(
            random,
            question.theta,
            block,
            directions=options.directions,
            entries=min(options.entries, block.size),
            budget=options.budget,
        )
    )
    said = np.array([float(question.claimed @ ray.v) for ray in rays])
    apart = are_apart(rays, said)
    slack = (
        slacks_apart(question, rays, said) if apart else np.array([slack_along(question, block, ray) for ray in rays])
    )
    if question.step is not None and trial.passed and (question.vouched or block.name not in trial.kinked):
        steps = stepped(question.step, rays, apart)
        if steps is not None:
            found = verdict(block.name, steps, said, slack, unseen=UNSEEN, apart=apart)
            if question.vouched or found.verdict != "wrong":
                return found
    seen = list(differences(question, question.f(question.theta), rays))
    return verdict(block.name, seen, said, slack, apart=apart)


def are_apart(rays: Sequence[Ray], said: Values) -> bool:
    """Whether single entries are looked at whose sizes are so far apart that each needs a bar of its own."""
    sizes = np.abs(said[said != 0])
    return all(np.count_nonzero(ray.v) == 1 for ray in rays) and len(sizes) > 1 and sizes.max() > APART * sizes.min()


def slacks_apart(question: Question, rays: Sequence[Ray], said: Values) -> Values:
    """What the precision of the claim explains in each entry, in the entry's own unit."""
    doubts = np.array([max((abs(float(doubt @ ray.v)) for doubt in question.doubts), default=0.0) for ray in rays])
    sizes = np.abs(said)
    # NOTE: what a shake moves may be nothing by chance in one entry; half of the others are moved by more.
    usual = float(np.median(doubts[sizes > 0] / sizes[sizes > 0]))
    slacks: Values = 64 * question.grain * sizes + 32 * np.maximum(doubts, usual * sizes)
    return slacks


def stepped(step: Callable[[Ray], Slope], rays: Sequence[Ray], apart: bool) -> list[Slope] | None:
    """Complex steps along all rays, the largest bar for each; None where f, after all, refuses one."""
    try:
        slopes = [step(ray) for ray in rays]
    except Exception:  # noqa: BLE001 # as above
        return None
    if not np.isfinite([slope.value for slope in slopes]).all():
        return None
    if apart:
        return slopes
    # NOTE: what a shake moves may be nothing by chance, along one ray; along all of them it is not.
    largest = max(slope.bar for slope in slopes)
    return [slope._replace(bar=largest) for slope in slopes]


def slack_along(question: Question, block: Block, ray: Ray) -> float:
    """What the precision of the claim itself explains along a ray."""
    doubts = [abs(float(doubt @ ray.v)) for doubt in question.doubts]
    # NOTE: a claim that cannot be asked again gets more, for what a long sum in its precision loses on the way.
    units = 8 if doubts else 64
    rounding = units * question.grain * float(np.abs(question.claimed[block.part]).max(initial=0.0))
    return rounding + 8 * max(doubts, default=0.0)
