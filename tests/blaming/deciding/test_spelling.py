# SPDX-License-Identifier: MIT
"""Labels and numbers are spelt as the file spells them; a number that it has no place for is refused."""

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.rewriting import corrected_file, write_corrected
from culpa.errors import DataError
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles


def written(folder, lines, value, form=None, sep=";"):
    """The cell of row 1 once it was changed, in a file of these lines; the file can be read again as it was."""
    source, form = folder / "own.csv", form or Form()
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    roles = Roles(target="y", task="regression")
    made = Decisions(np.arange(0), np.arange(0), np.array([1]), np.array([value]))
    write_corrected(str(source), form, read_raw(str(source), roles, form), made, str(folder / "fixed.csv"))
    assert read_raw(str(folder / "fixed.csv"), roles, form).y[1] == value
    return (folder / "fixed.csv").read_text(encoding="utf-8").splitlines()[2].split(sep)[1]


@pytest.mark.parametrize(
    ("cell", "form", "value", "expected"),
    [
        ("1 00{k},50", Form(decimal=",", thousands=" "), 2000.5, "2000,50"),
        ("1'00{k},50", Form(decimal=",", thousands="'"), 2000.5, "2000,50"),
        ("1.00{k},50", Form(thousands="."), 2000.5, "2000,50"),
        ("2{k}", Form(decimal=","), 22.5, "22,5"),
        ("2{k}", Form(), 22.5, "22,5"),
        ("2{k},5", Form(), 22.25, "22,25"),
        ("2{k}.5", Form(), 22.25, "22.25"),
    ],
)
def test_a_number_has_the_decimal_sign_of_its_file(tmp_path, cell, form, value, expected):
    x = "{k},5" if "." not in cell or form.thousands else "{k}.5"
    lines = ["x;y", *(f"{x};{cell}".format(k=k) for k in range(9))]
    assert written(tmp_path, lines, value, form) == expected


def test_a_file_without_any_comma_has_points(tmp_path):
    assert written(tmp_path, ["x;y", *(f"{k};2{k}" for k in range(9))], 22.5) == "22.5"


@pytest.mark.parametrize("value", [1000000000000001.0, 9007199254740992.0, -4e15])
def test_large_whole_numbers_stay_whole(tmp_path, value):
    assert written(tmp_path, ["x,y", *(f"{k},{k * 10**15}" for k in range(9))], value, sep=",") == str(int(value))


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (pl.Int8, 300.0, "is of the type Int8, which has no place for 300"),
        (pl.UInt8, -3.0, "is of the type UInt8, which has no place for -3"),
        (pl.Decimal(10, 2), 0.123, r"is of the type Decimal\(.*, which has no place for 0.123"),
        (pl.Int64, 2.5, "holds whole numbers, and 2.5 is none"),
    ],
)
def test_a_number_that_does_not_fit_the_column_is_refused_by_name_type_and_value(tmp_path, kind, value, why):
    source = tmp_path / "own.parquet"
    pl.DataFrame({"x": np.arange(9.0), "y": pl.Series(range(9)).cast(kind)}).write_parquet(source)
    table = read_raw(str(source), Roles(target="y", task="regression"))
    made = Decisions(np.arange(0), np.arange(0), np.array([1]), np.array([value]))
    with pytest.raises(DataError, match=f"The target 'y' {why}"):
        corrected_file(str(source), Form(), table, made)


@pytest.mark.parametrize(("kind", "value"), [(pl.Float32, 0.1), (pl.Decimal(10, 2), 0.12), (pl.Int8, -7.0)])
def test_a_number_that_fits_takes_the_type_of_the_column(tmp_path, kind, value):
    source = tmp_path / "own.parquet"
    pl.DataFrame({"x": np.arange(9.0), "y": pl.Series(range(9)).cast(kind)}).write_parquet(source)
    table = read_raw(str(source), Roles(target="y", task="regression"))
    made = Decisions(np.arange(0), np.arange(0), np.array([1]), np.array([value]))
    found = corrected_file(str(source), Form(), table, made).frame["y"]
    assert found.dtype == kind
    assert float(found[1]) == pytest.approx(value, rel=1e-6)


def test_a_form_that_cannot_hold_a_column_is_refused_in_words(tmp_path):
    source = tmp_path / "own.parquet"
    pl.DataFrame({"x": np.arange(9.0), "list": [[1, 2]] * 9, "y": ["a", "b", "a"] * 3}).write_parquet(source)
    table = read_raw(str(source), Roles(target="y", drop=("list",)))
    made = Decisions(np.arange(0), np.array([1]), np.arange(0), np.array([], str))
    with pytest.raises(DataError, match=r"fixed\.csv cannot hold this table: .* Hint: --apply FILE\.parquet"):
        write_corrected(str(source), Form(), table, made, str(tmp_path / "fixed.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["own.parquet"]
