# SPDX-License-Identifier: MIT
"""The top of the page: the sentence that matters first, the score beside who tries less, and what was found."""

from collections.abc import Iterator
from html import escape

import numpy as np

from culpa.blaming.deciding.retraining import sentences
from culpa.blaming.examples_terminal import amount
from culpa.blaming.findings.finding import Finding
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.measures import Detection, Distance
from culpa.blaming.page.commands import command_of
from culpa.blaming.page.shown import FIRST, Shown, bar, grid, number, section, share, text
from culpa.blaming.terminal import measure as plainly
from culpa.reporting.terminal import count

__all__ = ["beside", "findings", "opening", "scores", "worth"]

KNOWN = {
    "likely": "look wrong",
    "low": "at least",
    "high": "at most",
    "expected": "expected to be wrong of as many suspects",
    "asked": "rows asked about",
    "asked unseen": "asked before they were seen",
    "given unseen": "given their label then",
}
"""What stands before a number of the evidence, where its name alone says little."""


def opening(shown: Shown) -> str:
    """The title, and the two or three sentences for which the page is opened."""
    first, *rest = [*labels_sentences(shown), *score_sentences(shown), *loss_sentences(shown)]
    more = f'<p class="lead">{" ".join(rest)}</p>\n' if rest else ""
    return f'<header>\n<h1>{text(shown.title)}</h1>\n<p class="matters">{first}</p>\n{more}</header>\n'


def labels_sentences(shown: Shown) -> Iterator[str]:
    """How many labels look wrong, or which is the likeliest."""
    report = shown.labels
    if report is None or len(report) == 0:
        return
    ranked, settled = len(report.order), len(report) - len(report.order)
    if not ranked:
        yield f"Every one of {count(len(report), 'row')} has been decided on."
        return
    yield wrong_sentence(shown, report)
    if settled:
        yield f"{count(settled, 'row')} that you have decided on {'is' if settled == 1 else 'are'} not ranked."


def wrong_sentence(shown: Shown, report: LabelReport) -> str:
    """How many of the ranked labels look wrong, or which is the likeliest."""
    ranked = len(report.order)
    what = "labels" if report.task == "classification" else f"values of {text(shown.target)}"
    if report.wrong is not None:
        likely, low, high = (round(float(value)) for value in report.wrong)
        between = f'(<span class="low">{low:,}</span> to <span class="high">{high:,}</span>)'
        first = min(shown.top, FIRST, ranked)
        among = report.foreseen(first)
        if likely == 0:
            return (
                f"No more of <strong>{ranked:,} {what}</strong> look wrong than chance would make {between}; "
                "those that surprise most stand first."
            )
        look = "looks" if likely == 1 else "look"
        return (
            f'About <strong><span class="likely">{likely:,}</span> of {ranked:,} {what}</strong> {look} wrong '
            f"{between}"
            + (f'; of the first {first:,} about <span class="expected">{among:,.0f}</span>.' if among else ".")
        )
    place = int(report.order[0])
    row, given, proposed = (report.rows[name][place] for name in ("row", "given", "proposed"))
    return (
        f"Of {ranked:,} {what} that of row {int(row):,} is the likeliest to be wrong: it is given as "
        f"<strong>{shown.given(given)}</strong>, and {shown.label(proposed)} is proposed."
    )


def score_sentences(shown: Shown) -> Iterator[str]:
    """What the score is, and whether it is worth anything."""
    found = shown.found
    if found is None or np.isnan(found.score):
        return
    rows = count(len(found.held_rows) or len(found.train_rows), "row")
    where = f"the {rows} that were held out" if len(found.held_rows) else f"all {rows}"
    simple = max(found.baselines.items(), key=lambda pair: pair[1], default=None)
    measured = f'<strong class="score">{measure(found, found.score)}</strong>'
    line = (
        f"The network gets {measured} of {where} right"
        if found.metric == "accuracy"
        else f"R² is {measured} on {where}"
    )
    if simple is None:
        yield f"{line}."
    else:
        both = [measure(found, value) for value in (found.score, simple[1])]
        beaten = "is no better than" if both[0] == both[1] else "beats" if found.score > simple[1] else "does not beat"
        yield f"{line}, and {beaten} the {text(simple[0])}, {both[1]}."


def loss_sentences(shown: Shown) -> Iterator[str]:
    """Which rows and which layer carry the most."""
    shares = np.sort(shown.blame.examples["share"])[::-1]
    first = min(12, len(shares))
    kind = "training row" if shown.found is not None and len(shown.found.held_rows) else "row"
    if first and shares[0] > 0:
        carried = share(float(shares[:first].sum()))
        yield f"{first} of {count(len(shares), kind)} carry {carried} of the loss."
    layers = shown.blame.layers
    if len(layers) > 1:
        most = int(np.nanargmax(layers["share"]))
        part = share(float(layers["share"][most]))
        yield f"Layer {int(layers['layer'][most])} of {len(layers)} carries {part} of the squared gradient."


