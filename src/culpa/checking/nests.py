# SPDX-License-Identifier: MIT
"""Nests: arrays inside dicts, lists and tuples, laid out in one flat vector and built again as what they were.

    {"W": (2, 3), "b": (2,)}  <->  θ (8,) with the blocks W and b

Arrays of any library are taken by what they can do (`detach`, `cpu`, `__array__`, an array API namespace), and given
back as the same kind; no library is imported for it. Knows no function and no gradient.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.checking.rays import Block
from culpa.engine.arrays import Flat, as_array, library
from culpa.errors import DataError, ShapeError

__all__ = ["Leaf", "Nest", "Precision", "as_numpy", "grain_of"]

Precision = Literal["float64", "complex128", "own"]
FLOATS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23}
"""The unit roundoff of the dtypes that are coarser than float64."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One array of a nest.

    Args:
        name: How people call it: the keys that lead to it, joined by points.
        part: Its place in the flat vector.
        shape: Its shape.
        given: The array itself, as it came.
    """

    name: str
    part: slice
    shape: tuple[int, ...]
    given: Any

    def build(self, flat: NDArray[Any], precision: Precision) -> Any:
        """A fresh array of the same kind with the numbers of the flat vector."""
        values = flat[self.part].reshape(self.shape)
        if is_numpy(self.given):
            kind = precision if precision != "own" else numpy_float(np.asarray(self.given).dtype)
            array = np.array(values, dtype=kind)
            return array.item() if isinstance(self.given, int | float) else array
        xp = library(self.given)
        kind = getattr(xp, precision) if precision != "own" else floating(xp, self.given.dtype)
        array = xp.asarray(values.copy(), dtype=kind, device=self.given.device)
        if array.dtype != kind:
            raise TypeError(f"{type(self.given).__name__} holds no {precision}")
        return array.requires_grad_() if getattr(self.given, "requires_grad", False) else array


@dataclass(frozen=True, slots=True, eq=False)
class Nest:
    """The shape of a nest: its containers with a Leaf for each array.

    Args:
        tree: Dicts, lists and tuples of leaves.
        leaves: The leaves in their order.
        name: What the whole is called in errors.
    """

    tree: Any
    leaves: tuple[Leaf, ...]
    name: str

    @classmethod
    def of(cls, value: Any, name: str = "theta") -> "Nest":
        """Read the nest of a value; numbers that are whole count as floats.

        Raises:
            DataError: If it holds no arrays, or something that is neither an array nor a container, or NaN.

        Example:
            >>> [leaf.name for leaf in Nest.of({"W": np.eye(2), "b": [np.ones(2), 3.0]}).leaves]
            ['W', 'b[0]', 'b[1]']
        """
        leaves: list[Leaf] = []

        def grow(part: Any, path: str) -> Any:
            if is_container(part):
                return rebuilt(part, lambda key: grow(part[key], joined(path, key)))
            array = as_numpy(path or name, part)
            if array.dtype.kind == "c" or not np.isfinite(array).all():
                raise DataError(f"`{path or name}` must hold finite real numbers.")
            start = leaves[-1].part.stop if leaves else 0
            given = array.astype(numpy_float(array.dtype)) if isinstance(part, list | tuple) else part
            leaves.append(Leaf(path or name, slice(start, start + array.size), array.shape, given))
            return leaves[-1]

        tree = grow(value, "")
        if not sum(leaf.part.stop - leaf.part.start for leaf in leaves):
            raise DataError(f"`{name}` must hold at least one number.")
        return cls(tree, tuple(leaves), name)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """A block for each array that is not empty."""
        return tuple(Block(leaf.name, leaf.part) for leaf in self.leaves if leaf.part.stop > leaf.part.start)

    @property
    def is_coarse(self) -> bool:
        """Whether some array is coarser than float64."""
        return any(grain_of(leaf.given) > FLOATS["float32"] / 2 for leaf in self.leaves)

    def flat(self) -> Flat:
        """All numbers in one vector (p,), in float64."""
        return np.concatenate([as_numpy(leaf.name, leaf.given).astype(np.float64).ravel() for leaf in self.leaves])

    def build(self, flat: NDArray[Any], precision: Precision = "own") -> Any:
        """The same nest with other numbers, every array fresh."""

        def grow(part: Any) -> Any:
            return part.build(flat, precision) if isinstance(part, Leaf) else rebuilt(part, lambda key: grow(part[key]))

        return grow(self.tree)

    def read(self, value: Any, what: str) -> tuple[Flat, float]:
        """The numbers of a nest that must have this structure, and the unit roundoff of its coarsest array.

        Raises:
            ShapeError: If its structure or a shape is another.
            DataError: If it does not hold finite real numbers.
        """
        parts = list(self.matched(value, self.tree, ""))
        flat = np.concatenate([same_shape(array, leaf, what) for leaf, array, _ in parts])
        return flat, max(grain for *_, grain in parts)

    def matched(self, value: Any, tree: Any, path: str) -> Iterator[tuple[Leaf, NDArray[Any], float]]:
        """Each leaf with the array that stands in its place."""
        if isinstance(tree, Leaf):
            yield tree, as_numpy(f"gradient of {tree.name}", value), grain_of(value)
            return
        keys = list(keys_of(tree))
        if isinstance(tree, Mapping) != isinstance(value, Mapping) or not is_container(value, least=0):
            expected = f"a {type(tree).__name__} with {listing(keys)}"
            raise ShapeError(f"The gradient must be built like `{self.name}`: {expected}; got a {kind_of(value)}.")
        if set(keys) != set(keys_of(value)):
            raise ShapeError(
                f"The gradient must be built like `{path or self.name}`, with {listing(keys)}; "
                f"got {listing(list(keys_of(value)))}."
            )
        for key in keys:
            yield from self.matched(value[key], tree[key], joined(path, key))


def is_container(value: Any, least: int = 1) -> bool:
    """Whether a value is a dict, or a list or tuple that is no array written as one."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and len(value) >= least and (least == 0 or not is_written(value))


