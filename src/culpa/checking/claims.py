# SPDX-License-Identifier: MIT
"""Somebody else's gradient, however it is laid out: read into dW_k and db_k, with the precision it was written in.

A list of (dW, db), two lists, a flat list of arrays, a dict by name (dW1, db1; W.1, b.1; 0.weight, 0.bias), one flat
vector (p,), an .npz file, or a culpa.Gradient. A block may have the shape that a mistake gives it: dW transposed, db
with one entry an example, or a single number. What it should be is not known here.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array
from culpa.engine.factored import Gradient
from culpa.engine.network import Network, unflatten
from culpa.errors import DataError, FileError, ShapeError

__all__ = ["Claim", "read_claim", "read_data", "rounded"]

EPS32 = float(np.finfo(np.float32).eps)
FINE, COARSE = 1e-9, 200 * EPS32
"""What a right entry may be off by, relative to the size of what was summed to make it: in float64 and in float32."""
FEWEST = 8
"""With fewer entries than this, short decimals are taken as they are, not as rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """Somebody's gradient.

    Args:
        weights: dW_1 … dW_L, each (d_k, d_{k−1}) or its transpose.
        biases: db_1 … db_L, each (d_k,), (n,) or (); None where there is none.
        relative: What an entry may be off by, relative to the size of the sum that made it.
        digits: To how many significant digits the entries were rounded, or None.
        decimals: To how many decimals, or None.
        notes: How it was read, where that was a choice.
    """

    weights: tuple[NDArray[Any], ...]
    biases: tuple[NDArray[Any] | None, ...]
    relative: float
    digits: int | None = None
    decimals: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def tolerance(self) -> float:
        """To what relative error a constant can be read off."""
        rounding = 0.0 if self.digits is None else 10.0 ** (1 - self.digits)
        return max(100 * self.relative, rounding, 1e-3 if self.decimals is not None else 0.0)

    def slack(self, block: NDArray[Any], size: float) -> NDArray[Any]:
        """What each entry of a block may be off by, where `size` is the largest sum of absolute terms.

        A rounded entry gets a whole unit of its last digit and not a half, as constants are fitted to rounded entries.
        """
        slack = np.full(block.shape, self.relative * max(size, float(np.abs(block).max(initial=0.0))))
        if self.digits is not None:
            magnitude = np.floor(np.log10(np.abs(block), where=block != 0, out=np.zeros(block.shape)))
            slack += np.where(block != 0, 1.01 * 10.0 ** (magnitude - self.digits + 1), 0)
        if self.decimals is not None:
            slack += 1.01 * 10.0**-self.decimals
        return np.maximum(slack, np.finfo(np.float64).tiny)


def read_data(network: Network, X: object, y: object) -> tuple[object, object, list[str]]:
    """Turn X and one-hot y whose columns are examples; anything else is the door's affair."""
    inputs, targets, notes = as_array("X", X), as_array("y", y), []
    d, outputs = network.sizes[0], network.sizes[-1]
    if inputs.ndim == 2 and inputs.shape[0] == d != inputs.shape[1]:
        inputs = inputs.T
        notes.append("X was read with examples in columns")
    if targets.ndim == 2 and targets.shape == (outputs, len(inputs)) and outputs != len(inputs):
        targets = targets.T
        notes.append("y was read with examples in columns")
    return inputs, targets, notes


def read_claim(mine: object, network: Network, n: int) -> Claim:
    """Read somebody's gradient.

    Args:
        mine: The gradient, in one of the forms that the module's docstring lists.
        network: The network that it belongs to.
        n: The number of examples.

    Raises:
        ShapeError: If a block is missing or has a shape that no mistake of ours explains.
        DataError: If it holds no numbers, or NaN.
        FileError: If it is a path that cannot be read.

    Example:
        >>> network = Network.from_arrays([[[1.0, 2.0]]], [[0.0]], loss="squared_error")
        >>> read_claim({"dW1": [[0.5, 0.25]], "db1": 0.5}, network, 3).weights
        (array([[0.5 , 0.25]]),)
    """
    pairs = pairs_of(mine, network)
    weights = [matrix(k, W, network) for k, (W, _) in enumerate(pairs, 1)]
    biases = [
        None if network.layers[k - 1].b is None else vector(k, b, network, n) for k, (_, b) in enumerate(pairs, 1)
    ]
    notes: tuple[str, ...] = ()
    shapes = [layer.W.shape for layer in network.layers]
    turned = [W.shape != shape for W, shape in zip(weights, shapes, strict=True)]
    if any(turned) and all(now or rows == columns for now, (rows, columns) in zip(turned, shapes, strict=True)):
        weights = [W.T for W in weights]
        notes = ("every dW was read transposed, (inputs, outputs)",)
    blocks = [*weights, *(b for b in biases if b is not None)]
    return Claim(tuple(weights), tuple(biases), single(blocks), notes=notes)


