# SPDX-License-Identifier: MIT
"""What does a second training bring, and what trust? Run `python bench/rounds.py`; half an hour.

In the tables of `bench/labels.py`, with 10 % of the labels made wrong, labels are ranked in three ways: by one training
that goes halfway to the planned epochs, beside a forest; by two trainings, of which the second heeds what both doubted,
beside a forest that counts as much; and as `culpa blame` does, where the network's last word counts as far as it is
trusted. The measure is the average precision of the planted rows. `--only` keeps the figures of other tables.
"""

import argparse
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from labels import OFTEN, SHOWN, SMALL, TABLES, Case, case, first
from machine import describe
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from culpa.blaming.labels import rounds
from culpa.blaming.labels.record import recorded
from culpa.blaming.labels.suspecting import recorded_for, score_labels
from culpa.blaming.labels.witnesses import forest_beside
from culpa.blaming.verifying.planting import CLASS_KINDS, plant

MOST = 2_000
KEPT = Path(__file__).parent / "results/rounds.json"
WAYS = ("one training", "two trainings", "two, trusted")


def one(given: Case, y: NDArray[np.intp], wrong: NDArray[np.bool_], seed: int) -> dict[str, float]:
    """The average precision of every way."""
    start, options, best, unseen = first(given, y, seed)
    planned = given.choice.epochs
    _, examples = recorded(start, given.X, y, **{**options, "epochs": recorded_for(best, planned)})
    shared: dict[str, Any] = {"unseen": unseen, "seed": seed, "show_progress": False}
    told: dict[str, Any] = {"options": {**options, "epochs": best}, "planned": planned, **shared}
    alone = forest_beside(examples, given.X, y, **shared)
    with patch.object(rounds, "trust_in", lambda *_: 0.0):
        twice = score_labels(start, given.X, y, **told)
    ranked = (alone, twice, score_labels(start, given.X, y, **told))
    found = (float(average_precision_score(wrong, each.suspicion)) for each in ranked)
    return dict(zip(WAYS, found, strict=True))


def means(each: list[dict[str, float]]) -> dict[str, float]:
    """The mean of every way."""
    return {way: float(np.mean([one[way] for one in each])) for way in WAYS}


def line(table: str, kind: str, found: dict[str, float]) -> str:
    """One table and kind of error, in words."""
    return f"{table:14}{kind:16}" + ", ".join(f"{way} {value:.4f}" for way, value in found.items())


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, help="plantings; eight times as many of few rows")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="these tables")
    parser.add_argument("--json", type=Path, default=KEPT, help="keep the figures there (default bench/results)")
    options = parser.parse_args()
    kept = json.loads(options.json.read_text(encoding="utf-8"))["rounds"] if options.json.exists() else {}
    found: dict[str, dict[str, dict[str, float]]] = dict(kept)
    for name in options.only:
        given, found[name] = case(name, MOST), {}
        for kind in CLASS_KINDS:
            each = []
            for seed in range(options.seeds * (OFTEN if len(given.y) < SMALL else 1)):
                planted = plant(given.y, SHOWN, kind, seed=seed, probabilities=given.clean)
                each.append(one(given, planted.y, np.isin(np.arange(len(given.y)), planted.rows), seed))
            found[name][kind] = means(each)
            print(line(name, kind, found[name][kind]), flush=True)
    for kind in CLASS_KINDS:
        print(line("all", kind, means([table[kind] for table in found.values()])))
    document = {"machine": describe(), "threads": 1, "seeds": options.seeds, "rounds": found}
    options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
