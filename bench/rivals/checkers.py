# SPDX-License-Identifier: MIT
"""The checkers of gradients, each asked as its documentation shows and with its defaults; and what they are asked.

A checker is given the objective of a network as a function of its parameters, and somebody's gradient as that
function's own backward pass. It accepts the gradient, or does not. In PyTorch and JAX a backward pass that differs from
what automatic differentiation would do is an `autograd.Function` and a `custom_vjp`; these are what their checks are
for. SciPy's gives a number and no verdict. What is wrong with a gradient is not known here.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax.test_util import check_grads
from numpy.typing import NDArray
from scipy.optimize import check_grad

import culpa

Gradient = Sequence[NDArray[np.float64]]
"""∂/∂W_1, ∂/∂b_1, ∂/∂W_2, …, each shaped as its block."""


class Asked(NamedTuple):
    """A point at which a gradient is claimed.

    Attributes:
        network: The network, float64, with a cross-entropy and relu or tanh inside.
        X, y: The examples and their classes.
        unit: What the objective is multiplied by.
    """

    network: culpa.Network
    X: NDArray[np.float64]
    y: NDArray[np.int64]
    unit: float = 1.0

    @property
    def blocks(self) -> dict[str, NDArray[np.float64]]:
        """W_1, b_1, W_2, … by name."""
        layers = enumerate(self.network.layers, 1)
        return {f"{letter}_{k}": getattr(layer, letter) for k, layer in layers for letter in ("W", "b")}

    def objective(self, library: ModuleType, *blocks: Any) -> Any:
        """Mean loss and penalty, the same lines in NumPy, PyTorch and JAX; X and y are turned into the library's."""
        h, like = library.asarray(self.X, dtype=blocks[0].real.dtype), library.asarray(self.y)
        layers = list(zip(blocks[::2], blocks[1::2], strict=True))
        for W, b in layers[:-1]:
            a = h @ W.T + b
            h = library.tanh(a) if self.network.layers[0].activation.name == "tanh" else library.where(a > 0, a, 0 * a)
        a = h @ layers[-1][0].T + layers[-1][1]
        losses = library.log(library.exp(a).sum(-1)) - a[library.arange(len(self.y)), like]
        return self.unit * (losses.mean() + self.network.l2 / 2 * sum((W * W).sum() for W, _ in layers))


Checker = Callable[[Asked, Gradient], bool]
"""Whether it accepts a gradient."""


class Planted(torch.autograd.Function):
    """The objective in PyTorch, with a backward pass that gives the planted gradient."""

    @staticmethod
    def forward(ctx: Any, asked: Asked, planted: Gradient, *blocks: torch.Tensor) -> torch.Tensor:
        """The objective itself."""
        ctx.planted = planted
        return asked.objective(torch, *blocks)

    @staticmethod
    def backward(ctx: Any, above: torch.Tensor) -> tuple[Any, ...]:
        """What was planted."""
        return None, None, *(above * torch.tensor(part) for part in ctx.planted)


def gradcheck(asked: Asked, planted: Gradient, fast: bool) -> bool:
    """PyTorch's, in double precision as it asks for; eps 1e-6, atol 1e-5 and rtol 1e-3 are its defaults."""
    blocks = [torch.tensor(block, requires_grad=True) for block in asked.blocks.values()]
    return torch.autograd.gradcheck(
        lambda *blocks: Planted.apply(asked, planted, *blocks), blocks, fast_mode=fast, raise_exception=False
    )


def gradcheck_of_its_own(asked: Asked) -> bool:
    """The same in its fast mode, for the backward pass that PyTorch makes of the objective by itself."""
    blocks = [torch.tensor(block, requires_grad=True) for block in asked.blocks.values()]
    return torch.autograd.gradcheck(lambda *blocks: asked.objective(torch, *blocks), blocks, fast_mode=True)


def jax_check(asked: Asked, planted: Gradient, x64: bool) -> bool:
    """JAX's in reverse mode; the tolerances that it has for float32, its usual numbers, and for float64."""
    with jax.enable_x64(x64):
        f = jax.custom_vjp(lambda *blocks: asked.objective(jnp, *blocks))
        rows = [jnp.asarray(part) for part in planted]
        f.defvjp(lambda *blocks: (f(*blocks), None), lambda _, above: tuple(above * row for row in rows))
        return passes(lambda: check_grads(f, [jnp.asarray(block) for block in asked.blocks.values()], 1, modes=["rev"]))


def passes(check: Callable[[], None]) -> bool:
    """Whether a check raises no AssertionError."""
    try:
        check()
    except AssertionError:
        return False
    return True


def scipy_error(asked: Asked, planted: Gradient) -> float:
    """The norm of the difference to forward differences, which is all that SciPy's gives."""
    blocks = list(asked.blocks.values())
    ends, flat = np.cumsum([0, *(block.size for block in blocks)]), np.concatenate([part.ravel() for part in planted])

    def f(theta: NDArray[np.float64]) -> Any:
        parts = zip(pairwise(ends), blocks, strict=True)
        return asked.objective(np, *(theta[slice(*span)].reshape(block.shape) for span, block in parts))

    return float(check_grad(f, lambda _: flat, np.concatenate([block.ravel() for block in blocks])))


def relative_error(asked: Asked, planted: Gradient) -> float:
    """The same in units of the claimed gradient's norm."""
    size = float(np.sqrt(sum(np.vdot(part, part) for part in planted)))
    return scipy_error(asked, planted) / size if size else np.inf


def as_function(asked: Asked, planted: Gradient) -> tuple[Any, ...]:
    """What `culpa.check_function` takes: the objective of a dict of arrays, its gradient, and where."""
    named = dict(zip(asked.blocks, planted, strict=True))
    return lambda theta: asked.objective(np, *theta.values()), named, asked.blocks


def culpa_check(asked: Asked, planted: Gradient) -> bool:
    """Ours, which is told nothing of networks either."""
    return culpa.check_function(*as_function(asked, planted), show_progress=False).ok


def culpa_assertion(asked: Asked, planted: Gradient) -> bool:
    """The same as one line of a test."""
    return passes(lambda: culpa.assert_gradient(*as_function(asked, planted), show_progress=False))


CHECKERS: dict[str, Checker] = {
    "torch gradcheck": lambda asked, planted: gradcheck(asked, planted, fast=False),
    "torch gradcheck, fast_mode=True": lambda asked, planted: gradcheck(asked, planted, fast=True),
    "jax check_grads, float32": lambda asked, planted: jax_check(asked, planted, x64=False),
    "jax check_grads, x64": lambda asked, planted: jax_check(asked, planted, x64=True),
    "scipy check_grad < 1e-4": lambda asked, planted: scipy_error(asked, planted) < 1e-4,
    "scipy check_grad < 1e-5 ‖g‖": lambda asked, planted: relative_error(asked, planted) < 1e-5,
    "culpa.check_function": culpa_check,
    "culpa.assert_gradient": culpa_assertion,
}
"""By the names that they have in tables. SciPy gives no rule for its number; these two are in use."""
