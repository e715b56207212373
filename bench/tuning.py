# SPDX-License-Identifier: MIT
"""What is a search worth, and when should the default stand? Run `python bench/tuning.py`.

Five tables of a few hundred rows, split by several seeds. Each is searched once, sixteen challengers beside the
default; then several rules say from the same folds which one to take, and what they take is trained on all training
rows, three times from other starts, and measured on rows that no fold has seen. Prints, for each rule, how often it
takes another, how often that one is worse, and what was won on average in accuracy or R². Nothing here is timed.
"""

import argparse
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from machine import describe, pin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine, make_classification, make_friedman1

import culpa
from culpa.training.choosing import Choice, choose
from culpa.training.splitting import split_rows
from culpa.training.trials import noises
from culpa.training.tuning import start_of, tune

RULES = {"least mean": 0.0, "1 noise": 1.0, "1.5 noises": 1.5, "2 noises": 2.0}
"""By how many times the noise another must be better."""
CANDIDATES = 17


class Problem(NamedTuple):
    """A table with a split, its inputs standardised by the training rows, a target of numbers likewise."""

    name: str
    X: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    classes: int | None
    kept: np.ndarray[Any, Any]
    held: np.ndarray[Any, Any]
    seed: int

    def reached(self, choice: Choice) -> float:
        """The held-out accuracy or R², the mean of three trainings."""
        scores = []
        for seed in (self.seed, self.seed + 100, self.seed + 200):
            start = start_of(choice, self.X.shape[1], self.classes, seed)
            options = {**choice.training(), "validation": 0.15, "seed": seed, "show_progress": False}
            network = culpa.fit(start, self.X[self.kept], self.y[self.kept], **options)
            scores.append(culpa.score(network, self.X[self.held], self.y[self.held]))
        return float(np.mean(scores))


def problems(seeds: int) -> Iterator[Problem]:
    """Every table with every split."""
    tables = {
        "diabetes": (*load_diabetes(return_X_y=True), None),
        "wine": (*load_wine(return_X_y=True), 3),
        "breast_cancer": (*load_breast_cancer(return_X_y=True), 2),
        "Friedman 1, 400 rows": (*make_friedman1(400, noise=1.0, random_state=0), None),
        "20 columns, 10 % wrong": (*make_classification(500, 20, n_informative=6, flip_y=0.1, random_state=0), 2),
    }
    for seed in range(seeds):
        for name, (X, y, classes) in tables.items():
            kept, held = split_rows(len(X), 0.25, classes=y if classes else None, seed=seed)
            scaled = ((X - X[kept].mean(axis=0)) / X[kept].std(axis=0)).astype(np.float32)
            target = y if classes else ((y - y[kept].mean()) / y[kept].std()).astype(np.float32)
            yield Problem(name, scaled, target, classes, kept, held, seed)


def won(problem: Problem) -> dict[str, float | None]:
    """What each rule wins over the default; None where it leaves the default in its place."""
    X, y = problem.X[problem.kept], problem.y[problem.kept]
    default = choose(len(X), X.shape[1], problem.classes or 1, classification=problem.classes is not None)
    found = tune(
        default, X, y, minutes=1e6, classes=problem.classes, seed=problem.seed, most=CANDIDATES, show_progress=False
    )
    losses = np.array([trial.losses for trial in found.trials])
    difference, noise = noises(losses)
    gains: dict[str, float | None] = {}
    known = {0: problem.reached(default)}
    for rule, times in RULES.items():
        better = np.flatnonzero(difference < -times * noise)
        gains[rule] = None
        if len(better):
            taken = int(better[np.argmin(losses[better].mean(axis=1))])
            if taken not in known:
                known[taken] = problem.reached(found.trials[taken].choice)
            gains[rule] = known[taken] - known[0]
    told = ", ".join(f"{rule} {'–' if gain is None else f'{gain:+.3f}'}" for rule, gain in gains.items())
    print(f"  {problem.name}, seed {problem.seed}: default {known[0]:.3f}; {told}", flush=True)
    return gains


def main() -> None:
    """Search, decide, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="splits of each table (default %(default)s)")
    seeds = parser.parse_args().seeds
    pin(1)
    print("\n".join(f"{name}: {value}" for name, value in describe().items()))
    every = [won(problem) for problem in problems(seeds)]
    print(f"\n{'rule':<14}{'takes another':>16}{'which is worse':>16}{'won on average':>16}")
    for rule in RULES:
        gains = [gains[rule] for gains in every]
        taken = [gain for gain in gains if gain is not None]
        mean = sum(taken) / len(gains)
        print(f"{rule:<14}{f'{len(taken)} of {len(gains)}':>16}{sum(gain < 0 for gain in taken):>16}{mean:>+16.4f}")


if __name__ == "__main__":
    main()
