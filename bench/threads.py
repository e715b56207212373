# SPDX-License-Identifier: MIT
"""When does a second thread of BLAS pay? Run `python bench/threads.py` on two cores that nothing else wants.

`culpa.fit` with threads=1, threads=2, threads="auto" and threads=None, which leaves BLAS as it is, here two threads.
Networks and batches from small to large (ReLU, cross-entropy, Adam, float32), some of them near the number of
floating-point operations where "auto" changes its mind. All settings take turns in one process, and a training counts
as a whole, divided by its steps. The least time on the clock is quoted, with the CPU time of the same training beside
it: threads that wait for each other use the second core up as well.
"""

from collections.abc import Callable
from time import perf_counter, process_time, sleep
from typing import NamedTuple

import numpy as np
from machine import asked, introduce, keep, pin, verdict

import culpa
from culpa.training.threads import SMALL_STEP, Threads

SIZES = [
    ((64, 32, 10), 32),
    ((64, 100, 10), 200),
    ((64, 128, 64, 10), 128),
    ((256, 128, 10), 128),
    ((256, 256, 10), 128),
    ((784, 128, 10), 128),
    ((784, 256, 128, 10), 128),
    ((784, 256, 10), 200),
    ((784, 512, 10), 256),
    ((784, 512, 256, 10), 256),
    ((784, 512, 512, 10), 512),
    ((784, 1024, 1024, 10), 512),
]
SETTINGS: dict[str, Threads] = {"1": 1, "2": 2, "auto": "auto", "None": None}
BATCHES = 4
"""In an epoch; the rows are few, so that hardly anything but steps is timed."""
TRAINING = 0.1
"""About how many seconds one training takes."""
CALM = 0.15
"""Seconds before each training: OpenBLAS's threads go on spinning for a tenth of a second after their last product."""
SLOWER = 1.05
"""What counts as slower; timing on the clock is no better than that."""


class Cost(NamedTuple):
    """The least seconds of a step on the clock, and the CPU seconds of that training's steps."""

    clock: float
    cpu: float


def operations(sizes: tuple[int, ...], batch: int) -> float:
    """Floating-point operations of a step, as `fit` reckons them."""
    return 6.0 * batch * culpa.Network.fresh(sizes).n_parameters


def trainer(sizes: tuple[int, ...], batch: int) -> Callable[[Threads, int], Cost]:
    """A function that trains for so many epochs and says what a step cost."""
    random = np.random.default_rng(0)
    network = culpa.Network.fresh(sizes, seed=0)
    X = random.normal(size=(BATCHES * batch, sizes[0])).astype(np.float32)
    y = random.integers(0, sizes[-1], len(X))

    def train(threads: Threads, epochs: int) -> Cost:
        clock, cpu = perf_counter(), process_time()
        culpa.fit(network, X, y, epochs=epochs, batch_size=batch, threads=threads, show_progress=False)
        steps = epochs * BATCHES
        return Cost((perf_counter() - clock) / steps, (process_time() - cpu) / steps)

    return train


def costs(sizes: tuple[int, ...], batch: int, seconds: float) -> dict[str, Cost]:
    """What a step costs with each setting, in turns until the time is over."""
    train = trainer(sizes, batch)
    train(2, 1)
    step = train(1, 2).clock
    epochs = max(1, round(TRAINING / (step * BATCHES)))
    best = dict.fromkeys(SETTINGS, Cost(np.inf, np.inf))
    deadline = perf_counter() + seconds
    while perf_counter() < deadline:
        for name, threads in SETTINGS.items():
            sleep(CALM)
            best[name] = min(best[name], train(threads, epochs))
    return best


def show(title: str, found: dict[str, Cost], work: float) -> None:
    """One line: the work of a step, and each setting's time on the clock and CPU time."""
    times = "".join(f"{cost.clock * 1e6:>9.0f} /{cost.cpu * 1e6:>7.0f}" for cost in found.values())
    print(f"{title:<26}{work / 1e6:>8.1f}{times}{found['1'].clock / found['2'].clock:>8.2f}", flush=True)


def break_even(measured: dict[float, dict[str, Cost]]) -> str:
    """A sentence: above which work the second thread pays, and up to which it does not."""
    gains = {work: found["1"].clock / found["2"].clock for work, found in sorted(measured.items())}
    pays = [work for work in gains if all(gain >= SLOWER for later, gain in gains.items() if later >= work)]
    costs_more = [work for work, gain in gains.items() if gain < 1]
    return (
        f"Two threads are {SLOWER:g} times as fast or more from {min(pays, default=np.inf) / 1e6:,.0f} MFLOP a step on "
        f"and slower than one up to {max(costs_more, default=0) / 1e6:,.0f}; "
        f'"auto" takes them from {SMALL_STEP / 1e6:,.0f} on.'
    )


def main() -> None:
    """Measure, print, keep."""
    options = asked(__doc__, seconds=12)
    options.threads = 2
    pin(2)
    introduce(options)
    head = "".join(f"{f'threads={name}':>18}" for name in SETTINGS)
    print(f"\n{'a step, µs: clock / CPU':<26}{'MFLOP':>8}{head}{'2 : 1':>8}")
    measured, results = {}, {}
    for sizes, batch in SIZES:
        title, work = f"{'-'.join(map(str, sizes))}/{batch}", operations(sizes, batch)
        measured[work] = costs(sizes, batch, options.seconds)
        show(title, measured[work], work)
        by_clock = {f"threads={name}, clock": cost.clock for name, cost in measured[work].items()}
        results[title] = by_clock | {f"threads={name}, CPU": cost.cpu for name, cost in measured[work].items()}
    print(f"\n{break_even(measured)}")
    for kind, name, chosen in (
        ("small", "1", [work for work in measured if work < SMALL_STEP]),
        ("large", "2", [work for work in measured if work >= SMALL_STEP]),
    ):
        worst = max(measured[work]["auto"].clock / measured[work][name].clock for work in chosen)
        verdict(f"{kind} steps, auto to threads={name}, the worst", worst, SLOWER, least=False)
    print(f"kept in {keep('threads', options, results).name}")


if __name__ == "__main__":
    main()
