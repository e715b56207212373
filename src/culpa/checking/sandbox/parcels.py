# SPDX-License-Identifier: MIT
"""Parcels: nests of arrays on their way from one process to another, as JSON for the structure and .npz for the arrays.

    None, True, 3, 0.5        themselves
    [a, b]   (a, b)           ["list", a, b]   ["tuple", a, b]
    {"dW1": a}                ["dict", ["dW1", a]]
    2 + 1j   np.float32(.5)   ["complex", 2.0, 1.0]   ["scalar", "<f4", 0.5]
    an array                  ["array", its number in the .npz]

No pickle, so that a file of somebody else's can answer nothing but numbers. Knows no network and no process; the
standard library and NumPy only, because a process that knows no more than that reads and writes parcels too.
"""

import json
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Packer", "Unsendable", "read", "unpack", "write"]

DEEPEST = 20
"""Levels of a nest; one that holds itself would have no end."""
NUMBER = 32
"""Bytes that a single number is counted as: some twenty digits, and its place in a list."""


class Unsendable(Exception):  # noqa: N818 -- it is what the thing is
    """Something in a nest is neither a number nor an array of numbers; says what it is, and where."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(what, where)
        self.what = what
        self.where = where


class Packer:
    """Packs nests one after the other, and keeps a copy of each array as it was when it was packed.

    Args:
        room: The bytes that all of them may take up together.

    Example:
        >>> packer = Packer()
        >>> packer.pack({"dW": [np.ones((2, 2)), None]}), len(packer.arrays)
        (['dict', ['dW', ['list', ['array', 0], None]]], 1)
    """

    def __init__(self, room: float = inf) -> None:
        self.room = room
        self.arrays: list[NDArray[Any]] = []

    def pack(self, nest: object, where: str = "", depth: int = 0) -> Any:
        """A nest in the form of the table above; `where` is its place in what is packed as a whole."""
        if depth > DEEPEST:
            raise Unsendable(f"a nest of more than {DEEPEST} levels", "")
        if isinstance(nest, dict):
            pairs = (
                (key_of(key, where), self.pack(part, f"{where}[{key!r}]", depth + 1)) for key, part in nest.items()
            )
            return ["dict", *map(list, pairs)]
        if isinstance(nest, list | tuple):
            parts = (self.pack(part, f"{where}[{i}]", depth + 1) for i, part in enumerate(nest))
            return ["list" if isinstance(nest, list) else "tuple", *parts]
        number = packed_number(nest)
        self.spend(NUMBER)
        return ["array", self.keep(nest, where)] if number is NotImplemented else number

    def keep(self, thing: object, where: str) -> int:
        """Keep a copy of an array, whichever library's it is; returns its number."""
        array = as_array(thing, where)
        self.spend(array.nbytes)
        self.arrays.append(np.array(array))
        return len(self.arrays) - 1

    def spend(self, size: int) -> None:
        """Take so many bytes of the room, if there are any left."""
        self.room -= size
        if self.room < 0:
            raise Unsendable("too much", "")


def key_of(key: object, where: str) -> str | int:
    """A dictionary's key, if it can stand in JSON as what it is."""
    if isinstance(key, str):
        return str(key)
    if isinstance(key, int | np.integer) and not isinstance(key, bool) and abs(int(key)) < 2**63:
        return int(key)
    raise Unsendable(f"a dictionary key of type {type(key).__name__}", where)


def packed_number(number: object) -> Any:
    """A single number, or None; NotImplemented where it has to go as an array, or not at all."""
    if isinstance(number, np.generic):
        plain = number.dtype.kind in "biuf" and number.dtype.itemsize <= 8
        return ["scalar", number.dtype.str, number.item()] if plain else NotImplemented
    if number is None or isinstance(number, bool | float):
        return number
    if isinstance(number, int) and number.bit_length() <= 1024:
        return int(number)
    return ["complex", number.real, number.imag] if isinstance(number, complex) else NotImplemented


def as_array(thing: object, where: str) -> NDArray[Any]:
    """An array of numbers from whatever can become one, a tensor with a tape included."""
    if isinstance(thing, str | bytes):
        raise Unsendable("text", where)
    if not hasattr(type(thing), "__array__"):
        raise Unsendable(f"an object of type {type(thing).__name__}", where)
    try:
        array = np.asarray(thing.detach().cpu() if hasattr(thing, "detach") else thing)
    except Exception as error:  # whatever another library raises, the thing cannot be sent
        raise Unsendable(f"an object of type {type(thing).__name__}", where) from error
    if array.dtype.kind not in "biufc":
        known = {"O": "an array of objects", "U": "an array of text", "S": "an array of text"}
        raise Unsendable(known.get(array.dtype.kind, f"an array of {array.dtype}"), where)
    return array


def unpack(packed: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    """The nest of a packed one; each array in it is a copy of its own.

    Example:
        >>> unpack(["tuple", ["array", 0], ["scalar", "<f4", 0.5]], [np.zeros(2)])
        (array([0., 0.]), np.float32(0.5))
    """
    if not isinstance(packed, list):
        return packed
    kind, *parts = packed
    if kind == "array":
        return arrays[parts[0]].copy()
    if kind == "scalar":
        return np.dtype(parts[0]).type(parts[1])
    if kind == "complex":
        return complex(*parts)
    if kind == "dict":
        return {key: unpack(part, arrays) for key, part in parts}
    nest = [unpack(part, arrays) for part in parts]
    return nest if kind == "list" else tuple(nest)


def write(stem: Path, document: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> None:
    """Write a document and the arrays that it speaks of, side by side."""
    np.savez(stem.with_suffix(".npz"), *arrays)
    stem.with_suffix(".json").write_text(json.dumps(document), encoding="utf-8")


def read(stem: Path) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read what `write` wrote."""
    with np.load(stem.with_suffix(".npz"), allow_pickle=False) as held:
        arrays = [held[f"arr_{number}"] for number in range(len(held.files))]
    return json.loads(stem.with_suffix(".json").read_text(encoding="utf-8")), arrays
