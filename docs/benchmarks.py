# SPDX-License-Identifier: MIT
"""Writes the tables of results in the pages and draws `figures/benchmarks.svg`, from what `bench/results` has kept.

Run `python docs/benchmarks.py` from the root after a benchmark. Nothing is measured here. The tables leave out the
rivals' own bare products, which only the scripts' closing lines use; the chart leaves out the slower way to compile.
"""

import json
import re
from html import escape
from math import log, log2
from pathlib import Path
from statistics import mean, stdev
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = tuple(ROOT / f"docs/{name}.md" for name in ("benchmarks", "checking", "labels", "tables"))
CHART, RESULTS = ROOT / "docs/figures/benchmarks.svg", ROOT / "bench/results"
TABLE = re.compile(r"<!-- results: (?P<name>\S+) -->\n.*?<!-- end -->", re.DOTALL)
BASES = ("culpa", "culpa.fit", "gradient + norms", "plain gradient", "plain")
"""What the others are divided by, the first of these that is there."""
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; } .small { font-size: 11.5px; fill: #59636e; }
  .bar { fill: #8c959f; fill-opacity: .55; } .ours { fill: #0072b2; fill-opacity: 1; } .floor { fill: #d0d7de; }
  .one { stroke: #0072b2; stroke-width: 1; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9da7b1; }
    .bar { fill: #7d8590; } .ours { fill: #56b4e9; } .floor { fill: #30363d; } .one { stroke: #56b4e9; }
  }
"""
PANEL, LABEL, LINE = 480, 222, 22


def results(name: str) -> dict[str, Any]:
    """One kept document."""
    document: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def shown(times: dict[str, float]) -> dict[str, float]:
    """Those that a reader compares."""
    return {rival: time for rival, time in times.items() if not re.search(r"'s? bare products", rival)}


def base_of(times: dict[str, float]) -> str:
    """What the others are divided by."""
    return next((name for name in BASES if name in times), next(iter(times)))


def duration(microseconds: float) -> str:
    """A time with three digits and its unit."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.3g} {unit}"
    return f"{microseconds:.3g} µs"


def machine(document: dict[str, Any]) -> str:
    """The machine in one line."""
    facts = document["machine"]
    threads = f"{document['threads']} thread{'s' if document['threads'] > 1 else ''}"
    return f"{facts['cpu']}, {threads}; {'; '.join(facts['blas'])}; {versions(facts)}"


def versions(facts: dict[str, Any]) -> str:
    """What was installed on a machine."""
    return ", ".join(f"{name} {number}" for name, number in facts.items() if re.fullmatch(r"[\d.]+\S*", str(number)))


def tables(name: str) -> str:
    """All results of one document as tables in Markdown."""
    document, head = results(name), f"<!-- results: {name} -->"
    if "counts" in document:
        parts = [*accepted(document["counts"]), "", *by_size(document["zeros"]), ""]
        return "\n".join([head, f"*{versions(document['machine'])}*", "", *parts, "<!-- end -->"])
    if name in ("big_tables", "blame"):
        facts = document["machine"]
        about = f"*{facts['cpu']}, 2 cores; numpy {facts['numpy']}, scikit-learn {facts['scikit-learn']}*"
        return "\n".join([head, about, "", *in_memory(document["results"]), "", "<!-- end -->"])
    lines = [head, f"*{machine(document)}*", ""]
    if name in LABELS:
        about = versions({name: document["machine"][name] for name in ("numpy", "scikit-learn")})
        return "\n".join([head, f"*{about}*", "", *LABELS[name](document), "", "<!-- end -->"])
    if "accuracy" in document:
        return "\n".join([*lines, *held_out(document["accuracy"]), "", "<!-- end -->"])
    if name.startswith("threads"):
        return "\n".join([*lines, *side_by_side(document["results"]), "", "<!-- end -->"])
    for title, times in document["results"].items():
        base = base_of(times)
        lines += [f"**{title}**", "", f"| | time | ÷ {base} |", "|---|---:|---:|"]
        lines += [f"| {rival} | {duration(time)} | {time / times[base]:.2f} |" for rival, time in shown(times).items()]
        lines.append("")
    return "\n".join([*lines, "<!-- end -->"])


def side_by_side(found: dict[str, dict[str, float]]) -> list[str]:
    """One table of all, a line each, of the times on the clock."""
    first = [name for name in next(iter(found.values())) if name.endswith("clock")]
    lines = [
        "| | " + " | ".join(name.removesuffix(", clock") for name in first) + " |",
        "|---" + "|---:" * len(first) + "|",
    ]
    return lines + [
        f"| {title} | " + " | ".join(duration(times[name]) for name in first) + " |" for title, times in found.items()
    ]


def held_out(found: dict[str, Any]) -> list[str]:
    """One table of scores on rows held out, a line each, with the paired differences and their standard errors."""
    lines = [
        "| | rows | inputs | task | culpa | MLP | boosting | linear | culpa − MLP | culpa − boosting | time |",
        "|---" * 4 + "|---:" * 7 + "|",
    ]
    for name, each in found.items():
        scores = each["scores"]
        means = [f"{100 * mean(kept):.1f}" for kept in scores.values()]
        task = "R²" if each["classes"] is None else f"{each['classes']} classes"
        gaps = [gap(scores["culpa"], scores[rival]) for rival in ("MLP", "HistGradientBoosting")]
        cells = [name, f"{each['rows']:,}", str(each["inputs"]), task, *means, *gaps]
        lines.append(f"| {' | '.join(cells)} | {duration(1e6 * each['seconds']['culpa'])} |")
    return lines


def in_memory(found: dict[str, Any]) -> list[str]:
    """One table of whole commands: the file, the time on the clock and on the processors, the greatest memory."""
    lines = ["| | file | clock | processors | memory |", "|---|---:|---:|---:|---:|"]
    return lines + [
        f"| {title} | {each['file']:.0f} MB | {each['seconds']:.0f} s | {each['cpu']:.0f} s "
        f"| {each['memory'] / 1000:.2f} GB |"
        for title, each in found.items()
    ]


def found_and_counted(document: dict[str, Any]) -> list[str]:
    """How planted labels are found and counted, and what was foretold of them."""
    return [*planted(document), *counted(document["labels"]), "", *foretold(document["labels"])]


def step_by_step(document: dict[str, Any]) -> list[str]:
    """What each way of ranking finds of each kind of planting, the mean of the tables, and on one of them."""
    found, one = document["rounds"], "breast_cancer"
    kinds = {"uniform": "any row alike", "class-dependent": "by class", "boundary": "near the boundary"}
    lines = ["| | " + " | ".join(kinds.values()) + f" | {one} |", "|---" + "|---:" * (len(kinds) + 1) + "|"]
    for way in found[one]["uniform"]:
        means = [f"{mean(table[kind][way] for table in found.values()):.3f}" for kind in kinds]
        lines.append(
            f"| {way} | {' | '.join(means)} | {' / '.join(f'{found[one][kind][way]:.3f}' for kind in kinds)} |"
        )
    return lines


def planted(document: dict[str, Any]) -> list[str]:
    """How planted labels are found, a table for each kind of planting, with what was to be reached."""
    lines = []
    for kind, title in (
        ("uniform", "any row alike"),
        ("class-dependent", "by class"),
        ("boundary", "near the boundary"),
    ):
        each = {name: kept["plantings"][f"{kind} 0.1"] for name, kept in document["labels"].items()}
        goals = document["goals"].get(kind, {})
        rivals = list(dict.fromkeys(who for cells in each.values() for cell in cells for who in cell["measures"]))
        lines += [f"**10 % of the labels wrong, {title}: area under the ROC curve / average precision**", ""]
        lines += ["| | " + " | ".join([*rivals, *["goal"] * bool(goals)]) + " |"]
        lines += ["|---" + "|---:" * (len(rivals) + bool(goals)) + "|"]
        for name, cells in each.items():
            asked = [[cell["measures"][who] for cell in cells if who in cell["measures"]] for who in rivals]
            told = [" / ".join(f"{mean(each):.3f}" for each in zip(*kept, strict=True)) or "–" for kept in asked]
            goal = ["{:.3f} / {:.3f}".format(*goals[name]) if name in goals else ""] * bool(goals)
            lines.append(f"| {name} | " + " | ".join([*told, *goal]) + " |")
        lines.append("")
    return lines


def counted(found: dict[str, Any]) -> list[str]:
    """How many wrong labels are counted for each one that was planted."""
    shares = ("0.02", "0.05", "0.1", "0.2")
    heads = " | ".join(f"{100 * float(share):.0f} %" for share in shares)
    lines = ["**Labels counted as wrong for each one that was planted, the mean of the three kinds**", ""]
    lines += [f"| | counted with none planted | {heads} |", "|---" + "|---:" * (1 + len(shares)) + "|"]
    for name, kept in found.items():
        ratios = [
            mean(n / true for key, pairs in kept["counts"].items() if key.split()[1] == share for n, true in pairs)
            for share in shares
        ]
        none = f"{kept['unplanted']} of {kept['rows']:,}"
        lines.append(f"| {name} | {none} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    return lines


def astray(pairs: list[tuple[float, float]]) -> float:
    """By how much counts are off, the mean of |log| of counted over true; a count of none is taken for a half."""
    return mean(abs(log(max(n, 0.5) / true)) for n, true in pairs)


def wrong_values(document: dict[str, Any]) -> list[str]:
    """How exchanged values are found, and how they are counted: two tables and what the intervals hold."""
    found = document["targets"]
    rivals = list(next(iter(found.values()))["precisions"])
    lines = ["**5 % of the values exchanged: average precision**", "", "| | rows | " + " | ".join(rivals) + " |"]
    lines.append("|---" + "|---:" * (1 + len(rivals)) + "|")
    for name, kept in found.items():
        cells = [f"{mean(kept['precisions'][rival]):.3f}" for rival in rivals]
        lines.append(f"| {name} | {kept['rows']:,} | " + " | ".join(cells) + " |")
    shares = [f"{share:g}" for share in document["shares"]]
    heads = " | ".join(f"{100 * float(share):.0f} % exchanged" for share in shares)
    lines += ["", "**How many are counted, of how many**", "", f"| | {heads} |", "|---" + "|---:" * len(shares) + "|"]
    for name, kept in found.items():
        cells = [", ".join(f"{one['counted'][0]:.0f}" for one in kept["plantings"][share]) + " of "
                 + str(kept["plantings"][share][0]["wrong"]) for share in shares]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    each = [one for kept in found.values() for share in shares[1:] for one in kept["plantings"][share]]
    held = sum(one["counted"][1] <= one["wrong"] <= one["counted"][2] for one in each)
    gaps = [mean(abs(a - b) for a, b in zip(one["expected"], one["precision"], strict=True)) for one in each]
    inside = mean(one["inside"] for kept in found.values() for one in kept["plantings"][shares[0]])
    told = (
        f"The interval held the true number in {held} of {len(each)} plantings. The share expected among the first k "
        f"was off by {mean(gaps):.2f}. Where nothing was exchanged, {100 * inside:.0f} % of the values lay in the "
        "interval around what was proposed."
    )
    return [*lines, "", told]


def foretold(found: dict[str, Any]) -> list[str]:
    """Sentences under the tables of labels: the count's error, the first k, the proposals, what is known by heart."""
    counts = [
        (key.split()[1], pair) for kept in found.values() for key, each in kept["counts"].items() for pair in each
    ]
    # Small tables are planted more often; in these means each table counts alike.
    fewest = min(len(each) for kept in found.values() for each in kept["plantings"].values())
    cells = [cell for kept in found.values() for each in kept["plantings"].values() for cell in each[:fewest]]
    off = mean(abs(cell["expected"][2] - cell["precision"][2]) for cell in cells)
    apart: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        for who, n in cell.get("cleanlab counts", {}).items():
            apart.setdefault(who, []).append((n, cell["wrong"]))
    theirs = " and ".join(f"{astray(each):.2f} ({who})" for who, each in apart.items())
    few, ten = (
        astray([tuple(pair) for share, pair in counts if share in asked]) for asked in (("0.05", "0.1"), ("0.1",))
    )
    lines = [
        f"The count is off by {few:.2f} in the natural logarithm, the mean over 5 and 10 %; at 10 % alone by "
        f"{ten:.2f}, and cleanlab's own by {theirs}.",
        f"The share expected among the first k, as many as were planted, is off by {off:.2f}. The proposed label is "
        f"the true one for {100 * mean(cell['proposed right'] for cell in cells):.0f} % of the planted labels.",
    ]
    if "by heart" in found.get("digits", {}):
        each = found["digits"]["by heart"]
        ours, plain = (mean(kept[who][0] for kept in each) for who in ("record", "plain loss"))
        lines += [
            "",
            f"Digits after 300 epochs without a penalty, 10 % of the labels wrong: the area is {ours:.4f} by the "
            f"record alone, the goal being .995, and {plain:.4f} by the plain loss of the network, which knows them.",
        ]
    return lines


def gap(ours: list[float], theirs: list[float]) -> str:
    """The mean of the paired differences over splits by quarters, and its corrected standard error, in hundredths."""
    paired = [100 * (one - other) for one, other in zip(ours, theirs, strict=True)]
    return f"{mean(paired):+.2f} ± {stdev(paired) * (1 / len(paired) + 1 / 3) ** 0.5:.2f}".replace("-", "−")


def accepted(counts: dict[str, dict[str, dict[str, int]]]) -> list[str]:
    """How many wrong gradients each checker accepted; in brackets, how many right ones, where it refused some."""
    of = {title: found["of"] for title, found in counts.items()}
    checkers = dict.fromkeys(name for found in counts.values() for name in found if name != "of")

    def cell(title: str, name: str) -> str:
        found = counts[title].get(name)
        if found is None:
            return "–"
        right = of[title]["right"]
        return str(found["wrong"]) + (f" (right ones: {found['right']} of {right})" if found["right"] < right else "")

    heads = [f"{title}: of {total['wrong']}" for title, total in of.items()]
    lines = ["| wrong gradients accepted | " + " | ".join(heads) + " |", "|---" + "|---:" * len(heads) + "|"]
    lines += [f"| {name} | " + " | ".join(cell(title, name) for title in of) + " |" for name in checkers]
    wrong, decay = next((total["wrong"], total["decay"]) for total in of.values() if "decay" in total)
    return [*lines, "", f"{decay} of the {wrong} are mistakes in the weight decay."]


def by_size(found: dict[str, dict[str, bool]]) -> list[str]:
    """Which checkers accepted a derivative of zero, a column for each number of outputs."""
    sizes = list(next(iter(found.values())))
    lines = ["| a derivative of zero | " + " | ".join(sizes) + " outputs |", "|---" * (len(sizes) + 1) + "|"]
    return lines + [
        f"| {name} | " + " | ".join("accepted" if said[size] else "refused" for size in sizes) + " |"
        for name, said in found.items()
    ]


def panel(title: str, times: dict[str, float], x: float, y: float) -> list[str]:
    """One chart of bars on a logarithmic scale; the dashed line is culpa's own time."""
    base = times[base_of(times)]
    ratios = {rival: time / base for rival, time in shown(times).items() if "compile of the loss" not in rival}
    low, high = min(-1.0, log2(min(ratios.values())) - 0.3), max(3.0, log2(max(ratios.values())))
    left, room = x + LABEL, PANEL - LABEL - 90
    scale = room / (high - low)
    one = left - low * scale
    parts = [f'<text x="{x + 4:g}" y="{y:g}" class="title">{escape(title)}</text>']
    for k, (rival, ratio) in enumerate(ratios.items()):
        top = y + 12 + k * LINE
        kind = "bar ours" if rival.startswith("culpa") else "bar floor" if rival == "bare products" else "bar"
        length = max(1.0, (log2(ratio) - low) * scale)
        parts += [
            f'<text x="{left - 8:g}" y="{top + 14:g}" text-anchor="end" class="small">{escape(rival)}</text>',
            f'<rect x="{left:g}" y="{top + 3:g}" width="{length:.1f}" height="{LINE - 7}" class="{kind}"/>',
            f'<text x="{left + length + 6:.1f}" y="{top + 14:g}" class="small">{ratio:.2f} ×</text>',
        ]
    bottom = y + 16 + len(ratios) * LINE
    parts.append(f'<line x1="{one:.1f}" y1="{y + 10:g}" x2="{one:.1f}" y2="{bottom:g}" class="one"/>')
    return parts


def draw() -> str:
    """The chart of one gradient step on one thread, a panel for each network."""
    document = results("step-1")
    parts, top = [], 24.0
    for title, times in document["results"].items():
        parts += panel(title, times, 0, top)
        top += (len(shown(times)) - 2) * LINE + 56
    label = "One gradient step: each rival's time divided by culpa's, for several networks"
    box = f'width="{PANEL}" viewBox="0 0 {PANEL} {top:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{label}">'
    return "\n".join([head, f"<title>{label}</title>", f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def rewritten(page: str) -> str:
    """The page with its tables as the kept results have them."""
    return TABLE.sub(lambda match: tables(match["name"]), page)


LABELS = {"labels": found_and_counted, "rounds": step_by_step, "targets": wrong_values}
"""Documents on wrong labels and values, and who makes their tables."""


if __name__ == "__main__":
    CHART.write_text(draw(), encoding="utf-8")
    for page in PAGES:
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
    print("wrote", *(path.relative_to(ROOT) for path in (*PAGES, CHART)))
