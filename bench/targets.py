# SPDX-License-Identifier: MIT
"""How well are wrong target values found? Run `python bench/targets.py`; half an hour.

Of each table's targets 5 % exchange their places in pairs, by `culpa verify`'s own planting; of a larger table 2,000
rows are drawn. Everybody ranks all rows, and the measure is the average precision of the exchanged ones: 1 where they
all stand first. Some of them got nearly the value that they had, and nobody finds those.

- culpa: networks and boosting that have not seen a value, beside what is usual around there: what `culpa blame` does.
- its training: |residual| of what one training said, the mean over its record (`--score record`), likewise beside it.
- boosting: |residual| of `HistGradientBoostingRegressor` with its defaults, out of sample by five folds.
- network: |residual| of the network that `culpa blame` trains, which has seen the values.
- cleanlab: the label quality by its CleanLearning for regression with the same boosting, five folds; it runs in an
  environment of its own, whose Python `--cleanlab` names, as it asks for other versions.
- random order: the share of the exchanged rows is what it reaches.

The same tables with nothing exchanged, with 5 % and with 10 % tell how well the wrong values are counted, and how many
of the first k are wrong beside how many were expected to be. CPU seconds are one core's, of the score alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from datasets import read
from machine import describe, pin
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, cross_val_predict

import culpa
from culpa.blaming.encoding import encoded_rows
from culpa.blaming.labels.bags import target_scores
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import score_labels
from culpa.blaming.teaching import VALIDATION, chosen_for
from culpa.blaming.verifying.planting import plant
from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.tables.raw import RawTable, learn_columns
from culpa.training.choosing import Choice
from culpa.training.tuning import start_of

MOST = 2_000
TABLES = ("concrete", "ames", "diamonds", "diabetes")
SHARES = (0.0, 0.05, 0.1)
MEASURED = 0.05
FIRST = (0.25, 0.5, 1.0)
"""The first k are so many times the exchanged ones."""
KEPT = Path(__file__).parent / "results/targets.json"
APART = Path(__file__).parent / "rivals/cleanlab_numbers.py"


class Case(NamedTuple):
    """A table with wrong values: inputs, scaled targets, which are wrong (n,), and how a network learns them."""

    X: NDArray[Any]
    y: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    start: Network
    choice: Choice


def case(table: RawTable, share: float, seed: int) -> Case:
    """Plant a share of wrong values, and encode the table as `culpa blame` would."""
    wrong = np.zeros(len(table), bool)
    if share:
        planted = plant(table.y, share, "swap", seed=seed)
        wrong[planted.rows] = True
        table = replace(table, y=planted.y)
    columns = learn_columns(table)
    X, y, _ = encoded_rows(table, columns)
    choice = chosen_for(table, columns, len(table))
    return Case(np.ascontiguousarray(X), np.asarray(y), wrong, start_of(choice, columns.width, None, seed), choice)


def by_cleanlab(python: str, given: Case, seed: int) -> NDArray[np.float64]:
    """1 − cleanlab's label quality (n,)."""
    with tempfile.TemporaryDirectory() as folder:
        source, found = Path(folder) / "rows.npz", Path(folder) / "quality.npy"
        np.savez(source, X=given.X, y=given.y)
        subprocess.run([python, str(APART), str(source), str(found), str(seed)], check=True)
        return 1 - np.load(found)


def rankings(given: Case, ours: Scores, seed: int, cleanlab: str | None) -> dict[str, NDArray[np.float64]]:
    """Everybody's score of each row (n,), the larger the likelier wrong."""
    X, y, _, start, choice = given
    options = {**choice.training(), "patience": None, "refit": False}
    by_record = score_labels(start, X, y, options=options, score="record", seed=seed, show_progress=False)
    network = culpa.fit(start, X, y, **choice.training(), validation=VALIDATION, seed=seed, show_progress=False)
    folds = KFold(5, shuffle=True, random_state=seed)  # tables are often sorted
    boosting = cross_val_predict(HistGradientBoostingRegressor(random_state=seed), X, y, cv=folds)
    found = {
        "culpa": ours.suspicion,
        "its training": by_record.suspicion,
        "boosting": np.abs(y - boosting),
        "network": np.abs(y - predict(network, X)[:, 0]),
    }
    return found | ({"cleanlab": by_cleanlab(cleanlab, given, seed)} if cleanlab else {})