def measure(found: Investigation, value: float) -> str:
    """As in the terminal, with a blank at which no line is broken."""
    return plainly(found, value).replace(" %", "\u00a0%")


def worth(shown: Shown) -> str:
    """What the decisions have led to, in the very sentences of the terminal; nothing where nothing was decided."""
    if shown.decided is None:
        return ""
    lines = "".join(
        f"<div><dt>{escape(word)}</dt><dd>{escape(said)}</dd></div>" for word, said in sentences(shown.decided)
    )
    return section("decided", "What the decisions were worth", f'<dl class="decided">{lines}</dl>')


def findings(shown: Shown) -> str:
    """What the numbers prove, each with its evidence, what to do about it and the command that shows it."""
    found = shown.blame.findings
    return section(
        "findings", "What was found", *([f'<ol class="findings">{"".join(map(finding, found))}</ol>'] if found else [])
    )


def finding(found: Finding) -> str:
    """One finding as an item of a list."""
    command = command_of(found.command)
    pairs = ", ".join(
        f"{text(KNOWN.get(name, name)).replace('_', ' ')} {share(value) if name == 'expected' else worded(value)}"
        for name, value in found.evidence.items()
    )
    evidence = f'<p class="evidence">{pairs}</p>' if pairs else ""
    remedy = f"<p>{escape(found.remedy)}</p>" if found.remedy else ""
    sentence = f"<p><strong>{escape(found.sentence)}</strong></p>"
    return f'<li data-kind="{escape(found.kind)}">{sentence}{remedy}{evidence}{command}</li>\n'


def worded(value: object) -> str:
    """A piece of evidence: a number, a text, or several of them."""
    if isinstance(value, bool | str) or value is None:
        return text(value)
    if isinstance(value, int | float | np.number):
        return number(value.item() if isinstance(value, np.number) else value)
    if isinstance(value, list | tuple | np.ndarray):
        few = [worded(part) for part in list(value)[:6]]
        return ", ".join(few) + (f" and {len(value) - 6:,} more" if len(value) > 6 else "")
    return text(value)


def scores(shown: Shown) -> str:
    """The score beside the baselines, as bars; what stands beside it; whether the gradient is right."""
    found = shown.found
    if found is None:
        return ""
    everyone = sorted([("this network", found.score), *found.baselines.items()], key=lambda pair: -pair[1])
    rows = [
        (f"<strong>{name}</strong>" if name == "this network" else text(name), bar(value, measure(found, value)))
        for name, value in everyone
    ]
    where = f"{count(len(found.held_rows), 'held-out row')}" if len(found.held_rows) else "all rows"
    right = "right" if found.metric == "accuracy" else "R²"
    lines = "".join(f"<p>{line}</p>" for line in (*beside(found), checked(found)))
    return section("score", "How good it is", grid(f"Scores on {where}", [f"on {where}", right], rows), lines)


def beside(found: Investigation) -> Iterator[str]:
    """How well the class that is looked for is found, or how far off the answers are."""
    told = found.beside
    if isinstance(told, Detection) and told.there:
        name = f"‘{text(told.label)}’"
        part = share(told.recall)
        yield f"Of the {count(told.there, 'row')} that are {name}, {told.found:,} are found (recall {part})."
        if told.called:
            right = share(told.precision)
            yield f"Of the {count(told.called, 'row')} called {name}, {told.found:,} are (precision {right})."
    if isinstance(told, Distance) and not np.isnan(told.median):
        target = text("the target" if found.network.columns is None else found.network.columns.target)
        scale = 0.0 if found.network.columns is None else found.network.columns.target_scale
        middle, root = (text(amount(value, scale)) for value in told)
        yield f"Off by {middle} (median), {root} (root mean square), in units of {target}."


def checked(found: Investigation) -> str:
    """What the check of the gradient says."""
    blocks, method = found.check.blocks, text(found.check.method)
    wrong = [text(block.name) for block in blocks if block.verdict == "wrong"]
    if wrong:
        return f'<strong class="wrong">The gradient is wrong</strong> in {", ".join(wrong)}, by {method}.'
    if not blocks:
        return "The gradient was not checked: the check was interrupted."
    if not found.check.ok:
        return "The gradient could not be tested at this point: it is zero to rounding."
    return f"The gradient is right to {int(found.check.digits)} digits, checked by {method}."
