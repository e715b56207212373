# SPDX-License-Identifier: MIT
"""A process of its own for `test_round_trip`: it loads the networks of a folder and predicts from every source."""

import sys
import warnings
from pathlib import Path

import numpy as np
import polars as pl

import culpa


def main(folder: Path) -> None:
    """Write said.npz: what each network says of the folder's table from each file and frame, target known or not."""
    warnings.filterwarnings("ignore", ".* are set aside", culpa.CulpaWarning)  # rows without a target, as is told
    frame = pl.read_parquet(folder / "table.parquet")
    sources = {
        "table.csv": folder / "table.csv",
        "table.parquet": folder / "table.parquet",
        "pandas": frame.to_pandas(),
        "polars": frame,
        "arrow": frame.to_arrow(),
    }
    said = {}
    for name in ("classes", "numbers"):
        network = culpa.load(folder / f"{name}.st")
        for source, table in sources.items():
            said[f"{name} {source}"] = culpa.predict(network, culpa.read_table(table, columns=network.columns).X)
    np.savez(folder / "said.npz", **said)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
