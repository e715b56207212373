# SPDX-License-Identifier: MIT
"""The oracle that differentiates by program: PyTorch's autograd in float64.

The network is written anew from PyTorch's own functions, from the parameters' arrays and the users' y alone; nothing of
culpa's tables, door or passes is used. Where PyTorch cancels (p − t at saturation) it is no oracle, and is not asked.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cases import Case

torch = pytest.importorskip("torch", reason="autograd as an oracle needs PyTorch")
torch.set_num_threads(1)  # the networks are small: more threads only wait for each other
F = torch.nn.functional
Tensor = Any

ACTIVATIONS = {
    "identity": lambda a: a,
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda a: F.leaky_relu(a, negative_slope=0.01),
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    # F.softplus turns into the identity at 20, which is wrong by 2e-9; this does not.
    "softplus": lambda a: torch.logaddexp(a, torch.zeros_like(a)),
}

LOSSES = {
    "cross_entropy": lambda a, t: F.cross_entropy(a, t, reduction="none"),
    "binary_cross_entropy": lambda a, t: F.binary_cross_entropy_with_logits(a, t, reduction="none").sum(1),
    "squared_error": lambda a, t: F.mse_loss(a, t, reduction="none").sum(1) / 2,
    "huber": lambda a, t: F.huber_loss(a, t, reduction="none", delta=1.0).sum(1),
    "poisson": lambda a, t: (F.poisson_nll_loss(a, t, full=False, reduction="none") + torch.xlogy(t, t) - t).sum(1),
    "logistic_squared_error": lambda a, t: F.mse_loss(torch.sigmoid(a), t, reduction="none").sum(1) / 2,
    "softmax_squared_error": lambda a, t: F.mse_loss(torch.softmax(a, 1), rows_of(t, a), reduction="none").sum(1) / 2,
}

OUTPUTS = {
    "cross_entropy": lambda a: torch.softmax(a, 1),
    "binary_cross_entropy": torch.sigmoid,
    "squared_error": lambda a: a,
    "huber": lambda a: a,
    "poisson": torch.exp,
    "logistic_squared_error": torch.sigmoid,
    "softmax_squared_error": lambda a: torch.softmax(a, 1),
}


def rows_of(t: Tensor, a: Tensor) -> Tensor:
    """Class indices as one-hot rows; rows as they are."""
    return F.one_hot(t, a.shape[1]).to(a.dtype) if t.ndim == 1 else t


class Pass(NamedTuple):
    """One forward pass whose parts can be differentiated.

    Attributes:
        parameters: W_1, b_1, W_2, …, without what is missing.
        a: The pre-activations of every layer.
        h: X and the outputs of every hidden layer.
        output: h_L.
        losses: Each example's own loss.
        w: The example weights, the reduction included.
        penalty: ½ l2 Σ‖W‖².
    """

    parameters: list[Tensor]
    a: list[Tensor]
    h: list[Tensor]
    output: Tensor
    losses: Tensor
    w: Tensor
    penalty: Tensor


def tensor(array: Any, track: bool = False) -> Tensor:
    """A float64 tensor with a copy of the numbers."""
    return torch.tensor(np.array(array), dtype=torch.float64, requires_grad=track)


def run(case: Case) -> Pass:
    """Carry the case's inputs forward."""
    parameters, pre, post, squares = [], [], [tensor(case.X, track=True)], 0.0
    for k, layer in enumerate(case.network.layers):
        W = tensor(layer.W, track=True)
        b = None if layer.b is None else tensor(layer.b, track=True)
        parameters += [W] if b is None else [W, b]
        squares = squares + (W**2).sum()
        pre.append(F.linear(post[k], W, b))
        if k < len(case.network.layers) - 1:
            post.append(ACTIVATIONS[layer.activation.name](pre[-1]))
    loss = case.network.loss.name
    losses = LOSSES[loss](pre[-1], targets_of(case, pre[-1].shape[1]))
    s = torch.ones(len(case.X), dtype=torch.float64) if case.weights is None else tensor(case.weights)
    w = s / s.sum() if case.reduction == "mean" else s
    return Pass(parameters, pre, post, OUTPUTS[loss](pre[-1]), losses, w, case.network.l2 * squares / 2)


def targets_of(case: Case, outputs: int) -> Tensor:
    """Class indices as integers; all else as rows (n, d_L)."""
    indices = case.y.ndim == 1 and "classes" in case.network.loss.targets
    return torch.tensor(case.y) if indices else tensor(case.y).reshape(len(case.X), outputs)


def derivative(of: Tensor, by: list[Tensor], keep: bool = True) -> list[NDArray[Any]]:
    """∂of/∂by as NumPy arrays; zeros where `of` does not depend on it."""
    parts = torch.autograd.grad(of, by, retain_graph=keep, allow_unused=True)
    return [np.zeros(b.shape) if part is None else part.numpy() for part, b in zip(parts, by, strict=True)]


def flat(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """One vector, W_1 row by row, b_1, W_2, …."""
    return np.concatenate([part.ravel() for part in parts])


def loss_gradient(case: Case) -> NDArray[Any]:
    """∂loss/∂θ (p,), the data's part."""
    now = run(case)
    return flat(derivative((now.w * now.losses).sum(), now.parameters))


def objective_gradient(case: Case) -> NDArray[Any]:
    """∂(loss + penalty)/∂θ (p,)."""
    now = run(case)
    return flat(derivative((now.w * now.losses).sum() + now.penalty, now.parameters))


def per_example(case: Case) -> NDArray[Any]:
    """Each example's own gradient (n, p), by one backward pass an example."""
    now = run(case)
    return np.stack([flat(derivative(loss, now.parameters)) for loss in now.losses])


def deltas(case: Case) -> list[NDArray[Any]]:
    """∂ℓ/∂a_k (n, d_k) for every layer; rows do not mix, so the sum over examples gives each its own."""
    now = run(case)
    return derivative(now.losses.sum(), now.a)


def hidden(case: Case) -> list[NDArray[Any]]:
    """∂ℓ/∂h_k (n, d_k) for k = 0 … L−1."""
    now = run(case)
    return derivative(now.losses.sum(), now.h)


def logits_gradient(case: Case, rows: NDArray[Any], s: NDArray[Any]) -> NDArray[Any]:
    """∂/∂θ of Σ_i s_i ⟨rows_i, sin(a_L,i)⟩, a function of the logits that is no loss (p,)."""
    now = run(case)
    return flat(derivative((tensor(s)[:, None] * tensor(rows) * torch.sin(now.a[-1])).sum(), now.parameters))
