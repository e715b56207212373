# SPDX-License-Identifier: MIT
"""Weights: what is learnt of a table is learnt as if rows were repeated; a row of weight 0 is not there."""

import warnings

import numpy as np
import polars as pl

from culpa.errors import CulpaWarning
from culpa.tables.table import read_table

RANDOM = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "a": RANDOM.normal(size=60),
        "c": RANDOM.choice(["u", "v"], 60),
        "y": RANDOM.normal(size=60),
        "w": [1.0, 2.0, 3.0] * 20,
    }
)


def test_the_target_is_scaled_as_if_rows_were_repeated():
    weighted = read_table(FRAME, "y", sample_weight="w").columns
    repeated = read_table(FRAME[np.repeat(np.arange(60), FRAME["w"].cast(int).to_numpy())], "y", drop="w").columns
    np.testing.assert_allclose(
        (weighted.target_mean, weighted.target_scale), (repeated.target_mean, repeated.target_scale), rtol=1e-12
    )
    plain = read_table(FRAME, "y", drop="w").columns
    assert plain.target_mean != weighted.target_mean


def test_nothing_is_learnt_from_a_row_of_weight_0():
    broken = pl.DataFrame({"a": [1e9, None], "c": ["x", None], "y": [1e9, -1e9], "w": [0.0, 0.0]})
    whole = read_table(FRAME, "y", sample_weight="w")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)  # the broken rows are encoded all the same
        assert read_table(FRAME.vstack(broken), "y", sample_weight="w").columns == whole.columns
    counted = broken.with_columns(w=pl.lit(1.0))
    assert read_table(FRAME.vstack(counted), "y", sample_weight="w").columns != whole.columns