def one(table: RawTable, share: float, seed: int, cleanlab: str | None) -> dict[str, Any]:
    """What one table with one planting gives."""
    given = case(table, share, seed)
    begun = process_time()
    ours = target_scores(
        given.start, given.X, given.y, options=given.choice.training(), seed=seed, show_progress=False, jobs=1
    )
    found: dict[str, Any] = {"seconds": process_time() - begun, "wrong": int(given.wrong.sum()), "rows": len(given.y)}
    found["counted"] = list(ours.wrong or ())
    inside = (given.y >= ours.low) & (given.y <= ours.high)
    found["inside"] = float(inside[~given.wrong].mean())
    if share:
        order = np.argsort(-ours.suspicion, kind="stable")
        ks = [max(1, round(times * given.wrong.sum())) for times in FIRST]
        found["precision"] = [float(given.wrong[order[:k]].mean()) for k in ks]
        found["expected"] = [float((ours.expected if ours.expected is not None else [np.nan] * k)[k - 1]) for k in ks]
    if share == MEASURED:
        ranked = rankings(given, ours, seed, cleanlab)
        found["precisions"] = {name: average_precision_score(given.wrong, each) for name, each in ranked.items()}
    return found


def measured(name: str, most: int, seeds: int, cleanlab: str | None) -> dict[str, Any] | None:
    """One table with all plantings, or None, said aloud, where its package is missing."""
    try:
        table = read(name, most)
    except ImportError as missing:
        print(f"left out: {name} ({missing})")
        return None
    found: dict[str, Any] = {"rows": len(table), "inputs": learn_columns(table).width, "plantings": {}}
    for share in SHARES:
        found["plantings"][f"{share:g}"] = [one(table, share, seed, cleanlab) for seed in range(seeds)]
    each = [planting["precisions"] for planting in found["plantings"][f"{MEASURED:g}"]]
    found["precisions"] = {rival: [kept[rival] for kept in each] for rival in each[0]}
    return found


def line(name: str, found: dict[str, Any]) -> str:
    """One table's result on a few lines."""
    lines = [f"{name}: " + ", ".join(f"{rival} {np.mean(kept):.3f}" for rival, kept in found["precisions"].items())]
    for share, each in found["plantings"].items():
        counts = ", ".join(f"{kept['counted'][0]:.0f} of {kept['wrong']}" for kept in each)
        inside = np.mean([kept["inside"] for kept in each])
        lines.append(f"  {share}: counted {counts}; {inside:.3f} of the right ones inside")
        if "precision" in each[0]:
            told = np.mean([kept["expected"] for kept in each], axis=0)
            true = np.mean([kept["precision"] for kept in each], axis=0)
            lines.append(f"  expected {np.round(told, 2)} of the first, were {np.round(true, 2)}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--most", type=int, default=MOST, help="rows of a table (default %(default)s)")
    parser.add_argument("--only", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--cleanlab", help="the Python that has cleanlab")
    parser.add_argument("--json", type=Path, default=KEPT)
    asked = parser.parse_args()
    pin()
    warnings.simplefilter("ignore")
    results: dict[str, Any] = {}
    for name in asked.only:
        found = measured(name, asked.most, asked.seeds, asked.cleanlab)
        if found is not None:
            results[name] = found
            print(line(name, found), flush=True)
    document = {"machine": describe(), "threads": 1, "shares": SHARES, "first": FIRST, "targets": results}
    asked.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
