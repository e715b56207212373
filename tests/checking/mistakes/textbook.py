# SPDX-License-Identifier: MIT
"""A backward pass as a course teaches it, with an `if` at each line that somebody may have got wrong.

Examples are columns, each example's dW is added up by itself, and 1/n comes at the end: another way to write every line
than culpa's. No table of culpa's is used; a mistake is named by its kind and by the block that is made wrongly.
"""

from typing import NamedTuple

import numpy as np

ETA = 0.1
"""The learning rate of whoever updates W too early."""

VALUES = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "logistic": lambda a: 1 / (1 + np.exp(-a)),
    "softplus": lambda a: np.log(1 + np.exp(a)),
}
SLOPES = {
    "tanh": lambda a: 1 - np.tanh(a) ** 2,
    "relu": lambda a: (a > 0).astype(float),
    "logistic": lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2,
    "softplus": lambda a: 1 / (1 + np.exp(-a)),
}


class Bug(NamedTuple):
    """What somebody got wrong."""

    kind: str
    block: str


class Course:
    """One backward pass, line by line.

    Args:
        hidden: The hidden layers' activations.
        loss: "cross_entropy" or "squared_error".
        bugs: What is wrong in it.
    """

    def __init__(self, hidden, loss, *bugs):
        self.hidden, self.loss, self.bugs = hidden, loss, set(bugs)

    def wrong(self, kind, block):
        return Bug(kind, block) in self.bugs

    def gradient(self, weights, biases, X, Y, l2=0.0):
        """[(dW_1, db_1), …] for class indices or rows Y."""
        self.W, self.b, self.L, self.n, self.l2 = [None, *weights], [None, *biases], len(weights), len(X), l2
        self.T = (np.eye(len(biases[-1]))[Y] if np.ndim(Y) == 1 else np.asarray(Y)).T
        self.forward(np.asarray(X).T)
        dZ, dH, self.dW, blocks = None, None, {}, []
        for k in range(self.L, 0, -1):
            dH = None if k == self.L else self.through_weights(k, dZ)
            dZ = self.output_error() if k == self.L else dH * self.slope(k)
            dZ = self.scaled("δ", k, dZ)
            self.dW[k] = self.weights_of(k, dZ, dH)
            blocks.append((self.dW[k], self.biases_of(k, dZ, dH)))
        return blocks[::-1]

    def forward(self, H):
        self.A, self.H = {}, {0: H}
        for k in range(1, self.L + 1):
            self.A[k] = self.W[k] @ self.H[k - 1] + self.b[k][:, None]
            self.H[k] = self.output(self.A[k]) if k == self.L else VALUES[self.hidden[k - 1]](self.A[k])

    def output(self, A):
        return softmax(A) if self.loss == "cross_entropy" else A

    def output_error(self):
        here, P, T = f"δ_{self.L}", self.H[self.L], self.T
        if self.wrong("labels shifted", here):
            T = np.concatenate([T[:, -1:], T[:, :-1]], axis=1)
        if self.wrong("output function twice", here):
            return self.output(P) - T
        if self.wrong("logits in place of probabilities", here):
            return self.A[self.L] - T
        if self.wrong("derivative stops at the output", here):
            return -T / P
        if self.wrong("softmax slope as p(1−p)", here):
            return -T / P * P * (1 - P)
        if self.wrong("output slope kept", here):
            return (P - T) * P * (1 - P)
        if self.wrong("target left out", here):
            return P
        return P - T

    def through_weights(self, k, dZ):
        here, W = f"δ_{k}", self.W[k + 1]
        if self.wrong("W not transposed", here):
            return W @ dZ
        if self.wrong("W of another layer", here):
            return self.W[k].T @ dZ
        if self.wrong("W already updated", here):
            return (W - ETA * self.dW[k + 1]).T @ dZ
        if self.wrong("dW in place of W", here):
            return self.dW[k + 1].T @ dZ
        if self.wrong("W left out", here):
            return dZ
        if self.wrong("W summed out", here):
            return np.ones((W.shape[1], 1)) * dZ.sum(axis=0)
        return W.T @ dZ

    def slope(self, k):
        here, name = f"δ_{k}", self.hidden[k - 1]
        if self.wrong("g′ missing", here):
            return 1.0
        if self.wrong("g′ twice", here):
            return SLOPES[name](self.A[k]) * SLOPES[name](self.A[k])
        if self.wrong("g′ at h in place of a", here):
            return SLOPES[name](self.H[k])
        if self.wrong("g′ written in h, taken at a", here):
            return 1 - self.A[k] ** 2 if name == "tanh" else self.A[k] * (1 - self.A[k])
        if self.wrong("g′ of another activation", here):
            return SLOPES["softplus"](self.A[k])
        if self.wrong("g′ of another activation, in h", here):
            return self.H[k] * (1 - self.H[k]) if name != "logistic" else 1 - self.H[k] ** 2
        if self.wrong("g′ of another layer", here):
            other = k + 1 if k + 1 < self.L else k - 1
            return SLOPES[self.hidden[other - 1]](self.A[other])
        if self.wrong("g in place of g′", here):
            return self.H[k]
        if self.wrong("mask inverted", here):
            return (self.A[k] < 0).astype(float)
        return SLOPES[name](self.A[k])

    def weights_of(self, k, dZ, dH):
        here, inputs = f"W_{k}", self.H[k - 1]
        if self.wrong("left at zero", here):
            return np.zeros_like(self.W[k])
        if self.wrong("a in place of h", here):
            inputs = self.A[k - 1]
        if self.wrong("own output in place of input", here):
            inputs = self.H[k]
        if self.wrong("another layer's output", here):
            inputs = next(self.H[j] for j in range(self.L) if j not in (k - 1, k) and len(self.H[j]) == len(inputs))
        errors = dH if self.wrong("∂ℓ/∂h in place of δ", here) else dZ
        total = np.zeros_like(self.W[k])
        for i in self.examples():
            total += np.outer(errors[:, i], inputs[:, i])
        if self.wrong("from one example only", here):
            total = np.outer(errors[:, 0], inputs[:, 0])
        data = self.scaled("W", k, total / self.n)
        return (data.T if self.wrong("dW transposed", here) else data) + self.decay(k, here, data.shape)

    def decay(self, k, here, shape):
        # Whoever transposes dW must transpose the decay as well, unless W is square.
        turned = self.wrong("dW transposed", here) and shape != shape[::-1]
        W = self.W[k].T if turned else self.W[k]
        if self.wrong("decay missing", here):
            return 0.0
        if self.wrong("decay's sign", here):
            return -self.l2 * W
        if self.wrong("decay's factor 2", here):
            return 2 * self.l2 * W
        if self.wrong("decay over n", here):
            return self.l2 / self.n * W
        if self.wrong("another decay", here):
            return 0.123 * W
        return self.l2 * W

    def biases_of(self, k, dZ, dH):
        here = f"b_{k}"
        if self.wrong("left at zero", here):
            return np.zeros(len(dZ))
        if self.wrong("wrong axis", here):
            return dZ.sum(axis=0) / self.n
        if self.wrong("sum of everything", here):
            return dZ.sum() / self.n
        if self.wrong("from one example only", here):
            return dZ[:, -1] / self.n
        errors = dH if self.wrong("∂ℓ/∂h in place of δ", here) else dZ
        total = np.zeros(len(dZ))
        for i in self.examples():
            total += errors[:, i]
        data = self.scaled("b", k, total / self.n)
        return data + self.l2 * self.b[k] if self.wrong("decay on biases", here) else data

    def examples(self):
        if self.wrong("one example missing", f"δ_{self.L}"):
            return range(1, self.n)
        return [self.n - 1] if self.wrong("= in place of +=", f"δ_{self.L}") else range(self.n)

    def scaled(self, letter, k, values):
        here = f"{letter}_{k}"
        if self.wrong("sign", here):
            return -values
        if self.wrong("factor 2", here):
            return 2 * values
        if self.wrong("1/n missing", here):
            return values * self.n
        if self.wrong("1/n twice", here):
            return values / self.n
        if self.wrong("mean over the units", here):
            return values / len(self.W[k])
        return 1.2345 * values if self.wrong("stray factor", here) else values


