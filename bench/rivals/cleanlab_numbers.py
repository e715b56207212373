# SPDX-License-Identifier: MIT
"""cleanlab's label quality of target values, in an environment of its own: `cleanlab_numbers.py ROWS OUT SEED`."""

import sys

import numpy as np
from cleanlab.regression.learn import CleanLearning
from sklearn.ensemble import HistGradientBoostingRegressor

if __name__ == "__main__":
    source, out, seed = sys.argv[1:]
    rows = np.load(source)
    learner = CleanLearning(HistGradientBoostingRegressor(random_state=int(seed)), cv_n_folds=5, seed=int(seed))
    np.save(out, learner.find_label_issues(rows["X"], rows["y"])["label_quality"].to_numpy())
