# SPDX-License-Identifier: MIT
"""BackPACK: quantities of single examples beside the gradient, in one backward pass.

As its manual has it: `extend` the model and the loss, then call `backward` under `backpack(BatchL2Grad())`, which
leaves each parameter's squared norms in `batch_l2`, or under `backpack(BatchGrad())`, which leaves every example's
gradient in `grad_batch`, all of them with the mean's 1/n inside. The Gram matrix is the product of the latter,
parameter by parameter. Gradients are set to None between calls, and the extension is made once, which spares a little.
"""

import warnings
from collections.abc import Callable

import torch
from backpack import backpack, extend
from backpack.extensions import BatchGrad, BatchL2Grad
from backpack.extensions.backprop_extension import BackpropExtension
from machine import Rival
from torch import Tensor, nn

from rivals import Problem
from rivals.with_torch import as_it_is, as_module, at_both_precisions, flat, given

warnings.filterwarnings("ignore", message="Full backward hook is firing")  # the first layer's input needs no gradient


def backward(problem: Problem, extension: BackpropExtension) -> tuple[list[nn.Parameter], Callable[[], None]]:
    """The parameters, and a pass that leaves the gradient and one quantity more in them."""
    model, criterion = extend(as_module(problem)), extend(nn.CrossEntropyLoss())
    _, X, y = given(problem)
    parts = list(model.parameters())

    def run() -> None:
        for part in parts:
            part.grad = None
        loss = criterion(model(X), y)
        with backpack(extension):
            loss.backward()

    return parts, run


def norms(problem: Problem) -> dict[str, Rival]:
    """The gradient, and each example's gradient norm."""
    parts, run = backward(problem, BatchL2Grad())
    n = len(problem.X)

    def norms_too() -> Tensor:
        run()
        return torch.stack([part.batch_l2 for part in parts]).sum(0).sqrt() * n

    def read(norms: Tensor) -> list[Tensor]:
        return [norms, *flat([part.grad for part in parts])]

    return at_both_precisions("BackPACK BatchL2Grad + gradient", lambda: norms_too, read)


def gram(problem: Problem) -> dict[str, Rival]:
    """The inner products of the examples' gradients."""
    if not problem.written_out_by("BackPACK BatchGrad"):
        return {}
    parts, run = backward(problem, BatchGrad())
    n = len(problem.X)

    def products() -> Tensor:
        run()
        rows = [part.grad_batch.flatten(1) for part in parts]
        return torch.stack([part @ part.T for part in rows]).sum(0) * n**2

    return at_both_precisions("BackPACK BatchGrad", lambda: products, as_it_is)
