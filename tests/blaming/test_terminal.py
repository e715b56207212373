# SPDX-License-Identifier: MIT
"""Findings on a terminal: each sentence stands there, and a command that two of them share stands there once."""

import io

from culpa.blaming.findings.finding import Finding
from culpa.blaming.terminal import show_findings
from culpa.reporting.terminal import console


def shown(*commands):
    """What is printed of findings with these commands."""
    out = io.StringIO()
    show_findings(console(out), [Finding("few rows", f"Finding {k}.", {}, "", one) for k, one in enumerate(commands)])
    return out.getvalue().splitlines()


def test_a_command_that_two_findings_share_is_offered_once():
    both = ("culpa", "blame", "a.csv", "--suspects", "s.csv")
    lines = shown(both, both, (*both, "--tune", "5"))
    assert [line for line in lines if line.startswith("•")] == [f"• Finding {k}." for k in range(3)]
    assert [line.removeprefix("  next: culpa blame a.csv --suspects s.csv") for line in lines if "next:" in line] == [
        "",
        " --tune 5",
    ]


def test_a_finding_without_a_command_is_its_sentence():
    assert shown((), "found.blame.units") == ["", "• Finding 0.", "• Finding 1.", "  found.blame.units"]
