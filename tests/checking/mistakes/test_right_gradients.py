# SPDX-License-Identifier: MIT
"""Right gradients are right: ours, PyTorch's and JAX's, over the registry of cases, in float32 and in float64."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from tests.cases import CASES, each, gradient_of
from tests.checking.mistakes.planting import (
    PROBES,
    Given,
    asked,
)

UNWEIGHED = [case for case in CASES if case.weights is None]
DTYPES = ["float32", "float64"]


def single(case):
    """The case in float32, inputs too."""
    return replace(case, network=case.network.astype("float32"), X=case.X.astype("float32"))


@pytest.mark.parametrize("dtype", DTYPES)
@each(UNWEIGHED)
def test_our_own_gradient_is_right(case, dtype):
    case = single(case) if dtype == "float32" else case
    found = culpa.diagnose(
        case.network, case.X, case.y, gradient_of(case), reduction=case.reduction, show_progress=False
    )
    assert (found.verdict, found.guilty, found.mistakes, found.evidence) == ("right", None, (), ())
    assert {block.ruling for block in found.blocks} == {"right"}


@pytest.mark.parametrize("dtype", DTYPES)
@each(UNWEIGHED)
def test_the_gradient_of_pytorch_is_right(case, dtype):
    pytest.importorskip("torch", reason="autograd as an oracle needs PyTorch")
    case = single(case) if dtype == "float32" else case
    found = culpa.diagnose(
        case.network, case.X, case.y, of_pytorch(case), reduction=case.reduction, show_progress=False
    )
    assert found.verdict == "right"


def of_pytorch(case):
    """The gradient in the case's own precision, as tensors."""
    import torch

    from tests.oracles import autograd

    dtype = getattr(torch, case.network.dtype.name)

    def tensor(array):
        return torch.tensor(np.array(array), dtype=dtype)

    parameters = [[None if part is None else tensor(part) for part in (x.W, x.b)] for x in case.network.layers]
    tracked = [part.requires_grad_() for layer in parameters for part in layer if part is not None]
    h = tensor(case.X)
    for layer, (W, b) in zip(case.network.layers, parameters, strict=True):
        a = torch.nn.functional.linear(h, W, b)
        h = autograd.ACTIVATIONS[layer.activation.name](a) if layer is not case.network.layers[-1] else a
    y = autograd.targets_of(case, a.shape[1])
    losses = autograd.LOSSES[case.network.loss.name](a, y if y.ndim == 1 else y.to(dtype))
    loss = losses.mean() if case.reduction == "mean" else losses.sum()
    penalty = sum((W**2).sum() for W, _ in parameters) * case.network.l2 / 2
    parts = iter(torch.autograd.grad(loss + penalty, tracked, allow_unused=True, materialize_grads=True))
    return [tuple(None if part is None else next(parts) for part in layer) for layer in parameters]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["relu", "mixed"])
def test_the_gradient_of_jax_is_right(name, dtype):
    jax = pytest.importorskip("jax", reason="jax.grad as an oracle needs JAX")
    with jax.enable_x64(dtype == "float64"):
        at = PROBES[name]
        at = Given(at.network.astype(dtype), at.X.astype(dtype), at.y)
        mine = of_jax(jax, at)
        assert {part.dtype.name for layer in mine for part in layer} == {dtype}
        assert asked(at, mine).verdict == "right"


def of_jax(jax, at):
    """The gradient of the objective as JAX writes it."""
    jnp, layers = jax.numpy, at.network.layers
    functions = {"tanh": jnp.tanh, "relu": jax.nn.relu, "logistic": jax.nn.sigmoid, "softplus": jax.nn.softplus}

    def objective(parameters):
        h = jnp.asarray(at.X)
        for (W, b), layer in zip(parameters, layers, strict=True):
            a = h @ W.T + b
            h = functions[layer.activation.name](a) if layer is not layers[-1] else a
        if at.network.loss.name == "cross_entropy":
            loss = -jnp.take_along_axis(jax.nn.log_softmax(a), jnp.asarray(at.y)[:, None], axis=1).mean()
        else:
            loss = ((a - jnp.asarray(at.y, a.dtype)) ** 2).sum(axis=1).mean() / 2
        return loss + at.network.l2 / 2 * sum((W**2).sum() for W, _ in parameters)

    return jax.jit(jax.grad(objective))([(jnp.asarray(layer.W), jnp.asarray(layer.b)) for layer in layers])


@pytest.mark.parametrize("dtype", DTYPES)
@each(UNWEIGHED[::9])
def test_what_is_right_no_more_is_not_called_right(case, dtype):
    case = single(case) if dtype == "float32" else case
    mine = gradient_of(case).total() * 1.01
    found = culpa.diagnose(case.network, case.X, case.y, mine, reduction=case.reduction, show_progress=False)
    assert (found.verdict != "right") == bool(np.abs(mine).max() > 0)
