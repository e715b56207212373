# SPDX-License-Identifier: MIT
"""A diagnosis in words, for a terminal of 80 columns. Knows what a diagnosis says, and not how it came about."""

from itertools import groupby

from culpa.checking.mistakes.diagnosis import Diagnosis
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
        lines += ["", f"It is the right gradient of the objective {found.objective}."]
    if found.verdict in ("mistake", "unknown"):
        lines += ["", *blocks(found)]
    if found.verdict == "unknown":
        lines += ["", f"Begin with {found.guilty}: counted from the output down, nothing before it is off."]
    if found.verdict == "mistake":
        lines += paragraphs(found)
    lines += others(found)
    if found.unseen:
        lines += ["", f"Not to be seen here: {'; '.join(found.unseen)}."]
    lines += [f"Note: {note}{'' if note.endswith('?') else '.'}" for note in found.notes]
    return "\n".join(folded(line) if line.strip() else "" for line in lines)


def headline(found: Diagnosis) -> str:
    """The sentence that matters first."""
    if found.verdict != "mistake":
        return VERDICTS[found.verdict]
    places = found.places()
    named = "; ".join(f"{mistake.kind} ({', '.join(blocks)})" for mistake, blocks in places)
    return f"{'a mistake' if len(places) == 1 else f'{len(places)} mistakes'}: {named}"


def blocks(found: Diagnosis) -> list[str]:
    """Each block's part, a line for each ruling that neighbours share."""
    lines = []
    for ruling, group in groupby(found.blocks, lambda block: block.ruling):
        names = " ".join(block.name for block in group)
        lines.append(f"  {names:<20}  {ruling}")
    return lines


def paragraphs(found: Diagnosis) -> list[str]:
    """Each mistake once: what is wrong, the line as it should be, and where the same is made again."""
    lines = []
    for mistake, blocks in found.places():
        lines += ["", f"{mistake.block}  {mistake.sentence}"]
        lines += [f"  the line   {mistake.line}", f"  in NumPy   {mistake.code}"]
        lines += [f"  likewise   {', '.join(blocks[1:])}"] if blocks[1:] else []
    return [*lines, "", "In NumPy here W[1] is W_1, the first of your weights, and h[0] is X."]


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
