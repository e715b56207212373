# SPDX-License-Identifier: MIT
"""What a page says is what the report says: its numbers are read from it again, and names from data come to nothing."""

import re
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.findings.finding import Finding
from culpa.blaming.labels.report import Estimate, Memory
from culpa.blaming.page.leaning import better_without
from culpa.blaming.page.opening import finding
from culpa.blaming.page.writing import report_page
from culpa.reporting.frames import Frame
from culpa.tables.columns import label_text
from tests.blaming.page.made import (
    CLASSES,
    LISTED,
    digits,
    hostile,
    page_of,
    prices,
    record_of,
    tree_of,
    value,
)
from tests.blaming.page.test_thumbnails import points_of

BOTH = {"hostile": hostile, "prices": prices}


def cells(row):
    """The cells of a row by their labels."""
    return {cell.attributes["data-label"]: cell.text for cell in row.children if cell.attributes.get("data-label")}


def table_rows(part):
    """The rows of a section's table, as texts."""
    return [[cell.text for cell in row.children] for row in part.one("tbody").all("tr")]


def wrong_suspects(text, report):
    """Which of the suspects on a page say something else than the report."""
    bodies = list(tree_of(text).all("tbody", kind="suspect"))
    wrong = []
    for rank, (body, place) in enumerate(zip(bodies, report.order, strict=False), start=1):
        said = cells(body.one("tr", kind="one"))
        row = {name: column[place] for name, column in report.rows.columns.items()}
        same = [value(said["#"]) == rank, value(said["row"]) == row["row"]]
        same += [abs(value(said["suspicion"]) - row["suspicion"]) <= 0.00051]
        same += [abs(value(said["loss"]) - row["loss"]) <= 0.006 * abs(row["loss"])]
        if report.task == "classification":
            same += [said["given"] == label_text(row["given"]), said["proposed"] == label_text(row["proposed"])]
            same += [abs(value(said["probability"]) - row["probability"]) <= 0.0051]
        else:
            same += [abs(value(said[name]) - row[name]) <= 500 for name in ("given", "proposed")]
            same += [abs(value(said["off by"]) - row["residual"]) <= 0.006 * abs(row["residual"]) + 0.5]
        wrong += [] if all(same) else [rank]
    return wrong, len(bodies)


@pytest.mark.parametrize("name", BOTH)
def test_suspects_are_those_of_the_report_in_its_order(name):
    _, found = BOTH[name]()
    wrong, listed = wrong_suspects(page_of(name), found.labels)
    assert wrong == []
    assert listed == LISTED


def test_a_suspect_with_another_number_is_noticed():
    _, found = hostile()
    text, n = re.subn(r'(data-label="suspicion">)[\d.]+', r"\g<1>0.123", page_of("hostile"), count=1)
    assert n == 1
    assert wrong_suspects(text, found.labels)[0] == [1]


@pytest.mark.parametrize("name", BOTH)
def test_the_record_holds_what_a_file_of_suspects_holds(name):
    _, found = BOTH[name]()
    record = record_of(page_of(name))
    first = found.labels.order[:LISTED]
    columns = dict(zip(record["names"], zip(*record["rows"], strict=True), strict=True))
    assert list(columns["row"]) == found.labels.rows["row"][first].tolist()
    assert list(columns["given"]) == found.labels.rows["given"][first].tolist()
    assert set(columns["decision"]) == {None}


@pytest.mark.parametrize("name", BOTH)
def test_layers_and_scores_are_those_of_the_report(name):
    _, found = BOTH[name]()
    tree = tree_of(page_of(name))
    for said, row in zip(table_rows(tree.one("section", id="network")), found.blame.layers.rows(), strict=True):
        assert said[1] == f"{row['inputs']} → {row['units']}"
        assert value(said[2]) == pytest.approx(row["norm"], rel=0.006)
        assert value(said[3]) == pytest.approx(100 * row["share"], abs=0.51)
        assert value(said[4]) == pytest.approx(row["signal_to_noise"], rel=0.006)
    factor = 100 if found.metric == "accuracy" else 1
    scores = {words: value(number) for words, number in table_rows(tree.one("section", id="score"))}
    assert scores.pop("this network") == pytest.approx(factor * found.score, abs=0.051 if factor > 1 else 0.0051)
    assert scores.keys() == found.baselines.keys()
    for rival, score in found.baselines.items():
        assert scores[rival] == pytest.approx(factor * score, abs=0.051 if factor > 1 else 0.0051)


@pytest.mark.parametrize("name", BOTH)
def test_columns_are_those_of_the_report(name):
    _, found = BOTH[name]()
    rows = table_rows(tree_of(page_of(name)).one("section", id="columns"))
    for said, row in zip(rows, found.blame.columns.rows(), strict=True):
        assert said[0] == row["column"]
        assert value(said[1]) == pytest.approx(100 * row["share"], abs=0.51)
        assert value(said[2]) == pytest.approx(row["increase"], rel=0.006)
        assert said[3] == row["replaced"]


