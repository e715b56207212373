# SPDX-License-Identifier: MIT
"""cleanlab's label quality of classes, in an environment of its own: `python cleanlab_labels.py GIVEN OUT`.

GIVEN holds `y i` and `p i`, the class numbers and somebody's out-of-sample probabilities, for i = 0, 1, …; OUT gets
`quality i` and `issues i`, how many labels cleanlab would have looked at.
"""

import sys

import numpy as np
from cleanlab.count import num_label_issues
from cleanlab.rank import get_label_quality_scores

if __name__ == "__main__":
    source, out = sys.argv[1:]
    given, found = np.load(source), {}
    for i in range(len(given.files) // 2):
        y, p = given[f"y {i}"], given[f"p {i}"]
        found[f"quality {i}"] = get_label_quality_scores(y, p)
        found[f"issues {i}"] = np.asarray(num_label_issues(y, p))
    np.savez(out, **found)
