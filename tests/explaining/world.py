# SPDX-License-Identifier: MIT
"""What every letter of a derivation is really worth: a forward pass of the tests' own, and complex steps through it.

    world = World(network, X, y, example=0)
    world.environment(k=2, i=1).quantity(…)         numbers for the evaluator of trees

Nothing of the library's backward pass, factors or gradient is used: a derivative of anything by anything is taken by
moving the one by i·10⁻¹⁷⁰ and looking at the imaginary part of the other.
"""

from functools import cache

import numpy as np

from tests.explaining.evaluating import Environment

STEP = 1e-170


def loss_of_outputs(name, h, t):
    """The loss as the textbooks write it, from the outputs."""
    if name == "cross_entropy":
        return -sum(t_c * np.log(p) for p, t_c in zip(h, t, strict=True) if t_c)
    if name == "binary_cross_entropy":
        return -(t * np.log(h) + (1 - t) * np.log(1 - h)).sum()
    if name == "poisson":
        return sum((t_c * np.log(t_c / mu) if t_c else 0) - t_c + mu for mu, t_c in zip(h, t, strict=True))
    r = h - t
    if name == "huber":
        size = np.where(r.real < 0, -r, r)
        return np.where(size.real <= 1, r * r / 2, size - 0.5).sum()
    return (r * r).sum() / 2


class World:
    """A network with its data, and one example that is spoken of."""

    def __init__(self, network, X, y, example=0):
        self.network, self.X, self.example = network, np.asarray(X, float), example
        y = np.asarray(y)
        outputs = network.sizes[-1]
        self.t = np.eye(outputs)[y] if network.loss.targets == "classes" and y.ndim == 1 else y.reshape(len(y), outputs)
        self.depth = len(network.layers)
        self.run = cache(self.run)

    def run(self, m, moved=None):
        """The forward pass of an example, with one thing moved: (role, layer, place) by i·STEP. All that it makes."""
        h = self.X[m].astype(complex)
        made = {}
        for k, layer in enumerate(self.network.layers, 1):
            made["h", k - 1] = h = self.bumped("h", k - 1, h, moved)
            W = self.bumped("W", k, layer.W.astype(complex), moved)
            b = self.bumped("b", k, (np.zeros(len(W)) if layer.b is None else layer.b).astype(complex), moved)
            made["a", k] = a = self.bumped("a", k, W @ h + b, moved)
            h = layer.activation.value(a[None, :])[0]
        made["h", self.depth] = h = self.bumped("h", self.depth, h, moved)
        made["ℓ", None] = loss_of_outputs(self.network.loss.name, h, self.t[m])
        return made

    @staticmethod
    def bumped(role, k, values, moved):
        """The values with one of them moved, if it is one of these."""
        if moved is not None and moved[:2] == (role, k):
            values = values.copy()
            values[moved[2]] += 1j * STEP
        return values

    def slopes(self, of, by, m):
        """∂of/∂by for whole things, (role, layer) both: of a number by an array, or of an array by an array."""
        shape = {"W": lambda k: self.network.layers[k - 1].W.shape}.get(by[0], lambda k: (self.network.sizes[k],))(
            by[1]
        )
        found = [np.asarray(self.run(m, (*by, place))[of]).imag / STEP for place in np.ndindex(*shape)]
        return np.array(found).reshape(*shape, *np.shape(found[0]))

    def mean(self, by):
        """The derivative of the mean loss."""
        return np.mean([self.slopes(("ℓ", None), by, m) for m in range(len(self.X))], axis=0)

    def value(self, role, k, m):
        """A quantity of one example: a vector (d_k,), or a matrix (d_k, d_{k−1})."""
        layer = self.network.layers[k - 1] if k else None
        if role in ("a", "h"):
            return self.run(m)[role, k].real
        if role == "t":
            return self.t[m]
        if role in ("W", "b"):
            return layer.W if role == "W" else np.zeros(len(layer.W)) if layer.b is None else layer.b
        if role in ("∇W", "∇b", "∇W+"):
            return self.mean((role[1], k)) + (self.network.l2 * layer.W if role == "∇W+" else 0)
        if role == "g′":
            return np.diagonal(self.slopes(("h", k), ("a", k), m))
        by = {"δ": "a", "wδ": "a", "dh": "h", "dW": "W", "db": "b"}[role]
        return self.slopes(("ℓ", None), (by, k), m) / (len(self.X) if role == "wδ" else 1)

    def quantity(self, q):
        """What a letter stands for, its indices being numbers."""
        n = len(self.X)
        m = self.example if q.example in (None, "all") else q.example - 1
        losses = [self.run(m)["ℓ", None].real for m in range(n)]
        penalty = self.network.l2 / 2 * sum((layer.W**2).sum() for layer in self.network.layers)
        scalars = {"ℓ": losses[m], "𝓛": np.mean(losses), "n": n, "L": self.depth, "l2": self.network.l2,
                   "w": np.full((n, 1), 1 / n) if q.example == "all" and not q.entry else 1 / n,
                   "objective": np.mean(losses) + penalty}  # fmt: skip
        if q.role in scalars:
            return scalars[q.role]
        k = self.depth if q.layer is None else q.layer
        if not 0 <= k <= self.depth:
            raise IndexError(k)
        if q.role == "d":
            return self.network.sizes[k]
        if q.role in ("g", "g′") and not q.entry and q.example is None and q.turned is False:
            return self.function(q.role, k)
        if q.example == "all":
            whole = np.array([self.value(q.role, k, m) for m in range(n)])
        else:
            whole = self.value(q.role, k, m)
            if q.entry:
                return whole[tuple(index - 1 if index > 0 else 10**6 for index in q.entry)]
            whole = whole if whole.ndim == 2 else whole[:, None]
        if q.entry:
            return whole[tuple(index - 1 for index in q.entry)]
        return whole.T if q.turned else whole

    def function(self, role, k):
        """A layer's activation, or its slope by a complex step."""
        activation = self.network.layers[k - 1].activation
        if activation.name == "softmax" and role == "g′":
            raise KeyError("the softmax has no elementwise slope")

        def applied(a):
            a = np.asarray(a, float)
            if activation.name == "softmax" and not a.ndim:
                raise KeyError("the softmax takes all its sums at once")
            rows = a.reshape(1, -1)
            values = activation.value(rows) if role == "g" else activation.value(rows + 1j * STEP).imag / STEP
            return values.reshape(a.shape)

        return applied

    def derivative(self, of, by):
        """∂of/∂by, of a number by one entry or by a whole, of an entry by an entry."""
        m = self.example if by.example is None else by.example - 1
        if of.role in ("𝓛", "objective"):
            decay = self.network.l2 * self.network.layers[by.layer - 1].W if of.role == "objective" else 0
            whole = self.mean((by.role, by.layer)) + decay
        elif of.role == "ℓ":
            whole = self.slopes(("ℓ", None), (by.role, by.layer), m)
        else:
            whole = np.moveaxis(self.slopes((of.role, of.layer), (by.role, by.layer), m), -1, 0)[of.entry[0] - 1]
        if by.entry:
            return whole[tuple(index - 1 if index > 0 else 10**6 for index in by.entry)]
        whole = whole if whole.ndim == 2 else whole[:, None]
        return whole.T if by.turned else whole

    def environment(self, **bound):
        """For the evaluator."""
        return Environment(quantity=self.quantity, derivative=self.derivative, bound=bound)
