# SPDX-License-Identifier: MIT
r"""The derivation as a LaTeX document, which pdflatex compiles; or as a fragment to be put into another one.

A fragment needs amsmath, amssymb and graphicx. What is too wide for a line stands one term a line, and what is still
too wide is made smaller, by TeX itself, which knows how wide it is. Computes nothing; all signs are ASCII.
"""

from collections.abc import Iterator

from culpa.explaining.derivation import Code, Explanation, Line, Listed, Part, Step, Words
from culpa.reporting.mathematics.expressions import Equation, Expression, Matrix, walk
from culpa.reporting.mathematics.extent import is_tall
from culpa.reporting.mathematics.latex import displayed, latex
from culpa.reporting.mathematics.latex_signs import ascii_code, escaped

__all__ = ["to_latex"]

ROOM = 40.0
"""A line of the document, in em."""
LETTERS = 86
"""A line of code has at most so many letters."""
COLUMNS = 10
"""A matrix of amsmath has at most so many columns, unless it is told otherwise."""
PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage{amsmath,amssymb,graphicx}
\usepackage[margin=2.2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\allowdisplaybreaks
\displaywidowpenalty=10000
\widowpenalty=10000
\clubpenalty=10000
"""
NUMBERED = r"""\renewcommand{\thesubsection}{\arabic{subsection}}
"""
"""The title stands above all numbers: parts are 1, 2, …, and steps 1.1, 1.2, …."""
ALONE = r"""\renewcommand{\thesubsubsection}{\arabic{subsubsection}}
"""
"""The steps of a single part are 1, 2, …."""
NAME = r"Name: \underline{\hspace{18em}}"


def to_latex(explanation: Explanation, *, fragment: bool = False) -> str:
    r"""Write an explanation in LaTeX.

    Args:
        explanation: What to write.
        fragment: Whether to give only what stands between \begin{document} and \end{document}.

    Returns:
        ASCII text that ends with a line's end.
    """
    digits = explanation.digits
    blocks = [f"\\section{'' if fragment else '*'}{{{escaped(explanation.title)}}}"]
    blocks += [NAME] if is_sheet(explanation) and not fragment else []
    blocks += [escaped(explanation.about)] if explanation.about else []
    if most := widest_matrix(explanation):
        blocks.insert(0, f"\\setcounter{{MaxMatrixCols}}{{{most}}}")
    for part in explanation.parts:
        blocks += part_blocks(part, digits, fragment or len(explanation.parts) > 1)
    blocks += [f"{{\\small {escaped(note)}\\par}}" for note in explanation.notes]
    if explanation.footer:
        blocks.append(footer(explanation))
    body = "\n\n".join(blocks)
    if fragment:
        return f"{body}\n"
    numbers = NUMBERED if len(explanation.parts) > 1 else ALONE
    return f"{PREAMBLE}{numbers}\\begin{{document}}\n\n{body}\n\n\\end{{document}}\n"


def is_sheet(explanation: Explanation) -> bool:
    """Whether somebody is to work on it, who has a name: it begins with what is given."""
    return any(part.name == "given" for part in explanation.parts[:1])


def widest_matrix(explanation: Explanation) -> int:
    """The columns of the widest matrix, if amsmath has to be told of them; else 0."""
    equations = (
        equation
        for part in explanation.parts
        for step in part.steps
        for line in step.lines
        for equation in (line.symbols, line.numbers)
    )
    columns = [len(part.columns) for equation in equations for part in walk(equation) if isinstance(part, Matrix)]
    return max((count for count in columns if count > COLUMNS), default=0)


def part_blocks(part: Part, digits: int, numbered: bool) -> Iterator[str]:
    """A part's heading and its steps; a part that stands alone has no number."""
    yield f"\\subsection{'' if numbered else '*'}{{{escaped(part.heading)}}}"
    for step in part.steps:
        yield from step_blocks(step, digits)


def step_blocks(step: Step, digits: int) -> Iterator[str]:
    """A step's heading, sentence with its equations, table and code."""
    if step.heading:
        yield f"\\subsubsection{{{escaped(step.heading)}}}"
    # The display follows its sentence without an empty line, which would be a paragraph of its own.
    together = [part for part in (sentence(step.words, digits), display(step.lines, digits)) if part]
    if together:
        yield "\n".join(together)
    if step.listed is not None:
        yield table(step.listed, digits)
    if step.code is not None:
        yield verbatim(step.code)


def sentence(words: Words, digits: int) -> str:
    """Words with formulas between dollar signs."""
    return "".join(text(part, digits) for part in words)


def text(part: "str | Expression | Equation", digits: int) -> str:
    """A few words, or one formula in a line."""
    return escaped(part) if isinstance(part, str) else f"${latex(part, digits=digits)}$"


def display(lines: tuple[Line, ...], digits: int) -> str:
    """Equations one below the other, each in letters and in numbers."""
    rows = " \\\\[0.8em]\n".join(filter(None, (fitted(line, digits) for line in lines)))
    return f"\\begin{{gather*}}\n{rows}\n\\end{{gather*}}" if rows else ""


def fitted(line: Line, digits: int) -> str:
    """An equation that is no wider than the page."""
    return displayed(line.symbols, line.numbers, digits=digits, room=ROOM, fit=shrunk)


def shrunk(formula: str, less: float) -> str:
    """A formula that TeX makes smaller if it is wider than the line less so many em."""
    room = rf"\dimexpr\linewidth-{less + 1:.1f}em\relax"
    return f"\\resizebox{{\\ifdim\\width>{room}{room}\\else\\width\\fi}}{{!}}{{$\\displaystyle\n{formula}\n$}}"


def table(listed: Listed, digits: int) -> str:
    """Rows under the names of their columns, no wider than the page, and with room for fractions."""
    rows = [" & ".join(text(cell, digits) for cell in row) for row in (listed.headers, *listed.rows)]
    body = "\n".join([f"{rows[0]} \\\\ \\hline", *(f"{row} \\\\" for row in rows[1:])])
    tall = any(isinstance(cell, Expression) and is_tall(cell) for row in listed.rows for cell in row)
    written = f"\\begin{{tabular}}{{{'l' * len(listed.headers)}}}\n{body}\n\\end{{tabular}}"
    return (
        f"{{\\renewcommand{{\\arraystretch}}{{{1.6 if tall else 1.15}}}\\nopagebreak\n"
        f"\\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{%\n{written}}}\\par}}"
    )


def verbatim(code: Code) -> str:
    """NumPy statements as they are; a long one goes on below after a comma, where Python lets it."""
    statements = "\n".join(continued(ascii_code(line)) for each in code.statements for line in each.splitlines())
    return f"{{\\small\n\\begin{{verbatim}}\n{statements}\n\\end{{verbatim}}\n}}"


def continued(statement: str) -> str:
    """A line of code, broken after commas if it is too long; its commas stand in brackets."""
    if len(statement) <= LETTERS or "#" in statement:
        return statement
    indent = " " * (len(statement) - len(statement.lstrip()) + 4)
    done, line = "", ""
    for part in statement.split(", "):
        joined = f"{line}, {part}" if line else part
        if line and len(joined) >= LETTERS:
            done, joined = f"{done}{line},\n", indent + part
        line = joined
    return done + line


def footer(explanation: Explanation) -> str:
    """What it takes to get the same again."""
    rows = [f"{escaped(name)}: {escaped(value)}\\\\" for name, value in explanation.footer.items()]
    return "{\\footnotesize\\raggedright\n" + "\n".join(rows).removesuffix("\\\\") + "\\par}"