def softmax(A):
    """Column by column."""
    e = np.exp(A)
    return e / e.sum(axis=0)


OUTPUT = (
    "labels shifted", "output function twice", "logits in place of probabilities", "derivative stops at the output",
    "softmax slope as p(1−p)", "output slope kept", "target left out", "one example missing", "= in place of +=",
)  # fmt: skip
SCALES = ("sign", "factor 2", "1/n missing", "1/n twice", "mean over the units", "stray factor")
BACK = ("W already updated", "dW in place of W", "W summed out")
SQUARE_BACK = ("W not transposed", "W of another layer", "W left out", "g′ of another layer")
SLOPE = (
    "g′ missing", "g′ twice", "g′ at h in place of a", "g′ of another activation", "g′ of another activation, in h",
    "g in place of g′",
)  # fmt: skip
OF_ONE = {
    "tanh": ("g′ written in h, taken at a",),
    "logistic": ("g′ written in h, taken at a",),
    "relu": ("mask inverted",),
}
SQUARE_WEIGHTS = ("own output in place of input", "another layer's output")
WEIGHTS = ("dW transposed", "from one example only", "left at zero", *SCALES)
DECAYS = ("decay missing", "decay's sign", "decay's factor 2", "decay over n", "another decay")
BIASES = ("wrong axis", "sum of everything", "from one example only", "left at zero", "decay on biases", *SCALES)


def bugs(hidden, widths, loss):
    """Everything above that can be got wrong in a network; some of it may not change its gradient."""
    L, square, found = len(widths) - 1, len(set(widths)) == 1, []
    for k in range(1, L + 1):
        if k == L:
            error = OUTPUT if loss == "cross_entropy" else ("labels shifted", "target left out")
        else:
            error = (*BACK, *SLOPE, *OF_ONE.get(hidden[k - 1], ()), *(SQUARE_BACK if square else ()))
        weight = (*WEIGHTS, *DECAYS, *(SQUARE_WEIGHTS if square else ()), *(() if k == 1 else ("a in place of h",)))
        below = () if k == L else ("∂ℓ/∂h in place of δ",)
        kinds = {"δ": (*error, *SCALES), "W": (*weight, *below), "b": (*BIASES, *below)}
        found += [Bug(kind, f"{letter}_{k}") for letter in kinds for kind in kinds[letter]]
    return found
