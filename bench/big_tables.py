# SPDX-License-Identifier: MIT
"""What does `culpa blame` need for a big table, in memory and in time? Run `python bench/big_tables.py`.

    a million     1,000,000 rows of 30 mixed columns, a CSV file, one epoch: at most 1.5 GB of memory
    mixed         40,000 such rows, classes and numbers and no label report: at most 60 s on two cores
    wide          100 rows of 20,000 columns and 1,000 rows of 5,000; 50,000 columns, which are refused

Each table is blamed by a process of its own, whose greatest memory the system tells when it ends. In that process the
stages are timed as they are called; the memory beside a stage is the greatest up to its end. Nothing here repeats: a
figure is that of one run, on the wall, and the machine must be quiet.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from machine import asked, describe, introduce, pin, verdict

MOST_MEMORY, MOST_SECONDS = 1500.0, 60.0
"""MB for the million, and seconds for 40,000 rows."""
CITIES = ("Ålesund", "Łódź", "São Paulo", "O'Fallon, MO", "Zürich", 'The "Big" Apple', "<b>Bold</b>", "Nørre Åby")
STAGES = {
    "reading": ("culpa.tables.reading", "read_frame"),
    "judging": ("culpa.tables.reading", "from_frame"),
    "looking": ("culpa.cli.blame", "look_before"),
    "learning columns": ("culpa.blaming.teaching", "learn_columns"),
    "encoding": ("culpa.blaming.investigating", "encoded_rows"),
    "training": ("culpa.blaming.teaching", "fit"),
    "baselines": ("culpa.blaming.investigating", "fit_baselines"),
    "their scores": ("culpa.blaming.investigating", "baseline_scores"),
    "scoring": ("culpa.blaming.investigating", "measured_on"),
    "check": ("culpa.blaming.investigating", "check"),
    "blaming": ("culpa.blaming.investigating", "accounts_of"),
    "label report": ("culpa.blaming.investigating", "labelled"),
    "its training": ("culpa.blaming.labels.suspecting", "recorded"),
    "its forest": ("culpa.blaming.labels.rounds", "forest_probabilities"),
    "its bags": ("culpa.blaming.labels.suspecting", "target_scores"),
    "its reasons": ("culpa.blaming.labelling", "reasons_for"),
    "report": ("culpa.cli.blame", "show_report"),
}
"""What is timed: the module that calls it, and its name there."""


class Case(NamedTuple):
    """One table, and how it is blamed.

    Args:
        make: Gives the table.
        words: What follows `culpa blame FILE --target y`.
        code: How the command is to end.
    """

    make: Callable[[], pl.DataFrame]
    words: tuple[str, ...] = ()
    code: int = 0


def mixed(n: int, *, classification: bool) -> pl.DataFrame:
    """Twenty numbers, six categories, two dates, two columns of yes and no; gaps in every third; signal and noise."""
    random = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    numbers = random.normal(size=(20, n)) * np.geomspace(0.01, 1e4, 20)[:, None]
    for j, values in enumerate(numbers):
        kept = values.round(4) if j % 4 else random.poisson(20 + j, n)
        columns[f"number {j}"] = pl.Series(kept)
    levels = {"city": CITIES, **{f"code {size}": [f"C{k:04d}" for k in range(size)] for size in (3, 12, 40, 300, 3000)}}
    codes = {name: (len(words) * random.random(n) ** 2).astype(int) for name, words in levels.items()}
    for name, words in levels.items():
        columns[name] = pl.Series(words)[codes[name]]
    day = pl.Series(random.integers(0, 4000, n)).cast(pl.Int32)
    columns["begun"] = (day + 14_000).cast(pl.Date)
    moment = pl.Series(random.integers(1_500_000_000, 1_700_000_000, n) * 1_000_000).cast(pl.Datetime("us"))
    columns["seen"] = moment.dt.strftime("%Y-%m-%d %H:%M:%S")
    columns["paid"] = pl.Series(["no", "yes"])[random.integers(0, 2, n)]
    columns["active"] = pl.Series(random.random(n) < 0.3)
    for name in list(columns)[::3]:
        columns[name] = pl.select(pl.when(pl.Series(random.random(n) > 0.04)).then(columns[name])).to_series()
    signal = numbers[1] / numbers[1].std() * np.sin(numbers[2] / numbers[2].std()) + (codes["city"] % 3)
    signal += 0.5 * np.tanh(numbers[19] / 1e4) + 0.3 * random.normal(size=n)
    cut = np.digitize(signal, np.quantile(signal, [0.4, 0.8]))
    columns["y"] = pl.Series(["low", "middle", "high"])[cut] if classification else pl.Series((100 * signal).round(3))
    return pl.DataFrame([column.alias(name) for name, column in columns.items()])


def wide(n: int, d: int) -> pl.DataFrame:
    """Numbers alone, of which the first three say the class."""
    X = np.random.default_rng(0).normal(size=(n, d)).round(3)
    y = pl.Series("y", ["no", "yes"])[(X[:, :3].sum(axis=1) > 0).astype(int)]
    return pl.DataFrame(X, schema=[f"x{j}" for j in range(d)]).with_columns(y)


CASES = {
    "a million": Case(lambda: mixed(1_000_000, classification=True), ("--epochs", "1")),
    "mixed, classes": Case(lambda: mixed(40_000, classification=True), ("--score", "none")),
    "mixed, numbers": Case(lambda: mixed(40_000, classification=False), ("--score", "none")),
    "1,000 × 5,000": Case(lambda: wide(1000, 5000)),
    "100 × 20,000": Case(lambda: wide(100, 19_999)),
    "100 × 50,000": Case(lambda: wide(100, 49_999), code=2),
}


def measured(case: Case, folder: Path) -> dict[str, Any]:
    """Blame a table in a process of its own: seconds, MB, and the stages."""
    table, stages = folder / "big.csv", folder / "stages.json"
    case.make().write_csv(table)
    words = [sys.executable, __file__, "--stages", str(stages), "blame", str(table), "--target", "y", *case.words]
    begun = perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said, complaint = process.communicate()
    seconds = perf_counter() - begun
    if process.returncode != case.code:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}:\n{said}{complaint}")
    found = json.loads(stages.read_text(encoding="utf-8"))
    return {"file": table.stat().st_size / 1e6, "seconds": seconds, "said": complaint, **found}


def staged(path: Path, words: list[str]) -> int:
    """Run one command of culpa in this process, and keep how long its stages took."""
    entry = import_module("culpa.cli.entry")
    found: dict[str, dict[str, float]] = {}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*given: Any, **named: Any) -> Any:
            wall, cpu = perf_counter(), process_time()
            try:
                return function(*given, **named)
            finally:
                so_far = found.setdefault(name, {"seconds": 0.0, "cpu": 0.0, "memory": 0.0})
                so_far["seconds"] += perf_counter() - wall
                so_far["cpu"] += process_time() - cpu
                so_far["memory"] = most_memory()

        return run

    for name, (module, function) in STAGES.items():
        home = import_module(module)
        setattr(home, function, timed(name, getattr(home, function)))
    try:
        return int(entry.main(words))
    finally:
        whole = {"cpu": process_time(), "memory": most_memory(), "stages": found}
        path.write_text(json.dumps(whole), encoding="utf-8")


def most_memory() -> float:
    """The most memory that this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what the system tells of a process may include its parent, before the program was loaded
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size * 1024 / 1e6


