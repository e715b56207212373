# SPDX-License-Identifier: MIT
"""`culpa predict MODEL DATA`: what a saved network says of every row, as CSV."""

import sys
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from culpa.cli.common import Data, emit_json, keeps_inputs, note
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.storing import load, needs_writable, write_whole

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa predict digits.safetensors digits -o predictions.csv
  culpa predict mine.safetensors new.npz | head

A class comes with the probability of each class; a number comes in the unit of the target that was learnt from."""


@takes_tables("id")
def command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)],
    data: Data,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; stdout by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of CSV.")] = False,
    *,
    asked: Asked,
) -> int:
    """Write what a saved network predicts for every row of DATA."""
    if output is not None:
        keeps_inputs(output, model, data)
        needs_writable(output)
    network = load(model)
    table = read(data, asked, network.columns, needs_target=False)
    X = table.frame.to_numpy() if network.columns is None else network.columns.encode(table.frame)
    columns = predictions(network, predict(network, X))
    if as_json:
        emit_json("predict", {"model": model, "data": data, "columns": columns})
        return 0
    text = as_csv(columns)
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text.encode())
        note(f"{len(X):,} predictions written to {output}")
    return 0


def predictions(network: Network, said: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The columns of the answer, by name."""
    rows = {"row": np.arange(len(said))}
    columns = network.columns
    if network.loss.targets == "classes":
        labels = range(said.shape[1]) if columns is None or columns.classes is None else columns.classes
        best = np.array([str(label) for label in labels])[said.argmax(axis=1)]
        return {**rows, "class": best, **{f"p({label})": said[:, c] for c, label in enumerate(labels)}}
    if columns is not None and columns.classes is None:
        said = columns.decode_target(said)
    target = "prediction" if columns is None else columns.target
    several = said.shape[1] > 1
    return {**rows, **{f"{target}_{c + 1}" if several else target: said[:, c] for c in range(said.shape[1])}}


def as_csv(columns: dict[str, NDArray[Any]]) -> str:
    """Comma-separated values with a header; texts are kept as they are, with a warning where one reads as a formula."""
    import polars as pl

    frame = pl.DataFrame(columns)
    texts = {*frame.columns, *(entry for column in frame if column.dtype == pl.String for entry in column.unique())}
    if any(map(like_a_formula, texts)):
        note("warning: some texts begin like a formula; import this file as text, do not just open it in a spreadsheet")
    return frame.write_csv()


def like_a_formula(text: str) -> bool:
    """Whether a spreadsheet might run a text; a number with a sign is none."""
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False
