# SPDX-License-Identifier: MIT
"""What does looking inside a training cost? Run `python bench/recording.py`.

`culpa.fit` beside itself: what it may record of the rows, and options that add to each step or to each epoch's end. The
same network, rows, batches and seed throughout; Adam, ReLU, cross-entropy, float32. The rows for validation, 15 % as
many, come on top of those that are learnt from. CPU time of whole trainings on one pinned core, in turns. Nothing here
has a rival: the plain training is the measure.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from machine import Rival, asked, bursts, introduce, keep, pin, verdict
from sklearn.datasets import load_digits

import culpa

MOST = 1.10
"""What "log" may cost beside the plain training."""


class Problem(NamedTuple):
    """A training to look into; X and y have the rows for validation last."""

    name: str
    sizes: tuple[int, ...]
    X: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    batch: int
    epochs: int

    def options(self) -> dict[str, dict[str, Any]]:
        """What is asked for, by its name in the table."""
        learnt = self.learnt()
        return {
            "plain": {},
            'record="log"': {"record": "log"},
            'record="epochs"': {"record": "epochs"},
            "checkpoints=True": {"checkpoints": True},
            'record="log", checkpoints=True': {"record": "log", "checkpoints": True},
            "noise_scale=True": {"noise_scale": True},
            "clip_norm=1": {"clip_norm": 1.0},
            "clip_examples=1": {"clip_examples": 1.0},
            "dropout=0.2": {"dropout": 0.2},
            "label_smoothing=0.1": {"label_smoothing": 0.1},
            "validation": {"validation": (self.X[learnt:], self.y[learnt:])},
        }

    def learnt(self) -> int:
        """How many rows are learnt from."""
        return round(len(self.X) / 1.15)

    def train(self, options: dict[str, Any]) -> culpa.Network:
        """One training."""
        n, start = self.learnt(), culpa.Network.fresh(self.sizes, seed=0)
        usual: dict[str, Any] = {"epochs": self.epochs, "batch_size": self.batch, "show_progress": False}
        return culpa.fit(start, self.X[:n], self.y[:n], **usual, **options)


def digits(epochs: int) -> Problem:
    """Standardised digits, in small batches."""
    X, y = load_digits(return_X_y=True)
    X = ((X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-6)).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(X))
    return Problem("digits, 64-64-32-10", (64, 64, 32, 10), X[order], y[order], 32, epochs)


def made_up(epochs: int) -> Problem:
    """Ten classes of wide rows, in batches of 200."""
    random = np.random.default_rng(0)
    means, y = 0.05 * random.normal(size=(10, 784)), random.integers(0, 10, 2_300)
    X = (means[y] + random.normal(size=(len(y), 784))).astype(np.float32)
    return Problem("2,000 rows, 784-256-10", (784, 256, 10), X, y, 200, epochs)


def show(title: str, times: dict[str, float]) -> None:
    """Print each time and what it is above the plain training's."""
    print(f"\n{title:<54}{'ms':>10}{'on top':>10}")
    for name, seconds in times.items():
        print(f"  {name:<52}{seconds * 1e3:>10.1f}{seconds / times['plain'] - 1:>+10.1%}", flush=True)


def main() -> None:
    """Measure, print, keep."""
    options = asked(__doc__, seconds=20)
    pin(options.threads)
    introduce(options)
    results = {}
    for problem in (digits(30), digits(100), made_up(30)):
        rivals = {name: Rival(partial(problem.train, given)) for name, given in problem.options().items()}
        title = f"{problem.name}, batches of {problem.batch}, {problem.epochs} epochs"
        results[title] = bursts(rivals, seconds=options.seconds, threads=options.threads)
        show(title, results[title])
    print()
    for title, times in results.items():
        ratio = times['record="log"'] / times["plain"]
        if "100 epochs" in title:
            verdict(f'{title}, "log" to plain', ratio, MOST, least=False)
        else:
            print(f'  {title}, "log" to plain: {ratio:.2f}')
    print(f"kept in {keep('recording', options, results).name}")


if __name__ == "__main__":
    main()
