# SPDX-License-Identifier: MIT
"""Another model's ranking beside ours: how far both agree, and where they do not."""

import numpy as np

from culpa.blaming.labels.report import LabelReport
from culpa.blaming.page.shown import Shown, grid

__all__ = ["rival"]

FIRST = 20
"""Both rankings are compared by so many rows."""
LISTED = 6
"""So many rows are shown that we alone, and that the other alone has among the first."""


def rival(shown: Shown, report: LabelReport) -> str:
    """Where both rankings differ; nothing where there is only ours."""
    if report.rival is None:
        return ""
    first = min(FIRST, len(report.order))
    ours, theirs = (set(one.order[:first].tolist()) for one in (report, report.rival))
    line = (
        f"<p>The other model's probabilities give a ranking of their own: {len(ours & theirs):,} of its first "
        f"{first:,} are among ours.</p>"
    )
    apart = report.disagreements(first)
    if not len(apart):
        return line
    mine = apart["place"] <= first
    picked = np.concatenate([np.flatnonzero(mine)[:LISTED], np.flatnonzero(~mine)[:LISTED]])
    rows = [
        (
            f"{row['row']}",
            shown.label(row["given"]),
            shown.label(row["proposed"]),
            shown.label(row["rival_proposed"]),
            f"{row['place']:,}",
            f"{row['rival_place']:,}",
        )
        for row in apart.take(picked).rows()
    ]
    headers = ["row", "given", "proposed here", "by the other", "rank here", "by the other"]
    return line + grid("Where the rankings differ", headers, rows, left=(1, 2, 3))
