# SPDX-License-Identifier: MIT
"""Random trees of every kind of node, and the formulas that the house itself writes, for the tests of printers."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

import culpa
from culpa.explaining.explaining import explain
from culpa.explaining.formulas.activation_formulas import ACTIVATION_FORMULAS
from culpa.explaining.notations import NOTATIONS
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Cases,
    Dots,
    Enclosed,
    Equation,
    Expression,
    Fraction,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Shaped,
    Sum,
    Transpose,
)

numbers = st.builds(Number, st.floats(width=32) | st.integers(-(10**9), 10**9))
glyphs = st.sampled_from([*"abWhδΔℓ𝓛λŷ", "dZ", "tanh", "<script>", "a&b"])
dots = st.builds(Dots, st.sampled_from("⋯⋮⋱"))


def some(parts: st.SearchStrategy[Expression], least: int = 1) -> st.SearchStrategy[tuple[Expression, ...]]:
    """A few parts."""
    return st.lists(parts, min_size=least, max_size=3).map(tuple)


def relations(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Relation]:
    """Conditions."""
    return st.builds(Relation, parts, st.sampled_from("=≠<>≤≥"), parts)


@st.composite
def matrices(draw: st.DrawFn, parts: st.SearchStrategy[Expression]) -> Matrix:
    """A matrix of a few rows and columns, some of which may be left out."""
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cells = tuple(tuple(draw(parts | dots) for _ in range(width)) for _ in range(height))
    axes = [tuple(draw(st.none() | numbers) for _ in range(size)) for size in (height, width)]
    return Matrix(cells, axes[0], axes[1], (draw(parts), draw(parts)))


def grown(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Every kind of node over other parts."""
    one = st.none() | parts
    return st.one_of(
        st.builds(Letter, glyphs, one, one, st.booleans(), st.booleans()),
        st.builds(Listing, some(parts), st.sampled_from([",", ""])),
        st.builds(Enclosed, parts | relations(parts), st.sampled_from(["[]", "()", "||"])),
        st.builds(Sum, some(parts, 2)),
        st.builds(Product, some(parts, 2), st.sampled_from(["", "·", "⊙"])),
        st.builds(Apply, parts, some(parts)),
        st.builds(BigSum, parts, one, one, parts),
        st.builds(Cases, st.lists(st.tuples(parts, st.none() | relations(parts)), min_size=1, max_size=3).map(tuple)),
        st.builds(Shaped, parts, st.tuples(parts, parts)),
        *(st.builds(kind, parts) for kind in (Negative, Transpose)),
        *(st.builds(kind, parts, parts) for kind in (Fraction, Power, Partial, Nabla)),
        relations(parts),
        matrices(parts),
    )


expressions = st.recursive(numbers | dots | st.builds(Letter, glyphs), grown, max_leaves=12)
equations = st.builds(Equation, some(expressions, 2), st.sampled_from("=≈"))


def house_formulas() -> Iterator[Equation]:
    """Every equation of the argument in every notation, in symbols and in numbers, and the activations' formulas."""
    network = culpa.Network.fresh([3, 4, 2], hidden="tanh", loss="cross_entropy", seed=0, l2=0.1)
    data = (np.array([[0.1, -0.2, 3e-7], [1.0, 0.0, -12345.6]]), np.array([0, 1]))
    for notation in NOTATIONS:
        for explanation in (explain(notation=notation), explain(network, *data, notation=notation)):
            for part in explanation.parts:
                for line in (line for step in part.steps for line in step.lines):
                    yield from (equation for equation in (line.symbols, line.numbers) if equation is not None)
    for row in ACTIVATION_FORMULAS.values():
        yield Equation((row.value, row.slope, *([] if row.slope_in_h is None else [row.slope_in_h])))
        yield from row.definitions
