# SPDX-License-Identifier: MIT
"""Planting: a worked backward pass with one line wrong, out of the dictionary of mistakes, and the answer to it.

    planted     which mistake: one that shows clearly in its own line, at the digits that are printed
    worked      the backward pass as it was worked, from the output down
    answer      the first wrong line, as it stands there and as it should be, in the sheet's own letters

Lines below the wrong one follow from it. Knows no sheet and no format.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.diagnosis import mistake_of
from culpa.checking.mistakes.dictionary import MISTAKES, plantable
from culpa.checking.mistakes.scene import Back, Scene, Slip, way_back
from culpa.checking.mistakes.scene import Step as Slipped
from culpa.engine.streams import stream
from culpa.errors import OptionError, unknown_name
from culpa.explaining.argument.hidden_layers import hidden_part
from culpa.explaining.argument.output_layer import output_part
from culpa.explaining.argument.parameters import bias_part, weights_part
from culpa.explaining.derivation import Line, Part, Step, Words
from culpa.explaining.symbols import Symbols, axis, grid
from culpa.explaining.worth import index_value
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Equation, Expression, Letter, Matrix, Number, lift
from culpa.reporting.mathematics.numerals import numeral

__all__ = ["KINDS", "answer", "number_of", "planted", "worked"]

NOISE = 1e-12
"""A number below this is what rounding has left of 0, and would look strange on a sheet."""
CLEARLY = 0.02
"""A wrong line is off by so much of its largest number at least, which the digits shown make no doubt of."""
SHOWN_PARTS = ("output", "back", "slope", "weight", "bias")
"""Lines of the backward pass whose mistakes are to be seen in the numbers of one example."""
KNOWN_SLOPES = ("logistic", "tanh", "relu")
"""Of these the slope is learnt by heart, and taken for that of another one."""
KINDS = tuple(dict.fromkeys(slip.kind for slip in MISTAKES if slip.part in SHOWN_PARTS))
"""What can be planted, by name; a number counts them from 1."""
LETTERS = re.compile(r"(∂ℓ/∂h|dW|db|δ|W|h|a|layer )_?(\d+)|(?<!\w)(?:h(?![A-Za-z_])|a(?= [<≤]))")
"""What a sentence of the dictionary says in the note's letters."""


class Planted(NamedTuple):
    """A mistake and the backward pass that was worked with it.

    Attributes:
        slip: The mistake.
        layers: What was worked, first layer first.
        scene: The network with its example.
    """

    slip: Slipped
    layers: tuple[Back, ...]
    scene: Scene


def planted(scene: Scene, *, seed: int, digits: int, mistake: str | None = None) -> Planted:
    """Choose a mistake that can be found: first its kind, then where and how it is made.

    Args:
        scene: The network with one example.
        seed: The same seed gives the same mistake.
        digits: How many significant digits are shown.
        mistake: Its kind, by name or number; None for any.

    Raises:
        OptionError: If there is no such mistake in this network, or none would be seen.
    """
    right = way_back(scene)
    seen: list[Slipped] = []
    clear: list[Slipped] = []
    for step in plantable(scene):
        if is_fair(step.slip, step.choice):
            layers = way_back(scene, [step])
            values = line_of(step, layers), line_of(step, right)
            if is_seen(*values, digits) and not has_noise(layers):
                seen.append(step)
                clear += [step] if is_clear(*values) else []
    kinds = list(dict.fromkeys(step.slip.kind for step in seen))
    if not kinds:
        raise OptionError("No mistake would be seen in this network.", hint="show more digits, or take more units.")
    random = stream(seed, "mistakes")
    steps = clear or seen
    if mistake is None:
        likely = list(dict.fromkeys(step.slip.kind for step in steps))
        kind = likely[int(random.integers(len(likely)))]
    else:
        kind = kind_named(mistake, kinds)
    steps = [step for step in steps if step.slip.kind == kind] or [step for step in seen if step.slip.kind == kind]
    slip = steps[int(random.integers(len(steps)))]
    return Planted(slip, way_back(scene, [slip]), scene)


def kind_named(mistake: str, kinds: Sequence[str]) -> str:
    """A kind by its name, however its prime and minus are typed, or by its number."""
    wanted = mistake.strip()
    if wanted.isdecimal() and 1 <= int(wanted) <= len(KINDS):
        wanted = KINDS[int(wanted) - 1]
    for kind in kinds:
        if typed(kind) == typed(wanted):
            return kind
    raise unknown_name("mistake", wanted, kinds)


def number_of(mistake: str) -> str:
    """The number of a kind, which tells no reader what it is; what is no kind stays as it is.

    Example:
        >>> KINDS[int(number_of("g' missing")) - 1]
        'g′ missing'
    """
    places = {typed(kind): str(at) for at, kind in enumerate(KINDS, 1)}
    return places.get(typed(mistake), mistake.strip())


def typed(name: str) -> str:
    """A name as a keyboard has it."""
    return name.strip().casefold().replace("′", "'").replace("−", "-")


def is_fair(slip: Slip, choice: object) -> bool:
    """Whether a student could make the mistake, and could find it with one example."""
    if slip.part not in SHOWN_PARTS:
        return False
    return not slip.kind.startswith("g′ of another activation") or choice in KNOWN_SLOPES


def line_of(step: Slipped, layers: Sequence[Back]) -> NDArray[np.float64]:
    """The value of the line in which a mistake is made."""
    back = layers[step.k - 1]
    found = {"back": back.e, "weight": back.weight, "bias": back.bias}.get(step.slip.part, back.delta)
    return np.zeros(0) if found is None else np.asarray(found)