def report(title: str, found: Mapping[str, Any]) -> None:
    """Print one table's figures, a line a stage."""
    head = f"{title}, a file of {found['file']:,.0f} MB"
    print(f"\n{head:<40}{'s':>9}{'CPU s':>9}{'MB so far':>11}")
    for name, stage in found["stages"].items():
        print(f"  {name:<38}{stage['seconds']:>9.2f}{stage['cpu']:>9.2f}{stage['memory']:>11,.0f}")
    print(f"  {'all':<38}{found['seconds']:>9.2f}{found['cpu']:>9.2f}{found['memory']:>11,.0f}", flush=True)


def main() -> None:
    """Measure, print, keep."""
    options = asked(__doc__, seconds=0)
    pin(2)
    introduce(options)
    results = {}
    for title, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            results[title] = measured(case, Path(folder))
        report(title, results[title])
    print()
    verdict("a million rows, MB", results["a million"]["memory"], MOST_MEMORY, least=False)
    for title in ("mixed, classes", "mixed, numbers"):
        verdict(f"{title}, seconds", results[title]["seconds"], MOST_SECONDS, least=False)
    path = options.json or Path(__file__).parent / "results" / "big_tables.json"
    document = {"machine": describe(), "results": results}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nkept in {path}")


if __name__ == "__main__":
    if "--stages" in sys.argv:
        os.environ.setdefault("OMP_NUM_THREADS", "2")
        sys.exit(staged(Path(sys.argv[2]), sys.argv[3:]))
    main()
