# SPDX-License-Identifier: MIT
"""Nothing is lost on the way: a mixed table is read, learnt from, saved, loaded elsewhere, and predicted to the bit.

The new process is `round_trip_twin`; it reads the same table from every file and frame there is.
"""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.errors import CulpaWarning, DataError
from tests.cli.calling import call

ROOT = Path(__file__).parents[2]
N = 90
SOURCES = ("table.csv", "table.parquet", "pandas", "polars", "arrow")
ROOM, PLACE, BUILT, SOLD, TARGET, KEY = (
    'größe, "m²"',
    "place\nor land",
    "<b>built</b>",
    "sold=?",
    "Ⓒ 'class', %",
    "ключ",
)
"""Names with commas, quotes, a break of lines, HTML and letters of many kinds."""
KINDS = {"zip": "category"}


def mixed(n=N):
    """A table with a column of every kind, and a gap in each but the rows' names."""
    random = np.random.default_rng(7)
    gaps = random.random((6, n)) < 0.1
    size = np.round(random.normal(60, 20, n), 2)
    places = np.array(["Köln, Süd", 'said "here"', "<i>&amp;</i>", "北京", "two\nlines", "=1+1"])[
        random.integers(0, 6, n)
    ]
    columns = {
        KEY: [f"n° {k:03d}" for k in range(n)],
        ROOM: size.tolist(),
        PLACE: places.tolist(),
        BUILT: [date(1990, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 9999, n)],
        SOLD: (random.random(n) < 0.5).tolist(),
        "rooms": random.integers(1, 9, n).tolist(),
        "zip": [f"0{code}" for code in random.integers(1000, 1005, n)],
        TARGET: np.where(size > 60, "été, <u>", 'no "x"').tolist(),
    }
    for gap, name in zip(gaps, list(columns)[1:-1], strict=True):
        columns[name] = [None if missing else entry for missing, entry in zip(gap, columns[name], strict=True)]
    columns[TARGET][3] = None
    return pl.DataFrame(columns)


pytestmark = pytest.mark.filterwarnings("ignore:.* set aside:culpa.errors.CulpaWarning")


@pytest.fixture(scope="module")
def trip(tmp_path_factory):
    """The table in files, two networks that learnt from it, saved, and what both say before they are.

    Rows whose target is missing are no part of what `read_table` gives; the command line predicts them too.
    """
    folder = tmp_path_factory.mktemp("trip")
    frame = mixed()
    frame.write_csv(folder / "table.csv")
    frame.write_parquet(folder / "table.parquet")
    table = culpa.read_table(folder / "table.csv", TARGET, id=KEY, kinds=KINDS)
    classes = culpa.investigate(table, hidden=[8], score="none", epochs=3, show_progress=False).network
    prices = culpa.read_table(frame.drop(KEY), ROOM, kinds=KINDS)
    fresh = culpa.Network.fresh([prices.X.shape[1], 5, 1], loss="squared_error", seed=1)
    numbers = replace(culpa.fit(fresh, prices.X, prices.y, epochs=3, show_progress=False), columns=prices.columns)
    said = {}
    for name, network in (("classes", classes), ("numbers", numbers)):
        said[name] = culpa.predict(network, culpa.read_table(frame, columns=network.columns, id=KEY).X)
        culpa.save(network, folder / f"{name}.st")
    return folder, frame, said


@pytest.fixture(scope="module")
def elsewhere(trip):
    """What a new process says, by network and source."""
    folder, _, _ = trip
    words = [sys.executable, "-W", "error", str(Path(__file__).with_name("round_trip_twin.py")), str(folder)]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=folder, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return np.load(folder / "said.npz")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("network", ["classes", "numbers"])
def test_a_new_process_says_the_same_to_the_bit_from_every_source(trip, elsewhere, network, source):
    found = elsewhere[f"{network} {source}"]
    np.testing.assert_array_equal(found, trip[2][network], strict=True)
    assert len(np.unique(found[:, 0])) > N / 2, "the rows can be told apart"


def cells(content):
    """The cells as any reader of CSV gets them."""
    return list(csv.reader(io.StringIO(content, newline=""), strict=True))


