# SPDX-License-Identifier: MIT
"""The rivals in JAX: everything jitted as one function, as "Benchmarking and profiling" in its manual advises.

Each call waits for its result (`block_until_ready`), and parameters and batch are JAX's own arrays before the clock
runs. Dispatch is inline: its option `jax_cpu_enable_async_dispatch`, on by default, hands each step to another thread,
which makes small steps up to half as long again on a pinned core, so off is the harder rival. The environment variable
JAX_CPU_ENABLE_ASYNC_DISPATCH=1 measures the default. Per-example gradients are `vmap(grad(loss))`, as its tutorial
"Automatic vectorization" and its example of differentially private training have them; the compiler is free to fuse
what is done with them.
"""

import os
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from machine import Rival, Task

from rivals import Problem

jax.config.update("jax_cpu_enable_async_dispatch", os.environ.get("JAX_CPU_ENABLE_ASYNC_DISPATCH") == "1")

Parameters = list[jax.Array]


def given(problem: Problem) -> tuple[Parameters, jax.Array, jax.Array]:
    """Parameters and batch as JAX's arrays."""
    return [jnp.array(part) for part in problem.parameters], jnp.array(problem.X), jnp.array(problem.y)


def waited_for(function: Callable[..., Any], *arguments: Any) -> Task:
    """A call of a jitted function that ends when its result is there."""
    jitted = jax.jit(function)
    return lambda: jax.block_until_ready(jitted(*arguments))


def loss(parameters: Parameters, X: jax.Array, y: jax.Array) -> jax.Array:
    """The mean cross-entropy of a batch, or of one example."""
    *hidden, W, b = parameters
    h = X
    for V, c in zip(hidden[::2], hidden[1::2], strict=True):
        h = jax.nn.relu(h @ V.T + c)
    log_p = jax.nn.log_softmax(h @ W.T + b)
    return -jnp.take_along_axis(log_p, y[..., None], -1).mean()


per_example = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))


def norms_of(gradients: Parameters) -> jax.Array:
    """Each example's norm over all parameters."""
    return jnp.sqrt(sum(jnp.square(part).sum(range(1, part.ndim)) for part in gradients))


def flat(gradients: Parameters) -> list[np.ndarray]:
    """A gradient in culpa's order, as the only thing to compare."""
    return [np.concatenate([np.ravel(part) for part in gradients])]


def step(problem: Problem) -> dict[str, Rival]:
    """One gradient of the batch's loss."""
    return {
        "jax.jit(grad)": Rival(waited_for(jax.grad(loss), *given(problem)), flat),
        "jax's bare products": Rival(bare_products(problem)),
    }


def bare_products(problem: Problem) -> Task:
    """The products of a pass alone, jitted together."""
    n, sizes, random = len(problem.X), problem.network.sizes, np.random.default_rng(0)

    def noise(*shape: int) -> jax.Array:
        return jnp.array(random.normal(size=shape).astype(np.float32))

    weights = [noise(above, below) for below, above in pairwise(sizes)]
    signals = [noise(n, width) for width in sizes[:-1]]
    deltas = [noise(n, width) for width in sizes[1:]]

    def products(weights: Parameters, signals: Parameters, deltas: Parameters) -> Parameters:
        there = [h @ W.T for h, W in zip(signals, weights, strict=True)]
        back = [delta @ W for delta, W in zip(deltas[1:], weights[1:], strict=True)]
        return [*there, *back, *(delta.T @ h for delta, h in zip(deltas, signals, strict=True))]

    return waited_for(products, weights, signals, deltas)


def norms(problem: Problem) -> dict[str, Rival]:
    """Each example's gradient norm."""
    task = waited_for(lambda *given: norms_of(per_example(*given)), *given(problem))
    return {"jax.jit(vmap(grad))": Rival(task, lambda result: [result])}


def clipped(problem: Problem, bound: float) -> dict[str, Rival]:
    """The mean of all examples' gradients, each cut down to a norm of at most `bound`."""
    name = "jax.jit(vmap(grad))"

    def clipped_mean(parameters: Parameters, X: jax.Array, y: jax.Array) -> Parameters:
        gradients = per_example(parameters, X, y)
        scale = jnp.minimum(1, bound / norms_of(gradients)) / len(X)
        return [jnp.tensordot(scale, part, 1) for part in gradients]

    if not problem.written_out_by(f"{name}, clipped"):
        return {}
    return {name: Rival(waited_for(clipped_mean, *given(problem)), flat)}


def gram(problem: Problem) -> dict[str, Rival]:
    """The inner products of the examples' gradients."""
    name = "jax.jit(vmap(grad))"

    def products(parameters: Parameters, X: jax.Array, y: jax.Array) -> jax.Array:
        rows = [part.reshape(len(X), -1) for part in per_example(parameters, X, y)]
        return sum(part @ part.T for part in rows)

    if not problem.written_out_by(f"{name}'s Gram matrix"):
        return {}
    return {name: Rival(waited_for(products, *given(problem)), lambda result: [result])}
