# SPDX-License-Identifier: MIT
"""What the letters of one network are worth, found without its backward pass, for the evaluator of formulas.

Derivatives are complex steps of 1e-200 from the place where a thing enters; pre-activations and outputs are computed
here once more. Units, layers and examples count from 1, as in every Quantity.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from culpa import Network
from culpa.engine.forward import forward
from tests.explaining.evaluating import FUNCTIONS, Environment, evaluate

STEP = 1e-200


@dataclass(frozen=True)
class Answers:
    """A network, its inputs, its targets as rows, and the example that is explained, from 0."""

    network: Network
    X: np.ndarray
    t: np.ndarray
    example: int = 0

    @property
    def environment(self) -> Environment:
        """For `evaluate`."""
        return Environment(quantity=self.quantity, derivative=self.derivative)

    def signals(self, m):
        """(a_1, h_1), …, (a_L, h_L) of one example."""
        h, found = self.X[m], []
        for layer in self.network.layers:
            a = np.array([sum(w * x for w, x in zip(row, h, strict=True)) for row in layer.W])
            a = a if layer.b is None else a + layer.b
            h = layer.activation.value(a[None])[0]
            found.append((a, h))
        return found

    def slope(self, m, role, k, entry):
        """∂ℓ_m by one thing."""
        moved = self.network.astype("complex128")
        if role in "Wb":
            layer = moved.layers[k - 1]
            W, b = layer.W.copy(), np.zeros(len(layer.W), complex) if layer.b is None else layer.b.copy()
            (W if role == "W" else b)[tuple(i - 1 for i in entry)] += 1j * STEP
            layers = (*moved.layers[: k - 1], replace(layer, W=W, b=b), *moved.layers[k:])
            a = forward(replace(moved, layers=layers), self.X[m : m + 1])[-1].a
        else:
            before = self.X[m] if k == 0 else self.signals(m)[k - 1][role == "h"]
            here = before + 1j * STEP * np.eye(len(before))[entry[0] - 1]
            h = moved.layers[k - 1].activation.value(here[None]) if role == "a" else here[None]
            layers = moved.layers[k:]
            a = forward(replace(moved, layers=layers), h)[-1].a if layers else here[None]
        return float(self.network.loss.losses(a, self.t[m : m + 1]).imag[0] / STEP)

    def derivative(self, of, by):
        """Of one example's loss, or of the mean."""
        if of.role == "𝓛":
            return float(np.mean([self.slope(m, by.role, by.layer, by.entry) for m in range(len(self.X))]))
        assert of.role == "ℓ"
        return self.slope(self.number(of), by.role, by.layer, by.entry)

    def number(self, means):
        """Which example is meant, from 0."""
        return self.example if means.example is None else means.example - 1

    def quantity(self, means) -> Any:
        """One entry of a quantity, or a function."""
        m, k, role = self.number(means), means.layer, means.role
        if role == "w":
            return 1 / len(self.X)
        if role == "g":
            return FUNCTIONS[self.network.layers[k - 1].activation.name.replace("_", " ")]
        if role == "g′":
            return lambda a: self.network.layers[k - 1].activation.value(np.array([a + 1j * STEP])).imag[0] / STEP
        if role == "d":
            return self.network.sizes[k]
        if role in ("W", "b"):
            return float(getattr(self.network.layers[k - 1], role)[tuple(i - 1 for i in means.entry)])
        (i,) = means.entry
        if role == "δ":
            return self.slope(m, "a", k, means.entry)
        if role == "t":
            return float(self.t[m, i - 1])
        return float(self.X[m, i - 1] if k == 0 else self.signals(m)[k - 1]["ah".index(role)][i - 1])


def assert_line(line, answers, tolerance=1e-9):
    """All terms of a line, in letters and in numbers, are the same number; at how many pairs that was seen."""
    terms = [term for equation in (line.symbols, line.numbers) if equation is not None for term in equation.terms]
    values = [float(evaluate(term, answers.environment)) for term in terms]
    size = max(map(abs, values))
    for value in values[1:]:
        if not abs(value - values[0]) <= tolerance * size:
            raise AssertionError(f"{values} are said to be equal")
    return len(values) - 1
