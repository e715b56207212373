# SPDX-License-Identifier: MIT
"""What does `culpa blame` cost by default, with its label report? Run `python bench/blame.py`.

    classes, numbers   40,000 rows of 30 mixed columns, a CSV file: at most 90 s and 2 GB, on two cores

Each table is blamed by a process of its own, whose stages are timed as they are called; the stages below the label
report are parts of it. What was said beforehand of its cost stands beside what it took. One run each, on the wall: the
machine must be quiet.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

from big_tables import Case, measured, mixed, report
from machine import asked, describe, introduce, pin, verdict

MOST_SECONDS, MOST_MEMORY = 90.0, 2000.0
CASES = {
    "classes": Case(lambda: mixed(40_000, classification=True)),
    "numbers": Case(lambda: mixed(40_000, classification=False)),
}


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
        told = re.search(r"about .* for the label report.*", results[title]["said"])
        print(f"  said beforehand: {told[0] if told else 'nothing'}", flush=True)
    print()
    for title, found in results.items():
        verdict(f"{title}, seconds", found["seconds"], MOST_SECONDS, least=False)
        verdict(f"{title}, MB", found["memory"], MOST_MEMORY, least=False)
    path = options.json or Path(__file__).parent / "results" / "blame.json"
    document = {"machine": describe(), "results": results}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nkept in {path}")


if __name__ == "__main__":
    sys.exit(main())