def rounded(claim: Claim) -> Claim | None:
    """The same claim, read as rounded for print; None where its entries are not short decimals."""
    blocks = [*claim.weights, *(b for b in claim.biases if b is not None)]
    entries = np.concatenate([block.ravel() for block in blocks])
    entries = entries[entries != 0]
    if len(entries) < FEWEST:
        return None
    few = entries[:: max(1, len(entries) // 2000)]
    for count in range(2, 9):
        if all(float(f"{x:.{count - 1}e}") == x or np.float32(f"{x:.{count - 1}e}") == np.float32(x) for x in few):
            return Claim(claim.weights, claim.biases, claim.relative, digits=count, notes=claim.notes)
        if (np.abs(few - np.round(few, count)) <= 1e-15 + 4e-8 * (claim.relative > FINE) * np.abs(few)).all():
            return Claim(claim.weights, claim.biases, claim.relative, decimals=count, notes=claim.notes)
    return None


def single(blocks: Iterable[NDArray[Any]]) -> float:
    """The relative error that the arrays' own precision explains: float32, also where it was widened later."""
    wide = [block.astype(np.float64) for block in blocks]
    short = all((block.astype(np.float32) == block).all() for block in wide)
    return COARSE if short else FINE


def pairs_of(mine: object, network: Network) -> list[tuple[Any, Any]]:
    """The two entries of every layer, first layer first, not yet looked at."""
    L = len(network.layers)
    if isinstance(mine, Gradient):
        mine = mine.total()
    if isinstance(mine, str | os.PathLike):
        mine = opened(mine)
    if isinstance(mine, Mapping):
        return by_name(mine, network)
    if isinstance(mine, list | tuple):
        return from_list(list(mine), L, any(layer.b is not None for layer in network.layers))
    flat = number_array("the gradient", mine)
    if flat.shape == (network.n_parameters,):
        whole = unflatten(network.astype("float64"), flat.astype(np.float64))
        keep = flat.dtype if flat.dtype.kind == "f" else np.dtype(np.float64)
        return [(layer.W.astype(keep), None if layer.b is None else layer.b.astype(keep)) for layer in whole.layers]
    if L == 1 and flat.ndim == 2:
        return [(flat, None)]
    raise ShapeError(
        f"The gradient must hold {network.n_parameters:,} numbers, one for each weight and bias; got {flat.shape}.",
        hint="or give it by layer: a list of (dW, db), or a dict with dW1, db1, ….",
    )


def opened(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The arrays of an .npz file by name."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if not hasattr(file, "files"):
                raise FileError(f"{os.fspath(path)} holds one array; the gradient needs an .npz with dW1, db1, ….")
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, FileError):
            raise
        reason = getattr(error, "strerror", None) or "it is no .npz of plain arrays"
        raise FileError(f"{os.fspath(path)} cannot be read: {reason}.", hint="write it with numpy.savez.") from error


NAME = re.compile(
    r"^(?:.*[^a-zA-Z])?(?:d|grad|grads|gradient|nabla|∇)?[_.\[]*(w|weights?|b|bias|biases)[_.\[]*(\d+)\]?$",
    re.IGNORECASE,
)
TURNED_NAME = re.compile(r"^(?:.*\D)?(\d+)[_.\]]*(w|weights?|b|bias|biases)$", re.IGNORECASE)


def by_name(named: Mapping[Any, Any], network: Network) -> list[tuple[Any, Any]]:
    """Sort a dict's entries into layers by the letter and the number in their names, which may start anywhere."""
    if {"weights", "biases"} == {str(name) for name in named}:
        return list(zip(named["weights"], named["biases"], strict=True))
    found: dict[str, dict[int, Any]] = {"w": {}, "b": {}}
    for name, value in named.items():
        match, turned = NAME.match(str(name)), TURNED_NAME.match(str(name))
        if match or turned:
            letter, number = (match[1], match[2]) if match else (turned[2], turned[1])  # type: ignore[index]
            found[letter[0].lower()][int(number)] = value
    L = len(network.layers)
    if len(found["w"]) != L:
        raise ShapeError(
            f"The gradient must name a dW for each of the {L} layers; got {', '.join(map(str, named)) or 'nothing'}.",
            hint="call them dW1, db1, dW2, db2, ….",
        )
    order = sorted(found["w"])
    return [(found["w"][number], found["b"].get(number)) for number in order]


def from_list(parts: list[Any], L: int, biased: bool) -> list[tuple[Any, Any]]:
    """The layers' pairs from a list of pairs, two lists, or one list of arrays dW_1, db_1, dW_2, …."""
    if len(parts) == 2 and all(isinstance(part, list | tuple) and len(part) == L for part in parts) and L != 2:
        return list(zip(*parts, strict=True))
    if len(parts) == 2 == L and all(isinstance(part, list | tuple) and len(part) == 2 for part in parts):
        lists = all(np.ndim(detached(entry)) == 2 for entry in parts[0])
        return list(zip(*parts, strict=True)) if lists and not paired(parts) else [tuple(part) for part in parts]
    if len(parts) == L and all(isinstance(part, list | tuple) and len(part) == 2 for part in parts):
        return [tuple(part) for part in parts]
    if len(parts) == 2 * L and biased:
        return list(zip(parts[::2], parts[1::2], strict=True))
    if len(parts) == L:
        return [(part, None) for part in parts]
    raise ShapeError(
        f"The gradient must hold a pair (dW, db) for each of the {L} layers; got a list of {len(parts)}.",
        hint="first layer first: [(dW1, db1), (dW2, db2), …].",
    )


def paired(parts: list[Any]) -> bool:
    """Whether the second of each two is as long as the first has rows: a pair (dW, db) with db as a column or a row."""
    return all(1 in np.shape(detached(db)) and np.size(detached(db)) in np.shape(detached(dW)) for dW, db in parts)


def detached(value: Any) -> Any:
    """A tensor without its history and on the host; anything else as it is."""
    for step in ("detach", "cpu"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return value


def number_array(name: str, value: object) -> NDArray[Any]:
    """A real, finite array; what is not is refused by name."""
    array = as_array(name, detached(value))
    if array.dtype.kind == "c":
        raise DataError(f"`{name}` must hold real numbers; got dtype {array.dtype}.")
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DataError(f"`{name}` must be finite; entry {list(place)} is {array[place]}.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def matrix(k: int, value: object, network: Network) -> NDArray[Any]:
    """dW_k as (d_k, d_{k−1}) or as its transpose, in float64 with the digits that it came with."""
    array, (rows, columns) = number_array(f"dW{k}", value), network.layers[k - 1].W.shape
    if array.ndim == 1 and array.size == rows * columns and 1 in (rows, columns):
        array = array.reshape(rows, columns)
    if array.shape not in ((rows, columns), (columns, rows)):
        raise ShapeError(f"dW{k} must be ({rows}, {columns}), because W_{k} is; got {array.shape}.")
    return array.astype(np.float64)


def vector(k: int, value: object, network: Network, n: int) -> NDArray[Any]:
    """db_k as (d_k,), or in a shape that a mistake gives it: (n,), or a single number."""
    width = network.layers[k - 1].W.shape[0]
    if value is None:
        raise ShapeError(f"The gradient has no db{k}, but layer {k} has {width} biases.")
    array = number_array(f"db{k}", value)
    flat = array.reshape(-1).astype(np.float64)
    if array.ndim > 2 or (array.ndim == 2 and 1 not in array.shape) or flat.size not in (width, n, 1):
        raise ShapeError(f"db{k} must be ({width},), because b_{k} is; got {array.shape}.")
    return flat if flat.size == width else flat if flat.size == n else np.full(width, flat[0])