def test_units_of_the_strips_are_those_of_the_report():
    _, found = hostile()
    frame = found.blame.units
    strips = list(tree_of(page_of("hostile")).all("svg", kind="strip"))
    for k, strip in enumerate(strips, start=1):
        mine = frame.take(np.flatnonzero(frame["layer"] == k))
        units = list(strip.all("g", kind="unit"))
        assert [("dead" in unit.attributes["class"]) for unit in units] == mine["dead"].tolist()
        fills = [float(unit.one("rect").attributes["fill-opacity"]) / 0.9 for unit in units]
        assert fills == pytest.approx(np.clip(mine["slope"], 0, 1), abs=0.01)
    assert len(strips) == len(found.blame.layers) - 1


def corners(line):
    """The corners of a drawn line."""
    return np.array([[float(part) for part in pair.split()] for pair in re.findall(r"[ML]([^ML]+)", line)])


@pytest.mark.parametrize("name", BOTH)
def test_the_curve_has_the_shape_of_the_history_and_marks_its_best_epoch(name):
    _, found = BOTH[name]()
    training = found.network.training
    drawing = tree_of(page_of(name)).one("svg", kind="curve")
    drawn = np.concatenate(
        [corners(drawing.one("path", kind=kind).attributes["d"])[:, 1] for kind in ("learnt", "chose")]
    )
    said = [(epoch.loss, epoch.validation_loss) for epoch in training.history]
    losses = np.array(said).T.ravel()
    # On the scale of losses or of their logarithms, whichever it is, a line maps them onto the pixels.
    apart = [np.abs(np.polyval(np.polyfit(x, drawn, 1), x) - drawn).max() for x in (losses, np.log(losses))]
    assert min(apart) < 0.11
    assert np.abs(np.polyval(np.polyfit(losses[::-1], drawn, 1), losses[::-1]) - drawn).max() > 1
    epochs = corners(drawing.one("path", kind="learnt").attributes["d"])[:, 0]
    best = float(re.match(r"M([\d.]+)", drawing.one("path", kind="best").attributes["d"])[1])
    assert np.abs(epochs - best).argmin() + 1 == training.best_epoch
    assert drawing.one("text", kind="best").text == f"best: {training.best_epoch}"


def test_names_that_would_be_code_come_to_nothing():
    text, tree = page_of("hostile"), tree_of(page_of("hostile"))
    assert len(list(tree.all("script"))) == 2
    assert not list(tree.all("img"))
    assert not list(tree.all("b"))
    assert not list(tree.all("i"))
    handlers = [name for node in tree.all() for name in node.attributes if name.startswith("on")]
    assert handlers == []
    assert tree.one("h1").text == "<b>hostile</b>.csv"
    labels = [cell.text for kind in ("given", "proposed") for cell in tree.all("span", kind=kind)]
    assert set(labels) == set(CLASSES)
    assert "default-src 'none'" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_a_name_that_is_not_escaped_is_noticed():
    text = page_of("hostile").replace("&lt;b&gt;hostile", "<b>hostile</b>", 1)
    assert list(tree_of(text).all("b"))


def test_reasons_stand_beneath_the_first_suspects():
    _, found = hostile()
    bodies = list(tree_of(page_of("hostile")).all("tbody", kind="suspect"))
    explained = [place for place in found.labels.order[:LISTED] if int(place) in found.labels.reasons]
    assert explained
    details = [list(body.all("div", kind="detail")) for body in bodies]
    assert [bool(found) for found in details].count(True) == len(explained)
    reasons = found.labels.reasons[int(found.labels.order[0])]
    said = details[0][0].text
    assert all(argument.column in said for argument in reasons.columns)
    assert all(f"row {one.row}" in said for one in (*reasons.like_proposed, *reasons.like_given))


def test_a_suspect_can_be_seen_with_all_its_columns_as_they_are_in_the_table():
    table, found = hostile()
    bodies = list(tree_of(page_of("hostile")).all("tbody", kind="suspect"))
    for body, place in zip(bodies[:20], found.labels.order, strict=False):
        whole = body.one("details", kind="whole")
        said = {one.one("dt").text: one.one("dd").text for one in whole.all("div")}
        row = table.frame.row(int(place), named=True)
        assert list(said) == list(row)
        assert said["kind<br>"] == row["kind<br>"]
        assert float(said["=cmd()"]) == pytest.approx(row["=cmd()"], rel=1e-5)
    assert not list(tree_of(page_of("digits")).all("details", kind="whole"))


