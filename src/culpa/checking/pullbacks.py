# SPDX-License-Identifier: MIT
"""Is a layer's backward pass right? In the style of the courses: `forward(x, w, b)` keeps a cache for `backward`.

    out, cache = forward(x, w, b)        dx, dw, db = backward(dout, cache)
    f(x, w, b) = Σ dout ⊙ out            ∂f/∂x = dx, ∂f/∂w = dw, ∂f/∂b = db        dout random, then fixed

A backward pass that is right for a random dout is right for every one, but for accidents of probability zero. Knows how
the courses write layers, nothing of what a layer does, and no function's slope.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.functions import Pair, called, check_pair
from culpa.checking.judging import Options
from culpa.checking.nests import Leaf, Nest, as_numpy
from culpa.checking.verdicts import Check
from culpa.engine.streams import stream
from culpa.errors import DataError, ShapeError
from culpa.reporting.progress import Show

__all__ = ["check_vjp"]

NO_CACHE = object()


class Layer(NamedTuple):
    """A layer as the user wrote it, and what it was given.

    Attributes:
        forward, backward: The two functions.
        inputs: What `forward` takes, by name.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: dict[str, Any]

    def run(self, point: Mapping[str, Any]) -> tuple[Any, Any, list[Any]]:
        """The layer's output and cache, and what it was run on: inputs that are not in `point` are deep copies."""
        values = [point[name] if name in point else copy.deepcopy(value) for name, value in self.inputs.items()]
        answer = self.forward(*values)
        if not isinstance(answer, tuple):
            return answer, NO_CACHE, values
        if len(answer) != 2:
            raise ShapeError(f"`forward` must give (out, cache), or out alone; it gives {len(answer)} things.")
        return *answer, values

    def pull(self, point: Mapping[str, Any], dout: NDArray[Any]) -> Any:
        """What the backward pass says to dout (as the layer's own kind of array)."""
        out, cache, values = self.run(point)
        rows = Leaf("dout", slice(0, dout.size), dout.shape, detached(out)).build(dout.ravel(), "own")
        return self.backward(rows, *values) if cache is NO_CACHE else self.backward(rows, cache)


def check_vjp(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Any,
    directions: int = 4,
    entries: int = 4,
    budget: int = 128,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Check:
    """Check a layer's backward pass, each gradient that it returns apart.

    Args:
        forward: From the inputs to (out, cache), or to out alone.
        backward: From (dout, cache), or from (dout, *inputs) where there is no cache, to the gradients.
        *inputs: What `forward` takes. Floating arrays are differentiated; the rest is handed on as deep copies.
        directions, entries: How many random directions and single entries of each input are looked at.
        budget: Inputs with no more numbers in all are looked at entry by entry.
        seed, show_progress: Of dout, the directions and entries; "auto" shows a bar on a terminal.

    Returns:
        A Check with a block for each input, by its name in `forward`; where `backward` gives None, it has none.

    Raises:
        DataError, ShapeError: If either fails, is random, or gives what cannot be its answer.

    Example:
        >>> def forward(x, w): return x @ w, (x, w)
        >>> def backward(dout, cache): return dout @ cache[1].T, cache[0].T @ dout
        >>> check_vjp(forward, backward, np.ones((3, 2)), np.ones((2, 4))).ok
        True
    """
    layer = Layer(forward, backward, dict(zip(names_of(forward, len(inputs)), inputs, strict=True)))
    out = detached(called("forward", lambda point: layer.run(point)[0], {}))
    shape = as_numpy("out", out).shape
    draw = stream(seed, "directions").normal(size=shape)
    dout = as_numpy("dout", Leaf("dout", slice(0, draw.size), shape, out).build(draw.ravel(), "own"))
    said = claims(called("backward", lambda point: layer.pull(point, dout), {}), layer.inputs)
    if not said:
        raise DataError("`backward` must give a gradient for one input at least; it gives none.")

    def f(point: Mapping[str, Any]) -> Any:
        moved = as_numpy("out", layer.run(point)[0])
        if moved.shape != shape:
            raise ShapeError(f"`forward` must always give the same shape; it gives {shape} and {moved.shape}.")
        return (dout * moved).sum()

    def gradient(point: Mapping[str, Any]) -> dict[str, Any]:
        return claims(layer.pull(point, dout), layer.inputs)

    nest = Nest.of({name: layer.inputs[name] for name in said}, "inputs")
    return check_pair(
        Pair(f, gradient, nest, ("forward", "backward")), Options(directions, entries, budget, seed, show_progress)
    )


def names_of(forward: Callable[..., Any], count: int) -> list[str]:
    """The names of the inputs in the signature of `forward`; numbers where it has none."""
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in kinds][:count]
    return names + [f"inputs[{k}]" for k in range(len(names), count)]


def claims(said: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the backward pass says of each input, by name; inputs of which it says None are left out."""
    if isinstance(said, Mapping):
        known = {spelling: name for name in inputs for spelling in (name, f"d{name}", f"d_{name}", f"grad_{name}")}
        strangers = [key for key in said if key not in known]
        if strangers:
            raise DataError(f"`backward` gives {strangers[0]!r}, which is no input; they are {', '.join(inputs)}.")
        whole = {known[key]: part for key, part in said.items()}
    else:
        parts = list(said) if isinstance(said, list | tuple) else [said]
        whole = dict(zip(answered_for(len(parts), inputs), parts, strict=True))
    missing = [name for name, value in inputs.items() if is_floating(value) and name not in whole]
    if missing:
        raise ShapeError(
            f"`backward` must give a gradient for each floating input; it gives none for {', '.join(missing)}.",
            hint="let it give None for an input that needs none.",
        )
    return {name: part for name, part in whole.items() if part is not None}


def answered_for(count: int, inputs: Mapping[str, Any]) -> list[str]:
    """Which inputs so many gradients belong to: the floating arrays, these and the floats, or simply all."""
    arrays = [name for name, value in inputs.items() if is_floating(value)]
    numbers = [name for name, value in inputs.items() if is_floating(value) or isinstance(value, float)]
    for names in (arrays, numbers, list(inputs)):
        if len(names) == count:
            return names
    raise ShapeError(
        f"`backward` must give one gradient for each floating input, {', '.join(arrays)}; it gives {count}.",
        hint="let it give None for an input that needs none.",
    )


def is_floating(value: Any) -> bool:
    """Whether a value is an array of floating-point numbers, of whatever library."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and "float" in str(dtype) and not isinstance(value, np.generic)


def detached(array: Any) -> Any:
    """The array without the history that some libraries keep of it."""
    return array.detach() if hasattr(array, "detach") else array
