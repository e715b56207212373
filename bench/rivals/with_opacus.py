# SPDX-License-Identifier: MIT
"""Opacus's ghost clipping: each example's gradient norm without its gradient, from hooks on every layer.

Written with the parts that its tutorial and its article on fast gradient clipping and ghost clipping name, and that
`PrivacyEngine.make_private(grad_sample_mode="ghost")` puts together: `GradSampleModuleFastGradientClipping` with
`use_ghost_clipping=True`, `DPOptimizerFastGradientClipping`, and `DPLossFastGradientClipping`, whose `backward` makes
the two passes of a clipped sum. For norms beside the gradient one pass will do: `backward`, then `get_norm_sample`.
No noise is drawn, and gradients are set to None between calls, which is cheaper than zeros.
"""

import warnings

from machine import Rival
from opacus.grad_sample import GradSampleModuleFastGradientClipping
from opacus.optimizers import DPOptimizerFastGradientClipping
from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
from torch import Tensor, nn, optim

from rivals import Problem
from rivals.with_torch import as_module, at_both_precisions, flat, given

warnings.filterwarnings("ignore", message="Full backward hook is firing")  # the first layer's input needs no gradient


def hooked(problem: Problem, bound: float = 1.0) -> GradSampleModuleFastGradientClipping:
    """The network with Opacus's hooks."""
    return GradSampleModuleFastGradientClipping(as_module(problem), max_grad_norm=bound, use_ghost_clipping=True)


def read_off(model: nn.Module) -> list[Tensor]:
    """The gradient that a backward pass has left in the parameters."""
    return flat([part.grad for part in model.parameters()])


def norms(problem: Problem) -> dict[str, Rival]:
    """The gradient, and each example's gradient norm, in one backward pass."""
    model, criterion = hooked(problem), nn.CrossEntropyLoss()
    _, X, y = given(problem)
    parts = list(model.parameters())

    def run() -> Tensor:
        for part in parts:
            part.grad = None
        criterion(model(X), y).backward()
        return model.get_norm_sample()

    return at_both_precisions("Opacus ghost norms + gradient", lambda: run, lambda norms: [norms, *read_off(model)])


def clipped(problem: Problem, bound: float) -> dict[str, Rival]:
    """The sum of all examples' gradients, each cut down to a norm of at most `bound`, in two backward passes."""
    model = hooked(problem, bound)
    _, X, y = given(problem)
    inner = optim.SGD(model.parameters(), lr=1.0)
    optimizer = DPOptimizerFastGradientClipping(
        inner, noise_multiplier=0.0, max_grad_norm=bound, expected_batch_size=len(X)
    )
    criterion = DPLossFastGradientClipping(model, optimizer, nn.CrossEntropyLoss())

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        criterion(model(X), y).backward()

    return at_both_precisions("Opacus ghost clipping", lambda: run, lambda _: [read_off(model)[0] / len(X)])