def test_of_a_wide_table_the_first_hundred_columns_of_a_suspect_are_shown_and_the_rest_counted(monkeypatch):
    monkeypatch.setattr("culpa.blaming.page.reasons.MOST_COLUMNS", 2)
    table, found = prices()
    whole = next(tree_of(report_page(found, table)).all("details", kind="whole"))
    assert [one.text for one in whole.all("dt")] == ["rooms", "noise"]
    assert whole.one("p").text == "1 more column left out here."


def test_how_many_are_wrong_is_the_first_sentence():
    table, found = hostile()
    labels = replace(
        found.labels,
        wrong=Estimate(7.3, 2.2, 11.6),
        expected=np.full(120, 0.1),
        memory=Memory(True, "It knows <all> by heart."),
    )
    told = replace(found, blame=replace(found.blame, labels=labels))
    tree = tree_of(report_page(told, table))
    first = tree.one("p", kind="matters")
    assert first.text == "About 7 of 120 labels look wrong (2 to 12); of the first 20 about 2."
    part = tree.one("section", id="suspects")
    assert "Of the first 20 about 2 look wrong; the other 5 are somewhere below" in part.text
    assert "It knows <all> by heart." in part.text
    assert "Reasons were looked for in the first" in part.text
    labels = replace(labels, wrong=Estimate(0.0, 0.0, 1.8), expected=np.zeros(120))
    first = tree_of(report_page(replace(found, blame=replace(found.blame, labels=labels)), table)).one(
        "p", kind="matters"
    )
    assert "look wrong than chance would make (0 to 2)" in first.text


def test_findings_stand_with_evidence_remedy_and_command():
    table, found = prices()
    planted = (
        Finding("dead", "2 units of <b>layer 1</b> are dead.", {"units": np.array([3, 7]), "share": 0.0625},
                "Try <another> activation.", ("culpa", "blame", "my table.csv", "--activation", "tanh")),
        Finding("labels", "Labels.", {}, "", "found.labels.suspects"),
    )  # fmt: skip
    told = replace(found, blame=replace(found.blame, findings=planted))
    first, second = tree_of(report_page(told, table)).one("section", id="findings").all("li")
    assert first.attributes["data-kind"] == "dead"
    words = [part.text for part in first.all("p")]
    assert words == ["2 units of <b>layer 1</b> are dead.", "Try <another> activation.", "units 3, 7, share 0.0625"]
    assert first.one("code").text == "culpa blame 'my table.csv' --activation tanh"
    assert second.one("code").text == "found.labels.suspects"
    bare = replace(found, blame=replace(found.blame, findings=()))
    assert not list(tree_of(report_page(bare, table)).all("section", id="findings"))


def test_evidence_has_words_and_a_share_is_one():
    found = Finding("labels", "Labels.", {"likely": 20, "low": 8, "high": 60, "rows": 442, "expected": 0.385}, "", ())
    said = tree_of(finding(found)).one("p", kind="evidence").text.replace("\u00a0", " ")
    assert said == "look wrong 20, at least 8, at most 60, rows 442, expected to be wrong of as many suspects 38 %"


def test_a_given_number_stands_as_in_the_file_and_the_columns_that_only_disturb_are_named():
    table, found = prices()
    frame = Frame({**found.labels.rows.columns, "given": np.full(90, 1809.4)})
    columns = Frame({**found.blame.columns.columns, "increase": np.array([0.2, -0.1, -0.3])})
    told = replace(found, blame=replace(found.blame, labels=replace(found.labels, rows=frame), columns=columns))
    tree = tree_of(report_page(told, table))
    assert {cells(row)["given"] for row in tree.all("tr", kind="one")} == {"1809.4"}
    names = columns["column"].tolist()[1:]
    assert f"{', '.join(names)}: replaced, the loss is smaller" in tree.one("section", id="columns").text
    assert "the loss is smaller" not in tree_of(better_without(columns.take(np.array([0])))).text


def test_another_model_s_ranking_stands_beside_ours():
    table, found = hostile()
    report = found.labels
    turned = Frame({**report.rows.columns, "suspicion": report.rows["suspicion"][::-1]})
    labels = replace(report, rival=replace(report, rows=turned))
    told = replace(found, blame=replace(found.blame, labels=labels))
    part = tree_of(report_page(told, table, top=30)).one("section", id="suspects")
    rank = {int(place): k for k, place in enumerate(labels.rival.order, start=1)}
    said = [cells(row)["other #"] for row in part.all("tr", kind="one")]
    assert said == [str(rank[int(place)]) for place in report.order[:30]]
    common = len(set(report.order[:20].tolist()) & set(labels.rival.order[:20].tolist()))
    assert f"{common} of its first 20 are among ours" in part.text
    ours = {int(place): k for k, place in enumerate(report.order, start=1)}
    for row, *_, here, there in table_rows(part):
        place = int(np.flatnonzero(report.rows["row"] == int(row))[0])
        assert (ours[place], rank[place]) == (int(here), int(there))
        assert (ours[place] <= 20) != (rank[place] <= 20)


