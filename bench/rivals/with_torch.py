# SPDX-License-Identifier: MIT
"""The rivals in PyTorch: eager, compiled, and its function transforms.

A step is `torch.autograd.grad` of `F.cross_entropy` over a stateless network of `F.linear` and `F.relu`, which leaves
out what `nn.Sequential`, `zero_grad` and `.grad` add (about a tenth of a small step). torch.compile comes in two ways:
the loss compiled and differentiated by autograd, as its tutorial has it, and `torch.func.grad` compiled as a whole, as
"torch.func" in its manual allows, which spares autograd's overhead. The mode is the default one: "reduce-overhead" is
for CUDA graphs, and changes nothing on a CPU. Shapes are static.

Per-example quantities follow the tutorials "Per-sample-gradients" (`vmap(grad(loss))`) and "Neural Tangent Kernels"
(`vmap(jacrev(f))`, then an einsum for each parameter, summed; here f is the loss itself). The other way to a Gram
matrix is one product of all examples' flattened gradients. Weights are given in the tutorials' and in `nn.Linear`'s
layout.

Everything runs at both settings of `torch.set_float32_matmul_precision` that matter on a CPU: "highest", the default,
which is MKL, and "medium", which lets oneDNN do the products; MKL is slow on some processors that are not Intel's.
Where "medium" would round to bfloat16 it is left out.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the framework's own custom
from machine import Rival, Task
from torch import Tensor, nn
from torch.func import grad, jacrev, vmap

from rivals import Problem

Read = Callable[[Any], Sequence[Any]]


@lru_cache
def medium_is_float32() -> bool:
    """Whether "medium" only chooses another library here; where it rounds to bfloat16 it is another computation."""
    A, B = torch.randn(128, 784), torch.randn(784, 256)
    torch.set_float32_matmul_precision("medium")
    medium = A @ B
    torch.set_float32_matmul_precision("highest")
    exact = A.double() @ B.double()
    same = float((medium - exact).norm() / exact.norm()) < 1e-5
    if not same:
        print('left out: torch at precision "medium", which rounds to bfloat16 on this machine')
    return same


def at_both_precisions(name: str, make: Callable[[], Task], read: Read | None) -> dict[str, Rival]:
    """A rival at the default precision of products of matrices, and at "medium" where that is float32 too."""
    precisions = {name: "highest", **({f"{name}, medium": "medium"} if medium_is_float32() else {})}
    return {
        title: Rival(make(), read, partial(torch.set_float32_matmul_precision, precision))
        for title, precision in precisions.items()
    }


def given(problem: Problem) -> tuple[list[Tensor], Tensor, Tensor]:
    """Parameters and batch as tensors; the threads are those of OMP_NUM_THREADS, which `pin` sets."""
    torch.compiler.reset()  # what was compiled for other sizes
    parameters = [torch.tensor(part) for part in problem.parameters]
    return parameters, torch.tensor(problem.X), torch.tensor(problem.y)


def as_module(problem: Problem) -> nn.Sequential:
    """The network as a module, for libraries that hang on modules."""
    modules: list[nn.Module] = []
    for layer in problem.network.layers:
        linear = nn.Linear(layer.W.shape[1], layer.W.shape[0])
        linear.weight.data, linear.bias.data = torch.tensor(layer.W), torch.tensor(layer.b)
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def loss(parameters: list[Tensor], X: Tensor, y: Tensor) -> Tensor:
    """The mean cross-entropy of a batch."""
    *hidden, W, b = parameters
    h = X
    for V, c in zip(hidden[::2], hidden[1::2], strict=True):
        h = F.relu(F.linear(h, V, c))
    return F.cross_entropy(F.linear(h, W, b), y)


def loss_of_one(parameters: list[Tensor], x: Tensor, target: Tensor) -> Tensor:
    """One example's loss, as a batch of one."""
    return loss(parameters, x.unsqueeze(0), target.unsqueeze(0))