def is_seen(wrong: NDArray[np.float64], right: NDArray[np.float64], digits: int) -> bool:
    """Whether a line is another one at the digits that are shown."""
    texts = [[numeral(value, digits).plain for value in line.ravel().tolist()] for line in (wrong, right)]
    return wrong.shape != right.shape or texts[0] != texts[1]


def has_noise(layers: Sequence[Back]) -> bool:
    """Whether a number is what rounding has left of 0."""
    arrays = (array for back in layers for array in back if array is not None)
    return any(bool(((array != 0) & (np.abs(array) < NOISE)).any()) for array in arrays)


def is_clear(wrong: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Whether a line is off by more than rounding on the way can explain."""
    if wrong.shape != right.shape:
        return True
    return bool(np.abs(wrong - right).max() > CLEARLY * max(np.abs(right).max(), np.abs(wrong).max()))


# --- the sheet ---


def worked(w: Writer, found: Planted) -> Part:
    """The backward pass as it was worked, from the output down."""
    steps = [
        Step(f"worked-{k}", f"Layer {w.called(k)}", (), tuple(layer_lines(w, k, back)))
        for k, back in reversed(list(enumerate(found.layers, 1)))
    ]
    return Part("worked", "The backward pass: find the mistake", tuple(steps))


def layer_lines(w: Writer, k: int, back: Back) -> Iterator[Line]:
    """What was worked at a layer."""
    values = {"back": back.e, "slope": back.delta, "weight": back.weight, "bias": back.bias}
    for part, value in values.items():
        if value is not None:
            yield worked_line(w, part, k, value)


def worked_line(w: Writer, part: str, k: int, value: NDArray[np.float64]) -> Line:
    """A letter and the value that it was given; vectors are rows of one example, or flat."""
    upright = value if part == "weight" else np.atleast_2d(value).T
    return Line(Equation((letter_of(w.symbols, part, k), numbers(upright.T if w.symbols.notation.is_row else upright))))


def letter_of(s: Symbols, part: str, k: int) -> Expression:
    """What a line of the backward pass makes."""
    if part == "back":
        return s.by("h", k)
    return s.by("W", k) if part == "weight" else s.by("b", k) if part == "bias" else s.delta(k)


def numbers(values: NDArray[np.float64]) -> Matrix:
    """A matrix of numbers as they are."""

    def cell(i: Expression, j: Expression) -> Expression:
        return Number(float(values[index_value(i, {}) - 1, index_value(j, {}) - 1]))

    rows, columns = axis(values.shape[0]), axis(values.shape[1])
    return grid(cell, rows, columns, (lift(values.shape[0]), lift(values.shape[1])))


# --- the key ---


def answer(w: Writer, found: Planted) -> Part:
    """The first wrong line: what is wrong with it, how it stands on the sheet, and how it should be."""
    (part, k), s = (found.slip.slip.part, found.slip.k), w.symbols
    said = in_letters(mistake_of(found.slip, found.scene).sentence, w)
    place = sentence(f"The first wrong line is that of {{}}, in layer {w.called(k)}. ", letter_of(s, part, k))
    steps = (
        Step("mistake", "What is wrong", (*place, *said)),
        Step("mistake-wrong", "On the sheet", (), (worked_line(w, part, k, line_of(found.slip, found.layers)),)),
        Step("mistake-right", "As it should be", (), right_lines(replace(w, layers=(k,)), part, k)),
    )
    return Part("mistake", "The mistake", steps)


def right_lines(w: Writer, part: str, k: int) -> tuple[Line, ...]:
    """A line of the backward pass as the argument has it, for a Writer of one layer."""
    write, key, lines = RIGHT[part]
    return next(step.lines[lines] for step in write(w).steps if step.key == key.format(k=k))


RIGHT: dict[str, tuple[Callable[[Writer], Part], str, slice]] = {
    "output": (output_part, "output-vector", slice(None)),
    "back": (hidden_part, "hidden-{k}", slice(1)),
    "slope": (hidden_part, "hidden-{k}", slice(1, None)),
    "weight": (weights_part, "weights-{k}-outer", slice(None)),
    "bias": (bias_part, "bias-one", slice(-1, None)),
}
"""Where the argument has each line of the backward pass: in which part and step, and which of its lines."""


def in_letters(text: str, w: Writer) -> Words:
    """A sentence of the dictionary in the letters of a notation; its layers are counted as there."""
    s, end = w.symbols, 0
    words: list[str | Expression] = []
    makes: dict[str, Callable[[int], Expression]] = {
        "∂ℓ/∂h": lambda at: s.by("h", at),
        "dW": lambda at: s.by("W", at),
        "db": lambda at: s.by("b", at),
        "δ": s.delta,
        "W": s.W,
        "h": s.h,
        "a": s.a,
    }
    alone = {"a": s.notation.pre, "h": s.notation.out}
    # There is one example, and nothing to be added up over the others.
    plain = text.replace(" (h_0 is X)", "").replace(" over the examples and", "")
    for hit in LETTERS.finditer(plain):
        words.append(plain[end : hit.start()])
        end = hit.end()
        if hit[1] == "layer ":
            words.append(f"layer {w.called(int(hit[2]))}")
        else:
            words.append(Letter(alone[hit[0]]) if hit[1] is None else makes[hit[1]](int(hit[2])))
    return tuple(word for word in (*words, plain[end:]) if word != "")
