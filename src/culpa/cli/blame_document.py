# SPDX-License-Identifier: MIT
"""The document of `culpa blame --json`: an Investigation as plain values. Prints nothing, and computes nothing."""

from dataclasses import asdict
from typing import Any

from culpa.blaming.account import Blame
from culpa.blaming.deciding.retraining import Decided
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels.record import was_interrupted
from culpa.blaming.labels.report import LabelReport
from culpa.cli.deciding import decided_document
from culpa.engine.network import Network
from culpa.reporting.frames import plain
from culpa.tables.raw import RawTable

__all__ = ["blame_document"]

WEIGHTS = 20
"""Of the weights so many are listed, the heaviest: there may be millions."""


def blame_document(found: Investigation, table: RawTable, top: int, decided: Decided | None = None) -> dict[str, Any]:
    """An Investigation as plain values.

    Args:
        found: What `investigate` returned.
        table: The table that it was asked about.
        top: How many rows are listed, and how many weights.
        decided: What decisions have led to.
    """
    network, training, blame = found.network, found.network.training, found.blame
    return {
        "data": data_document(found, table),
        "choice": None if found.choice is None else asdict(found.choice),
        "tuning": None if found.tuning is None else found.tuning.to_dict(),
        "network": network_document(network),
        "training": None if training is None else training.to_dict(),
        "score": {
            "metric": found.metric,
            "network": found.score,
            "baselines": found.baselines,
            "beside": None if found.beside is None else found.beside._asdict(),
        },
        "check": {"ok": found.check.ok, "blocks": [block._asdict() for block in found.check.blocks]},
        **blame_accounts(blame),
        "examples": list(found.heaviest(top).rows()),
        "labels": None if blame.labels is None else labels_document(blame.labels, top),
        "missing": dict(blame.missing),
        "interrupted": found.interrupted or was_interrupted(found.network),
        "decisions": None if decided is None else decided_document(decided),
        "findings": [finding.to_dict() for finding in blame.findings],
    }


def blame_accounts(blame: Blame) -> dict[str, Any]:
    """The accounts: all layers, units and columns, and the heaviest of the weights."""
    return {
        "blame": {
            "loss": blame.loss,
            "penalty": blame.penalty,
            "norm": blame.norm,
            "first_order": blame.first_order,
            "decay": blame.decay._asdict(),
        },
        "layers": list(blame.layers.rows()),
        "units": list(blame.units.rows()),
        "columns": list(blame.columns.rows()),
        "weights": list(blame.heaviest_weights(WEIGHTS).rows()),
    }


def labels_document(report: LabelReport, top: int) -> dict[str, Any]:
    """A label report: how many labels are wrong, and the first suspects with their reasons."""
    rival = report.rival
    return {
        "method": report.method,
        "why": report.why,
        "task": report.task,
        "wrong": None if report.wrong is None else report.wrong._asdict(),
        "expected": None if report.expected is None else plain(report.expected[:top]),
        "memory": None if report.memory is None else report.memory._asdict(),
        "suspects": suspects_document(report, top),
        "rival": None if rival is None else labels_document(rival, top),
        "disagreements": None if rival is None else list(report.disagreements(top).rows()),
    }


def suspects_document(report: LabelReport, top: int) -> list[dict[str, Any]]:
    """The first suspects; reasons are None where none were made."""
    places = report.order[:top]
    rows = report.rows.take(places).rows()
    return [{**row, "reasons": reasons_document(report, int(place))} for place, row in zip(places, rows, strict=True)]


def reasons_document(report: LabelReport, place: int) -> dict[str, Any] | None:
    """Why a row is suspected."""
    reasons = report.reasons.get(place)
    if reasons is None:
        return None
    return {
        "columns": [argument._asdict() for argument in reasons.columns],
        "like_proposed": [neighbour._asdict() for neighbour in reasons.like_proposed],
        "like_given": [neighbour._asdict() for neighbour in reasons.like_given],
        "twins": list(reasons.twins),
    }


def network_document(network: Network) -> dict[str, Any]:
    """The network's shape."""
    return {
        "sizes": network.sizes,
        "hidden": [layer.activation.name for layer in network.layers[:-1]],
        "loss": network.loss.name,
        "l2": network.l2,
        "parameters": network.n_parameters,
    }


def data_document(found: Investigation, table: RawTable) -> dict[str, Any]:
    """The table, and what its columns were taken for."""
    columns = found.network.columns
    return {
        "name": table.name,
        "rows": len(table),
        "columns": list(table.names),
        "kinds": {name: table.judged[name].kind for name in table.names},
        "why": {name: table.judged[name].why for name in table.names},
        "set_aside": dict(table.set_aside),
        "inputs": None if columns is None else list(columns.encoded),
        "target": table.target,
        "task": table.task,
        "classes": None if table.classes is None else list(table.classes),
        "train_rows": len(found.train_rows),
        "held_out_rows": len(found.held_rows),
        "ids": table.ids is not None,
        "notes": list(table.notes),
    }