def is_written(value: Any) -> bool:
    """Whether lists in lists hold plain numbers alone: an array written by hand."""
    if isinstance(value, list | tuple):
        return not hasattr(value, "_fields") and all(map(is_written, value))
    return isinstance(value, int | float) and not isinstance(value, np.generic)


def keys_of(container: Any) -> Iterator[Any]:
    """The keys of a dict, the places of a list."""
    yield from container if isinstance(container, Mapping) else range(len(container))


def rebuilt(container: Any, grow: Callable[[Any], Any]) -> Any:
    """A container of the same kind with other things in it."""
    if isinstance(container, Mapping):
        return {key: grow(key) for key in container}
    things = [grow(key) for key in range(len(container))]
    if isinstance(container, list):
        return things
    return type(container)(*things) if hasattr(container, "_fields") else tuple(things)


def joined(path: str, key: Any) -> str:
    """The name of a part of a nest."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def listing(keys: list[Any]) -> str:
    """Keys in words."""
    if all(isinstance(key, int) for key in keys):
        return f"{len(keys)} entr{'y' if len(keys) == 1 else 'ies'}"
    return ", ".join(map(repr, keys))


def kind_of(value: Any) -> str:
    """What a value is, in a word."""
    return "None" if value is None else type(value).__name__


def is_numpy(value: Any) -> bool:
    """Whether a value is NumPy's, a plain number, or something that only NumPy can read."""
    if isinstance(value, int | float | np.ndarray | np.generic):
        return True
    try:
        library(value)
    except TypeError:
        return True
    return False


def numpy_float(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which a function gets an array: its own where it is floating, else float64."""
    return dtype if dtype.kind == "f" and dtype.itemsize <= 8 else np.dtype(np.float64)


def floating(xp: Any, dtype: Any) -> Any:
    """The same for the dtypes of another library."""
    return dtype if xp.isdtype(dtype, "real floating") else xp.float64


def as_numpy(name: str, value: Any) -> NDArray[Any]:
    """The numbers of an array of any library, detached and on this machine's processor."""
    for method in ("detach", "cpu", "resolve_conj"):
        if hasattr(value, method):
            value = getattr(value, method)()
    if value is None:
        raise DataError(f"`{name}` is None; it must be an array of numbers.")
    if grain_of(value) > FLOATS["float16"]:
        value = library(value).astype(value, library(value).float32)
    return as_array(name, value)


def grain_of(value: Any) -> float:
    """The unit roundoff of an array's dtype; float64's for what has none."""
    return FLOATS.get(str(getattr(value, "dtype", "")).removeprefix("torch."), 2.0**-52)


def same_shape(array: NDArray[Any], leaf: Leaf, what: str) -> Flat:
    """The array as a part of the flat vector, or a refusal."""
    if array.shape != leaf.shape and not (array.size == 1 and leaf.shape == ()):
        turned = array.ndim > 1 and array.T.shape == leaf.shape
        raise ShapeError(
            f"The gradient of `{leaf.name}` must have its shape, {leaf.shape}; {what} gave {array.shape}.",
            hint="is it transposed?" if turned else None,
        )
    if array.dtype.kind == "c" or not np.isfinite(array).all():
        fault = "complex numbers" if array.dtype.kind == "c" else "NaN or infinite numbers"
        raise DataError(f"The gradient of `{leaf.name}` must hold finite real numbers; {what} gave {fault}.")
    return array.astype(np.float64).ravel()
