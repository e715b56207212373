# SPDX-License-Identifier: MIT
"""Roles and forms: what is said plays its part for every source, or is refused."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.errors import DataError, OptionError
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import open_source
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles, said
from culpa.tables.verbatim import read_rows

RANDOM = np.random.default_rng(0)
FRAME = pl.DataFrame({"size": RANDOM.normal(size=12), "zip": [f"z{i % 3}" for i in range(12)], "paid": [0, 1] * 6})


@pytest.fixture
def arrays(tmp_path):
    X = RANDOM.normal(size=(12, 4))
    X[:, 3] = np.arange(12) // 3
    np.savez(tmp_path / "m.npz", X=X, y=np.arange(12) % 2)
    return str(tmp_path / "m.npz")


def test_one_word_is_a_list_of_one_and_never_its_letters(tmp_path):
    assert said("y", missing="zz", drop="ab")[1].missing == ("zz",)
    assert said("y", missing="zz", drop="ab")[0].drop == ("ab",)
    (tmp_path / "t.csv").write_text("w,y\n" + "z,1\nb,2.5\nzz,3\n" * 8)
    counts = {missing: culpa.look(tmp_path / "t.csv", missing=missing).columns["missing"][0] for missing in ("zz", "b")}
    assert counts == {"zz": 8, "b": 8}
    assert culpa.read_table(tmp_path / "t.csv", "y", missing="zz").raw.frame["w"].null_count() == 8


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(OptionError, match="separator"):
        said("y", separator=";")


def test_roles_play_their_part_for_arrays_in_a_file(arrays):
    table = read_raw(arrays, Roles(drop=("x1",), group="x3", kinds={"x2": "category"}, id="x0"))
    assert table.frame.columns == ["x2"]
    assert table.judged["x2"].kind == "category"
    assert table.groups.tolist() == [str(i // 3) for i in range(12)]
    assert len(table.ids) == 12
    assert (table.target, table.classes) == ("target", (0, 1))
    assert read_raw(arrays, Roles(target="x1")).task == "regression"
    assert read_raw(arrays, needs_target=False).classes == (0, 1), "the target of arrays is known"
    assert read_rows(arrays, Form(), None).raw.frame.columns == ["x0", "x1", "x2", "x3"]
    np.savez(arrays, X=np.ones((3, 2)))
    assert read_raw(arrays, needs_target=False).y is None


@pytest.mark.parametrize("roles", [{"drop": ("x9",)}, {"id": "foo"}, {"group": "g"}, {"kinds": {"no": "category"}}])
def test_a_column_that_arrays_do_not_have_is_refused(arrays, roles):
    with pytest.raises(OptionError, match="is no column of the table; it has x0, x1, x2, x3, target"):
        read_raw(arrays, Roles(**roles))


FORMS = {"sep": ";", "decimal": ",", "thousands": " ", "encoding": "latin-1", "header": False}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("source", ["iris", "arrays", "frame", "parquet", "json lines"])
def test_what_is_said_of_a_text_is_refused_where_there_is_none(source, name, arrays, tmp_path):
    FRAME.write_parquet(tmp_path / "t.parquet")
    FRAME.write_ndjson(tmp_path / "t.jsonl")
    of = {"arrays": arrays, "frame": FRAME, "parquet": tmp_path / "t.parquet", "json lines": tmp_path / "t.jsonl"}
    if (source, name) == ("json lines", "encoding"):
        assert len(culpa.read_table(of[source], "paid", encoding="utf-8")) == 12
        return
    with pytest.raises(OptionError, match=f"--(no-)?{name} says how a CSV file is written"):
        culpa.read_table(
            of.get(source, source), None if source in ("iris", "arrays") else "paid", **{name: FORMS[name]}
        )
    if source in ("iris", "arrays"):
        with pytest.raises(OptionError, match="has no meaning"):
            read_rows(of.get(source, source), Form(**{name: FORMS[name]}), None)


def test_words_for_missing_values_are_gaps_in_typed_tables_too(tmp_path):
    frame = pl.DataFrame({"a": [1.5, -999, 3] * 4, "b": [-999, 2, 3] * 4, "c": ["u", "n.a.", "v"] * 4, "y": [0, 1] * 6})
    frame.write_parquet(tmp_path / "t.parquet")
    for source in (frame, tmp_path / "t.parquet", frame.to_pandas()):
        table = culpa.read_table(source, "y", missing=["n.a.", "-999"])
        assert [table.raw.frame[name].null_count() for name in "abc"] == [4, 4, 4]
    assert culpa.read_table(frame, "y").raw.frame["c"].null_count() == 0


def test_a_network_knows_its_kinds_and_takes_all_of_its_columns():
    columns = culpa.read_table(FRAME, "paid").columns
    with pytest.raises(OptionError, match="--kind cannot be said where the network has learnt"):
        culpa.read_table(FRAME, columns=columns, kinds={"size": "category"})
    with pytest.raises(OptionError, match="--drop 'zip' cannot leave out what the network takes"):
        culpa.read_table(FRAME, columns=columns, drop="zip")
    with pytest.raises(DataError, match=r"lacks the columns 'size', 'zip', which the network takes; it has paid, more"):
        culpa.read_table(FRAME.select("paid", more="paid"), columns=columns)


def test_the_target_has_no_other_part():
    with pytest.raises(OptionError, match="'paid' cannot be the target and something else"):
        culpa.read_table(FRAME, "paid", drop="paid")


def test_the_kind_of_the_target_is_the_task():
    whole = pl.DataFrame({"a": range(0, 24, 2), "y": [3, 1, 2] * 4})
    assert culpa.read_table(whole, "y", kinds={"y": "number"}).raw.task == "regression"
    assert culpa.read_table(whole, "y", kinds={"y": "category"}).raw.classes == (1, 2, 3)
    for more in ({"kinds": {"y": "date"}}, {"kinds": {"y": "number"}, "task": "classification"}):
        with pytest.raises(OptionError, match="--kind of the target 'y' is"):
            culpa.read_table(whole, "y", **more)


@pytest.mark.parametrize("positive", [True, "true", "True", np.True_, 1])
def test_the_class_that_is_looked_for_is_known_in_every_spelling(positive):
    frame = FRAME.with_columns(pl.col("paid") == 0)
    assert culpa.read_table(frame, "paid", positive=positive).raw.positive is True
    with pytest.raises(OptionError, match="no class 'yes'"):
        culpa.read_table(frame, "paid", positive="yes")


def test_a_short_row_among_quoted_separators_is_refused(tmp_path):
    rows = ['v,"Rome, IT",3.5,9'] * 8
    (tmp_path / "t.csv").write_text("\n".join(["y,c,d,a", *rows, 'u,"Rome, IT",7', *rows]) + "\n")
    with pytest.raises(DataError, match=r"row 8 \(line 10\) has 3 fields, where there are 4 names"):
        read_raw(str(tmp_path / "t.csv"))


def test_json_arrays_are_told_as_such(tmp_path):
    for text in ('[{"a":1,"y":2}]', '[\n  {\n "a": 1}]'):
        (tmp_path / "t.json").write_text(text)
        with pytest.raises(culpa.CulpaError, match="JSON array"):
            read_frame(open_source(str(tmp_path / "t.json")), Form())
