# SPDX-License-Identifier: MIT
"""What do drawn thresholds bring? Run `python bench/forests.py`; a quarter of an hour.

A forest stands beside the record of a training, as in `culpa blame`, in the tables of `bench/labels.py` with 10 % of
the labels made wrong. Of the 300 trees all look for the best thresholds, or all draw them, or every second one does.
The measures are the average precision of the planted rows, by forest and record together, and the CPU seconds of the
forest.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
from labels import SHOWN, TABLES, Case, case, first
from machine import describe
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from culpa.blaming.labels import forest
from culpa.blaming.labels.record import recorded
from culpa.blaming.labels.suspecting import recorded_for
from culpa.blaming.labels.witnesses import forest_beside
from culpa.blaming.verifying.planting import plant

KINDS = ("uniform", "boundary")
MOST = 2_000
KEPT = Path(__file__).parent / "results/forests.json"
WAYS = {"best": False, "drawn": True, "both": None}


def one(given: Case, y: NDArray[np.intp], wrong: NDArray[np.bool_], seed: int) -> dict[str, tuple[float, float]]:
    """The average precision with each kind of forest, beside the record of the same training, and its CPU seconds."""
    start, options, best, unseen = first(given, y, seed)
    _, examples = recorded(start, given.X, y, **{**options, "epochs": recorded_for(best, given.choice.epochs)})
    found = {}
    for way, drawn in WAYS.items():
        kind = forest.vote if drawn is None else alike(drawn)
        begun = process_time()
        with patch.object(forest, "vote", kind):
            both = forest_beside(examples, given.X, y, unseen=unseen, seed=seed, show_progress=False)
        found[way] = (float(average_precision_score(wrong, both.suspicion)), process_time() - begun)
    return found


def alike(drawn: bool) -> Callable[..., forest.Vote]:
    """How a tree grows and says what it says, where all trees are of one kind."""
    grow = forest.vote

    def vote(*given: Any, **_: bool) -> forest.Vote:
        return grow(*given, drawn=drawn)

    return vote


def means(each: list[dict[str, tuple[float, float]]]) -> str:
    """The mean average precision and CPU seconds of every way, in words."""
    return ", ".join("{} {:.4f} in {:.2f} s".format(way, *np.mean([one[way] for one in each], axis=0)) for way in WAYS)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="these tables")
    parser.add_argument("--json", type=Path, default=KEPT, help="keep the figures there (default bench/results)")
    options = parser.parse_args()
    found: dict[str, dict[str, list[dict[str, tuple[float, float]]]]] = {}
    for name in options.only:
        given, found[name] = case(name, MOST), {}
        for kind in KINDS:
            each = []
            for seed in range(options.seeds):
                planted = plant(given.y, SHOWN, kind, seed=seed, probabilities=given.clean)
                each.append(one(given, planted.y, np.isin(np.arange(len(given.y)), planted.rows), seed))
            found[name][kind] = each
            print(f"{name:14}{kind:10}{means(each)}", flush=True)
    for kind in KINDS:
        print(f"{'all':14}{kind:10}{means([one for table in found.values() for one in table[kind]])}")
    document = {"machine": describe(), "threads": 1, "seeds": options.seeds, "forests": found}
    options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
