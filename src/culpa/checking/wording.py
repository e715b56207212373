# SPDX-License-Identifier: MIT
"""A diagnosis in words, for a terminal of 80 columns. Knows what a diagnosis says, and not how it came about."""

from collections.abc import Sequence
from itertools import groupby

from culpa.checking.diagnosis import Diagnosis, Mistake
from culpa.reporting.terminal import folded

__all__ = ["whole_text"]

MOST_SHOWN = 6
"""So many further explanations are written out."""
VERDICTS = {
    "right": "right: this is the gradient of the network's objective",
    "another objective": "another objective: right in itself, but not what the network says that it minimises",
    "unknown": "unknown: wrong, and no mistake in the dictionary explains it",
}


def whole_text(found: Diagnosis) -> str:
    """All of a diagnosis: the verdict, the blocks, the mistakes with their lines, and what could not be seen."""
    lines = [headline(found)]
    if found.objective is not None:
        lines += ["", f"It is the gradient of the objective {found.objective}."]
    if found.verdict in ("mistake", "unknown"):
        lines += ["", *blocks(found)]
    if found.verdict == "unknown":
        lines += ["", f"Begin with {found.guilty}: counted from the output down, nothing before it is off."]
    if found.verdict == "mistake":
        lines += paragraphs(found.mistakes)
    lines += others(found)
    if found.unseen:
        lines += ["", f"Not to be seen here: {'; '.join(found.unseen)}."]
    lines += [f"Note: {note}." for note in found.notes]
    return "\n".join(folded(line) if line.strip() else "" for line in lines)


def headline(found: Diagnosis) -> str:
    """The sentence that matters first."""
    if found.verdict != "mistake":
        return VERDICTS[found.verdict]
    kinds = list(dict.fromkeys(mistake.kind for mistake in found.mistakes))
    named = [f"{kind} ({', '.join(m.block for m in found.mistakes if m.kind == kind)})" for kind in kinds]
    return f"{'a mistake' if len(found.mistakes) == 1 else f'{len(found.mistakes)} mistakes'}: {'; '.join(named)}"


def blocks(found: Diagnosis) -> list[str]:
    """Each block's part, a line for each ruling that neighbours share."""
    lines = []
    for ruling, group in groupby(found.blocks, lambda block: block.ruling):
        names = " ".join(block.name for block in group)
        lines.append(f"  {names:<20}  {ruling}")
    return lines


def paragraphs(mistakes: Sequence[Mistake]) -> list[str]:
    """Each mistake once: what is wrong, the line as it should be, and where the same is made again."""
    lines, told = [], set()
    for mistake in mistakes:
        if mistake.kind not in told:
            lines += ["", f"{mistake.block}  {mistake.sentence}"]
            lines += [f"  the line   {mistake.line}", f"  in NumPy   {mistake.code}"]
            again = [other.block for other in mistakes if other.kind == mistake.kind and other is not mistake]
            lines += [f"  likewise   {', '.join(again)}"] if again else []
        told.add(mistake.kind)
    return lines


def others(found: Diagnosis) -> list[str]:
    """The explanations that make the same gradient here."""
    if found.verdict == "another objective":
        rest, label = found.explanations, "As a mistake this would be"
    else:
        rest, label = found.explanations[1:], "The same formula here"
    if not rest:
        return []
    said = ["; ".join(f"{mistake.kind} ({mistake.block})" for mistake in mistakes) for mistakes in rest]
    said = list(dict.fromkeys(said))
    more = f", and {len(said) - MOST_SHOWN} more" if len(said) > MOST_SHOWN else ""
    return ["", f"{label}: {', or '.join(said[:MOST_SHOWN])}{more}."]