def flat(gradients: Sequence[Tensor]) -> list[Tensor]:
    """A gradient in culpa's order, as the only thing to compare."""
    return [torch.cat([part.detach().reshape(-1) for part in gradients])]


def as_it_is(result: Tensor) -> list[Tensor]:
    """The only thing to compare."""
    return [result]


def step(problem: Problem) -> dict[str, Rival]:
    """One gradient of the batch's loss."""
    parameters, X, y = given(problem)
    tracked = [part.clone().requires_grad_() for part in parameters]

    def eager() -> Task:
        return lambda: torch.autograd.grad(loss(tracked, X, y), tracked)

    def loss_compiled() -> Task:
        compiled = torch.compile(loss, dynamic=False)
        return lambda: torch.autograd.grad(compiled(tracked, X, y), tracked)

    def all_compiled() -> Task:
        return partial(torch.compile(grad(loss), dynamic=False), parameters, X, y)

    return {
        **at_both_precisions("torch eager", eager, flat),
        **at_both_precisions("torch.compile of the loss", loss_compiled, flat),
        **at_both_precisions("torch.compile of func.grad", all_compiled, flat),
        **at_both_precisions("torch's bare products", lambda: bare_products(problem), None),
    }


def bare_products(problem: Problem) -> Task:
    """The products of a pass alone, in PyTorch's layout (examples are rows), into arrays that are there already."""
    n, sizes = len(problem.X), problem.network.sizes
    weights, slopes = ([torch.randn(above, below) for below, above in pairwise(sizes)] for _ in range(2))
    signals, deltas = ([torch.randn(n, width) for width in sizes] for _ in range(2))
    calls = [partial(torch.mm, h, W.t(), out=torch.empty(n, len(W))) for h, W in zip(signals, weights, strict=False)]
    calls += [
        partial(torch.mm, delta, W, out=torch.empty(n, W.shape[1]))
        for W, delta in zip(weights[1:], deltas[2:], strict=True)
    ]
    calls += [
        partial(torch.mm, delta.t(), h, out=slope) for delta, h, slope in zip(deltas[1:], signals, slopes, strict=False)
    ]

    def run() -> None:
        for call in calls:
            call()

    return run


def norms(problem: Problem) -> dict[str, Rival]:
    """Each example's gradient norm, by `vmap(grad)`; compiled, the sum of squares is fused with what it sums."""
    parameters, X, y = given(problem)
    per_example = vmap(grad(loss_of_one), in_dims=(None, 0, 0))

    def norms_of(parameters: list[Tensor], X: Tensor, y: Tensor) -> Tensor:
        return torch.stack([part.flatten(1).square().sum(1) for part in per_example(parameters, X, y)]).sum(0).sqrt()

    def compiled() -> Task:
        return partial(torch.compile(norms_of, dynamic=False), parameters, X, y)

    def plain() -> Task:
        return partial(norms_of, parameters, X, y)

    name = "torch.func.vmap(grad)"
    return {
        **(at_both_precisions(name, plain, as_it_is) if problem.written_out_by(name) else {}),
        **at_both_precisions(f"{name}, compiled", compiled, as_it_is),
    }


def gram(problem: Problem) -> dict[str, Rival]:
    """The inner products of the examples' gradients."""
    parameters, X, y = given(problem)
    rows = vmap(grad(loss_of_one), in_dims=(None, 0, 0))
    jacobians = vmap(jacrev(loss_of_one), (None, 0, 0))

    def kernel() -> Tensor:
        parts = [part.flatten(1) for part in jacobians(parameters, X, y)]
        return torch.stack([torch.einsum("Nf,Mf->NM", part, part) for part in parts]).sum(0)

    def product() -> Tensor:
        G = torch.cat([part.flatten(1) for part in rows(parameters, X, y)], dim=1)
        return G @ G.T

    if not problem.written_out_by("torch.func's Gram matrix"):
        return {}
    return {
        **at_both_precisions("torch.func, jacrev and einsum", lambda: kernel, as_it_is),
        **at_both_precisions("torch.func, flattened gradients", lambda: product, as_it_is),
    }
