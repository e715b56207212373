# SPDX-License-Identifier: MIT
"""Lighting: what lights up with each cell of a page, and the sentence that is said of it.

    records(worth, symbols, present)     {"dW-2-1-3": {"lit": ["delta-2-1", …], "formula": "<math>…", "words": "…"}}

    ∂ℓ/∂W_{2,1,3} = δ_{2,1} h_{1,3} = (−0.21) · 0.5 = −0.105

Every number is the engine's, so that a page's script knows no mathematics. Knows no page.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from typing import Any, TypedDict

from culpa.explaining.forms.keys import by_layer, lit, near
from culpa.explaining.forms.naming import printable
from culpa.explaining.symbols import Quantity, Symbols
from culpa.explaining.worth import Worth, in_numbers
from culpa.reporting.mathematics.expressions import Equation, Expression, Number, Partial, Product
from culpa.reporting.mathematics.flat import inline
from culpa.reporting.mathematics.mathml import mathml
from culpa.reporting.mathematics.speech import spoken

__all__ = ["Record", "drawn_quantities", "records", "sentence"]


MANY = 200
"""With more keys than this the sentences are lines of plain text, which take a fraction of the room."""


class Record(TypedDict):
    """What a page knows of a cell.

    Attributes:
        lit: The keys that light up, its own first.
        formula: The sentence as MathML, "" if there is none.
        words: The sentence as it is read aloud.
    """

    lit: list[str]
    formula: str
    words: str


def records(
    worth: "Worth | None",
    symbols: Symbols,
    present: Mapping[str, Quantity],
    *,
    digits: int,
    unread: "Collection[str]" = (),
    names: "tuple[Sequence[str], Sequence[str]]" = ((), ()),
) -> dict[str, Record]:
    """What a page knows of each of its cells.

    Args:
        worth: The numbers; None for the general network, where things light up and nothing is said.
        symbols: The letters of the sentences.
        present: The quantities of the page, by their keys.
        digits: How many significant digits are shown.
        unread: Keys that only the drawing has, where no reader of screens comes by: nothing is said of them in words.
        names: The inputs' names, and the outputs', where they have any.
    """
    found: dict[str, Record] = {}
    layers = by_layer(present)
    for name, quantity in present.items():
        said = None if worth is None else sentence(quantity, symbols, worth)
        formula = "" if said is None else written(said, digits, brief=len(present) > MANY)
        words = "" if said is None or name in unread else spoken(said, digits=digits)
        called = name_of(quantity, symbols, names)
        if said is not None and called:
            formula, words = f"<b><bdi>{escape(called)}</bdi></b> {formula}", words and f"{called}: {words}"
        lights = lit(name, near(name, layers))
        if said is not None or len(lights) > 1:
            found[name] = Record(lit=list(lights), formula=formula, words=words)
    return found


def name_of(quantity: Quantity, symbols: Symbols, names: "tuple[Sequence[str], Sequence[str]]") -> str:
    """The name that an input or an output has in the data, or ""."""
    if quantity.role != "h" or not isinstance(quantity.layer, Number) or not isinstance(quantity.entry[0], Number):
        return ""
    of = {0: names[0], symbols.depth: names[1]}.get(int(quantity.layer.value), ())
    place = int(quantity.entry[0].value) - 1
    return printable(of[place]) if place < len(of) else ""


def written(equation: Equation, digits: int, *, brief: bool) -> str:
    """An equation as HTML, small or beautiful."""
    return escape(inline(equation, digits=digits)) if brief else mathml(equation, digits=digits)


def sentence(quantity: Quantity, symbols: Symbols, worth: Worth) -> "Equation | None":
    """The equation that says where a quantity's number comes from; None if it has none of its own.

    Args:
        quantity: Of the example that is explained, or of all.
        symbols: The letters.
        worth: The numbers.
    """
    places = (quantity.layer, *quantity.entry)
    if not quantity.entry or not all(isinstance(place, Number) for place in places):
        return None
    if isinstance(quantity.example, Expression) or quantity.example == "all":
        return None
    k, i, *others = (int(place.value) for place in places if isinstance(place, Number))
    rule = RULES.get(quantity.role)
    chain = () if rule is None else rule(symbols, k, i, *others)
    if not chain:
        return None
    middle = [in_numbers(chain[-1], worth)] if len(chain) > 1 else []
    value = Number(float(worth.of(quantity._replace(turned=False))), quantity)
    if middle and (middle[0] == value or isinstance(middle[0], Number)):
        middle = []
    return Equation((*chain, *middle, value))


def of_error(s: Symbols, k: int, i: int) -> tuple[Expression, ...]:
    """δ: of the output by its definition, of a hidden layer from the derivative by its output."""
    if k == s.depth:
        return (s.delta(k, i), s.by("a", k, i)) if not s.notation.derivatives else (s.delta(k, i),)
    return s.delta(k, i), Product((s.by("h", k, i), s.slope(k, s.a(k, i))))


def of_output(s: Symbols, k: int, i: int) -> tuple[Expression, ...]:
    """h: of a hidden unit from its pre-activation; an output function may mix units, an input has no origin."""
    return (s.h(k, i), s.g(k, s.a(k, i))) if 0 < k < (s.depth or k) else (s.h(k, i),)


def of_weight(s: Symbols, k: int, i: int, j: int) -> tuple[Expression, ...]:
    """∂ℓ/∂W = δ h."""
    return s.by("W", k, i, j), Product((s.delta(k, i), s.h(k - 1, j)))


def of_sum(s: Symbols, k: int, i: int) -> tuple[Expression, ...]:
    """The sum of the outputs before, weighed, and the bias."""
    return s.a(k, i), s.total(s.j, s.d(k - 1), Product((s.W(k, i, s.j), s.h(k - 1, s.j)))) + s.b(k, i)


def of_paths(s: Symbols, k: int, i: int) -> tuple[Expression, ...]:
    """∂ℓ/∂h, of a hidden layer the sum over the units above."""
    if k == s.depth:
        return (s.by("h", k, i),)
    return s.by("h", k, i), s.total(s.i, s.d(k + 1), Product((s.delta(k + 1, s.i), s.W(k + 1, s.i, i))))


RULES: Mapping[str, Any] = {
    "dW": of_weight,
    "δ": of_error,
    "h": of_output,
    "W": lambda s, k, i, j: (s.W(k, i, j),),
    "b": lambda s, k, i: (s.b(k, i),),
    "a": of_sum,
    "db": lambda s, k, i: (s.by("b", k, i), s.delta(k, i)),
    "dh": of_paths,
    "g′": lambda s, k, i: (s.slope(k, s.a(k, i)),),
    "∇W": lambda s, k, i, j: (Partial(s.cost(), s.W(k, i, j)),),
    "∇b": lambda s, k, i: (Partial(s.cost(), s.b(k, i)),),
}
"""For each role the chain in letters, of which the last term is put into numbers."""


def drawn_quantities(shown: "Iterable[Iterable[int | None]]") -> "Iterable[Quantity]":
    """The weights and outputs that a drawing shows, from the units that it shows of each layer."""
    layers = [[unit for unit in units if unit is not None] for units in shown]
    for k, units in enumerate(layers):
        for i in units:
            yield Quantity("h", Number(k), (Number(i),))
            if k:
                yield from (Quantity("dW", Number(k), (Number(i), Number(j))) for j in layers[k - 1])