def test_a_picture_of_many_points_is_one_image(monkeypatch):
    table, found = digits()
    monkeypatch.setattr("culpa.blaming.page.leaning.DRAWN", 60)
    part = tree_of(report_page(found, table, top=1)).one("section", id="columns")
    assert not list(part.all("svg"))
    data = b64decode(part.one("img", kind="thumbnail").attributes["src"].partition(",")[2])
    shares = dict(zip(found.blame.columns["column"].tolist(), found.blame.columns["share"].tolist(), strict=True))
    ink = np.sqrt([shares.get(name, 0.0) for name in table.names]).reshape(8, 8)
    assert np.abs(points_of(data) - 255 * (1 - ink / ink.max())).max() <= 0.51


def test_the_rest_is_counted_and_the_command_that_lists_it_stands_there():
    part = tree_of(page_of("hostile")).one("section", id="suspects")
    assert f"{120 - LISTED} less suspicious rows" in part.text
    command = list(part.all("code"))[-1].text
    assert command == "culpa blame 'my table.csv' --suspects suspects.parquet --top 120"


def test_decisions_are_saved_under_a_name_that_no_file_of_the_command_has():
    table, found = hostile()
    for words, name in (
        (["blame", "t.csv", "--suspects", "suspects.csv"], "decisions.csv"),
        (["blame", "t.csv", "--decisions", "decisions.csv"], "decisions_2.csv"),
    ):
        record = record_of(report_page(found, table, words=words))
        assert record["file"] == name
        assert record["next"][-1] == f"--decisions {name}"


def test_the_footer_reproduces():
    table, _ = hostile()
    footer = tree_of(page_of("hostile")).one("footer").text
    assert "culpa blame 'my table.csv'" in footer
    assert table.checksum in footer


def test_a_page_without_a_command_says_versions_seed_and_checksum():
    table, found = prices()
    footer = tree_of(report_page(found, table)).one("footer").text
    assert re.fullmatch(rf"versionsculpa \S+, numpy \S+?seed0data{table.checksum}", footer)


def test_digits_have_thumbnails_and_fit_into_a_megabyte():
    table, found = digits()
    text = report_page(found, table)
    assert len(text.encode()) < 1_000_000
    bodies = list(tree_of(text).all("tbody", kind="suspect"))
    assert len(bodies) == 200
    assert all(list(body.all("img", kind="thumbnail")) for body in bodies)
    assert len(list(tree_of(text).one("svg", kind="points").all("rect"))) == 64


@pytest.mark.parametrize("name", BOTH)
def test_without_a_label_report_the_score_is_the_first_sentence(name):
    table, found = BOTH[name]()
    bare = replace(
        found,
        blame=replace(found.blame, labels=None, missing={"suspects": "Nobody <asked>.", "columns": "<Some> rows."}),
    )
    tree = tree_of(report_page(bare, table))
    assert "held out" in tree.one("p", kind="matters").text
    assert tree.one("section", id="suspects").text == "Suspects Nobody <asked>."
    assert "<Some> rows." in tree.one("section", id="columns").text
    assert not list(tree.all("script", id="suspects-record"))


def test_an_investigation_writes_its_page_with_its_table_and_without():
    table, found = hostile()
    assert found.to_html(table) == report_page(found, table)
    tree = tree_of(found.to_html())
    assert tree.one("h1").text == "the data"
    assert list(tree.all("tbody", kind="suspect"))


def test_accounts_alone_have_a_page():
    network = culpa.Network.fresh([3, 4, 2], hidden="tanh", loss="cross_entropy", seed=0)
    X = np.random.default_rng(0).normal(size=(20, 3))
    for options in ({}, {"record": True, "epochs": 3}):
        fitted = culpa.fit(network, X, np.arange(20) % 2, show_progress=False, **options) if options else network
        blame = culpa.blame(fitted, X, np.arange(20) % 2, show_progress=False)
        tree = tree_of(blame.to_html())
        assert list(tree.all("section", id="network"))
        assert not list(tree.all("section", id="score"))
        assert bool(list(tree.all("tbody", kind="suspect"))) == bool(options)


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_several_outputs_and_no_hidden_layer_have_a_page_too(loss):
    network = culpa.Network.fresh([3, 2], loss=loss, seed=0)
    X = np.random.default_rng(0).normal(size=(20, 3))
    tree = tree_of(culpa.blame(network, X, (X[:, :2] > 0).astype(float), show_progress=False).to_html())
    assert list(tree.all("section", id="network"))
    assert not list(tree.all("svg", kind="strip"))
