# SPDX-License-Identifier: MIT
"""Frame: a result with named columns, ready for whichever data-frame library the reader has. Knows no verb."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import CulpaError, unknown_name

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Frame", "plain"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """A small immutable table: columns of equal length, by name.

    Args:
        columns: Each column's entries, in the order in which they are shown.

    Example:
        >>> frame = Frame({"row": np.array([3, 5]), "loss": np.array([0.5, 0.25])})
        >>> len(frame), frame["loss"].tolist(), frame.to_dict()
        (2, [0.5, 0.25], {'row': [3, 5], 'loss': [0.5, 0.25]})
    """

    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.rows()

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.columns:
            raise unknown_name("column", name, self.columns)
        return self.columns[name]

    def take(self, rows: NDArray[Any]) -> "Frame":
        """Some of the rows, in the order given."""
        return Frame({name: column[rows] for name, column in self.columns.items()})

    def rows(self) -> Iterator[dict[str, Any]]:
        """Go through the rows, each a dict of plain Python values; NaN and infinities become None, as in JSON."""
        names, columns = list(self.columns), self.to_dict().values()
        for entries in zip(*columns, strict=True):
            yield dict(zip(names, entries, strict=True))

    def to_dict(self) -> dict[str, list[Any]]:
        """Plain Python lists by name, as JSON can hold them; NaN and infinities become None."""
        return {name: plain(column) for name, column in self.columns.items()}

    def to_pandas(self) -> "pd.DataFrame":
        """A pandas DataFrame.

        Raises:
            CulpaError: If pandas is not installed; culpa does not need it otherwise.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise CulpaError("pandas is not installed.", hint="pip install pandas, or use to_polars().") from error
        return pd.DataFrame(dict(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """A Polars DataFrame; NaN becomes null, and infinities stay what they are."""
        import polars as pl

        return pl.DataFrame(
            {
                name: column.astype(np.float64) if column.dtype.kind == "f" else plain(column)
                for name, column in self.columns.items()
            },
            strict=False,
            nan_to_null=True,
        )

    def __repr__(self) -> str:
        return f"Frame({len(self):,} rows: {', '.join(self.columns)})"

    def __str__(self) -> str:
        return str(self.to_polars())


def plain(value: Any) -> Any:
    """What JSON can hold of a value: NumPy's kinds become Python's; NaN and infinities become None."""
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