def test_the_command_line_says_the_same_to_the_bit_in_a_new_process(trip):
    folder, frame, said = trip
    words = [sys.executable, "-W", "error", "-m", "culpa", "predict", "classes.st", "table.csv"]
    ran = subprocess.run(words, capture_output=True, cwd=folder, check=False)
    assert ran.returncode == 0, ran.stderr
    header, *rows = cells(ran.stdout.decode())
    assert header == [*frame.columns, "prediction", 'p(no "x")', "p(été, <u>)"]
    assert [row[: frame.width] for row in rows] == cells((folder / "table.csv").read_bytes().decode())[1:]
    known = frame[TARGET].is_not_null().to_numpy()
    found = np.array([row[-2:] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(found[known], said["classes"], strict=True)


@pytest.mark.parametrize("model", ["classes", "numbers"])
def test_every_file_gets_the_same_answer_from_the_command_line(trip, tmp_path, model):
    folder, frame, said = trip
    for form in ("csv", "parquet"):
        words = (folder / f"{model}.st", folder / f"table.{form}", "-o", tmp_path / f"{form}.parquet")
        assert call("predict", *words).code == 0
    typed, texts = (pl.read_parquet(tmp_path / f"{form}.parquet") for form in ("parquet", "csv"))
    assert typed[:, : frame.width].equals(frame)
    added = typed[:, frame.width :]
    assert texts[:, frame.width :].equals(added)
    if model == "numbers":
        found = added["prediction"].filter(frame[ROOM].is_not_null()).to_numpy()
        columns = culpa.load(folder / "numbers.st").columns
        np.testing.assert_array_equal(found, columns.decode_target(said["numbers"][:, 0]), strict=True)


def prepared(frame, change):
    """The frame with something done to it that must not matter to what is said of its rows."""
    order = np.random.default_rng(1).permutation(len(frame))
    return {
        "columns moved": (frame.select(reversed(frame.columns)), slice(None)),
        "a column more": (frame.with_columns(pl.lit("?").alias("more")), slice(None)),
        "no target": (frame.drop(TARGET), slice(None)),
        "rows moved": (frame[order], order),
        "some rows": (frame[10:31], slice(10, 31)),
        "one row": (frame[17], slice(17, 18)),
    }[change]


@pytest.mark.parametrize(
    "change", ["columns moved", "a column more", "no target", "rows moved", "some rows", "one row"]
)
def test_what_does_not_concern_a_row_does_not_change_what_is_said_of_it(trip, change):
    """The inputs are the same to the bit; matrix products of other sizes may round the outputs otherwise."""
    folder, frame, _ = trip
    network = culpa.load(folder / "classes.st")
    whole = network.columns.encode(frame, dtype="float32")
    other, rows = prepared(frame, change)
    X = network.columns.encode(other, dtype="float32")
    np.testing.assert_array_equal(X, whole[rows], strict=True)
    np.testing.assert_allclose(culpa.predict(network, X), culpa.predict(network, whole)[rows], rtol=1e-5)


@pytest.mark.parametrize("name", [ROOM, PLACE, BUILT, SOLD, "rooms", "zip"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_may_lack_every_value(trip, tmp_path, name, form):
    folder, frame, said = trip
    empty = frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name))
    path = tmp_path / f"new.{form}"
    empty.write_csv(path) if form == "csv" else empty.write_parquet(path)
    network = culpa.load(folder / "classes.st")
    X = culpa.read_table(path, columns=network.columns, target=TARGET).X
    np.testing.assert_array_equal(X, network.columns.encode(empty.drop_nulls(TARGET), dtype="float32"))
    assert not np.array_equal(culpa.predict(network, X), said["classes"])
    assert call("predict", folder / "classes.st", path).code == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [(ROOM, 12.5), (PLACE, None), (BUILT, date(2001, 2, 3)), (SOLD, None), ("rooms", 40), ("zip", "01003")],
)
def test_a_changed_value_changes_what_is_said_of_its_row(trip, name, value):
    """Negative control: every column has a say, so that the same answers are not the answers to nothing."""
    folder, frame, _ = trip
    network = culpa.load(folder / "classes.st")
    row = next(k for k, entry in enumerate(frame[name]) if entry not in (None, value))
    before = culpa.predict(network, network.columns.encode(frame))
    changed = frame.with_columns(frame[name].scatter(row, value))
    after = culpa.predict(network, network.columns.encode(changed))
    assert np.flatnonzero((before != after).any(axis=1)).tolist() == [row]


@pytest.mark.parametrize("name", [ROOM, PLACE, BUILT, SOLD, "rooms", "zip"])
def test_a_column_that_is_missing_is_refused_by_its_name(trip, tmp_path, name):
    folder, frame, _ = trip
    network = culpa.load(folder / "classes.st")
    with pytest.raises(DataError) as refusal:
        culpa.read_table(frame.drop(name), columns=network.columns)
    assert repr(name) in str(refusal.value)
    frame.drop(name).write_csv(tmp_path / "new.csv")
    answer = call("predict", folder / "classes.st", tmp_path / "new.csv", "-o", tmp_path / "said.csv")
    assert (answer.code, repr(name) in answer.err) == (2, True)
    assert not (tmp_path / "said.csv").exists()


def test_what_no_training_row_had_is_said_once(trip):
    folder, frame, _ = trip
    network = culpa.load(folder / "classes.st")
    news = frame.with_columns(frame["zip"].scatter([1, 2], "09999"))
    with pytest.warns(CulpaWarning, match="2 rows with a new category in 'zip'"):
        culpa.read_table(news, columns=network.columns)
