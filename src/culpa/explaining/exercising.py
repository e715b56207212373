# SPDX-License-Identifier: MIT
"""Exercises: a small network to work through by hand, and its answer key; or a worked solution with a mistake to find.

    sheet      the network, its numbers, what to compute, blanks
    key        every intermediate value, by the same derivation as `explain`
    bug        a backward pass worked out wrongly in one line, out of the dictionary of mistakes

The same seed gives the same exercise. Knows which tasks there are and no format: both are Explanations.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from culpa.checking.mistakes.diagnosing import scene_for
from culpa.errors import OptionError
from culpa.explaining.derivation import PARTS, Explanation, Line, Part, Step
from culpa.explaining.explaining import explain
from culpa.explaining.planting import answer, planted, worked
from culpa.explaining.small import Small, small_example
from culpa.explaining.symbols import Symbols
from culpa.explaining.worth import in_numbers
from culpa.explaining.writing import Writer, numbers_of, sentence
from culpa.reporting.mathematics.expressions import Equation, Expression, Letter, Matrix
from culpa.reporting.mathematics.numerals import DIGITS

__all__ = ["Exercise", "exercise"]

BLANK = Letter("□", said="blank")
LARGEST = 6
"""A layer of an exercise is at most so wide: it is worked by hand, and printed whole."""
SHEET = "To be worked by hand: each □ is a number."
BUGGED = "Somebody has worked it by hand. One line is wrong; the lines after it follow from it."
KEY = "Every value of the exercise."


class Exercise(NamedTuple):
    """A problem and its answer.

    Attributes:
        sheet: What is asked, with blanks; or the solution in which a mistake is to be found.
        key: Every value; for a mistake, what it is, and the right values.
    """

    sheet: Explanation
    key: Explanation


def exercise(
    sizes: Sequence[int] = (2, 3, 2),
    *,
    activation: str = "logistic",
    loss: str | None = None,
    seed: int = 0,
    bug: bool = False,
    mistake: str | None = None,
    notation: str = "note",
    digits: int = DIGITS,
) -> Exercise:
    """Make an exercise in backpropagation, and its answer key.

    Args:
        sizes: The widths d_0, d_1, …, d_L, each at most 6.
        activation, loss: As for a Network; the loss is by default the one for so many outputs.
        seed: The same seed gives the same exercise.
        bug: Whether the sheet is a worked solution with a mistake to find.
        mistake: Which one, by the name that `diagnose` has for it, or by its number; there is a bug then.
        notation: "note", "ng", "cs231n" or "nielsen".
        digits: How many significant digits are shown.

    Raises:
        OptionError: If a layer is too wide, or a name is unknown; that of a mistake too, where it cannot be made.

    Example:
        >>> made = exercise([2, 2], seed=7)
        >>> [part.name for part in made.sheet.parts], made.key.part("bias").name
        (['given', 'tasks'], 'bias')
    """
    small = small_example(sizes, activation=activation, loss=loss, examples=1, seed=seed)
    widths = small.network.sizes
    if max(widths) > LARGEST:
        raise OptionError(f"An exercise is for networks of at most {LARGEST} units a layer; got {list(widths)}.")
    shape = f"{'-'.join(map(str, widths))} network, {activation}, {small.network.loss.name.replace('_', ' ')}"
    parts = [name for name in PARTS if name != "batch"]
    solved = explain(*small, part=parts, notation=notation, digits=digits)
    w = Writer(Symbols(solved.notation, len(widths) - 1), solved.worth, digits=solved.digits)
    if bug or mistake is not None:
        return with_mistake(w, small, solved, shape, seed, mistake)
    sheet = sheet_of(solved, f"Exercise {seed}: a {shape}", (given(w), tasks(w)), SHEET)
    key = sheet_of(solved, f"Exercise {seed}: answer key", solved.parts, KEY)
    return Exercise(sheet, key)


def sheet_of(like: Explanation, title: str, parts: tuple[Part, ...], about: str) -> Explanation:
    """A sheet in the notation of another; without its numbers, so that no drawing gives them away."""
    return Explanation(title, parts, like.notation, about=about, digits=like.digits)


def given(w: Writer) -> Part:
    """The network's numbers and the example's."""
    s, worth = w.symbols, numbers_of(w)
    lines = [value_line(w, s.h(0)), value_line(w, s.t())]
    steps = [Step("given-example", "The example", sentence("One example, and its target."), tuple(lines))]
    for k in w.given:
        named = [value_line(w, s.W(k)), *([value_line(w, s.b(k))] if w.has_bias(k) else [])]
        last = k == worth.depth
        name = worth.network.layers[k - 1].activation.name.replace("_", " ")
        what = f"its outputs are the {name} of its sums" if last else f"its activation is {name}"
        steps.append(
            Step(f"given-{k}", f"Layer {w.called(k)}", sentence(f"Layer {w.called(k)}: {what}."), tuple(named))
        )
    loss = worth.network.loss.name.replace("_", " ")
    steps.append(Step("given-loss", "The loss", sentence(f"The loss {{}} is the {loss}.", s.loss())))
    return Part("given", "Given", tuple(steps))


def value_line(w: Writer, letter: Expression) -> Line:
    """A letter and its value, in one equation."""
    return Line(Equation((letter, in_numbers(letter, numbers_of(w)))))


def tasks(w: Writer) -> Part:
    """What is to be computed, in the order of the passes, each with blanks."""
    steps = [
        Step(f"task-{number}", text, (), tuple(blank(w, letter) for letter in letters))
        for number, (text, letters) in enumerate(asked(w), 1)
    ]
    return Part("tasks", "Compute", tuple(steps))


def asked(w: Writer) -> Iterator[tuple[str, list[Expression]]]:
    """Each task, and what it asks for."""
    s, depth = w.symbols, numbers_of(w).depth
    for k in w.given:
        yield f"Forward, layer {w.called(k)}", [s.a(k), s.h(k)]
    yield "The loss", [s.loss()]
    yield "The error of the output", [s.delta(depth)]
    for k in range(depth - 1, 0, -1):
        yield f"Back to layer {w.called(k)}", [s.by("h", k), s.delta(k)]
    for k in w.given:
        yield f"The gradient of layer {w.called(k)}", [s.by("W", k), *([s.by("b", k)] if w.has_bias(k) else [])]


def blank(w: Writer, letter: Expression) -> Line:
    """A letter, and a blank for each of its entries."""
    value = in_numbers(letter, numbers_of(w))
    if not isinstance(value, Matrix):
        return Line(Equation((letter, BLANK)))
    cells = tuple(tuple(BLANK for _ in row) for row in value.cells)
    return Line(Equation((letter, Matrix(cells, value.rows, value.columns, value.shape))))


def with_mistake(w: Writer, small: Small, solved: Explanation, shape: str, seed: int, mistake: str | None) -> Exercise:
    """A worked solution with one mistake, and the key that names it."""
    scene = scene_for(small.network, small.X, small.y, "mean")
    found = planted(scene, seed=seed, digits=solved.digits, mistake=mistake)
    forward = next(part for part in solved.parts if part.name == "forward")
    parts = (given(w), forward, worked(w, found))
    sheet = sheet_of(solved, f"Exercise {seed}: find the mistake in a {shape}", parts, BUGGED)
    key = sheet_of(solved, f"Exercise {seed}: answer key", (answer(w, found), *solved.parts), KEY)
    return Exercise(sheet, key)
