# SPDX-License-Identifier: MIT
"""Reading somebody's gradient, however it is laid out, into dW_k and db_k.

A list of (dW, db), two lists, a flat list of arrays, a dict by name (dW1, db1; W.1, b.1; 0.weight, 0.bias), one flat
vector (p,), an .npz file, or a culpa.Gradient. A block may have the shape that a mistake gives it: dW transposed, db
with one entry an example, or a single number. What it should be is not known here.
"""

import os
import re
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.claims import Claim, single
from culpa.engine.arrays import as_array
from culpa.engine.factored import Gradient
from culpa.engine.network import Network, unflatten
from culpa.errors import DataError, FileError, ShapeError

__all__ = ["read_claim", "read_data"]


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


def read_claim(mine: object, network: Network, n: int, *, turned: bool = False) -> Claim:
    """Read somebody's gradient.

    Args:
        mine: The gradient, in one of the forms that the module's docstring lists.
        network: The network that it belongs to.
        n: The number of examples.
        turned: Whether every dW is known to be (inputs, outputs); else their shapes tell, if they are not all square.

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
    shapes = [layer.W.shape for layer in network.layers]
    other = [W.shape != shape for W, shape in zip(weights, shapes, strict=True)]
    if any(other) and all(now or rows == columns for now, (rows, columns) in zip(other, shapes, strict=True)):
        turned = True
    if turned:
        weights = [W.T for W in weights]
    blocks = [*weights, *(b for b in biases if b is not None)]
    notes = ("every dW was read transposed, (inputs, outputs)",) if turned else ()
    return Claim(tuple(weights), tuple(biases), single(blocks), turned=turned, notes=notes)


def pairs_of(mine: object, network: Network) -> list[tuple[Any, Any]]:
    """The two entries of every layer, first layer first, not yet looked at."""
    L = len(network.layers)
    if isinstance(mine, Gradient):
        mine = mine.total()
    if isinstance(mine, str | os.PathLike):
        mine = opened(mine)
    if isinstance(mine, Mapping):
        return by_name(mine, network)
    if isinstance(mine, list | tuple) and not (mine and all(isinstance(part, int | float) for part in mine)):
        return from_list(list(mine), network)
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
    name = os.fspath(path)
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror or error}.") from error
    except (ValueError, EOFError, BadZipFile, AttributeError, TypeError) as error:
        raise FileError(
            f"{name} cannot be read: it is no .npz of plain arrays.", hint="write dW1, db1, … with numpy.savez."
        ) from error


LETTER = r"(w|weights?|b|bias|biases)"
NAME = re.compile(
    rf"^(?:.*[^a-z])?(?:d|d[lj]_?d|grads?|gradient|nabla|∇)?[_.\[]*{LETTER}[_.\[]*(\d+)\]?$", re.IGNORECASE
)
TURNED_NAME = re.compile(rf"^(?:.*\D)?(\d+)[_.\]]*{LETTER}$", re.IGNORECASE)
TAIL = re.compile(r"[._]?grad(ient)?$", re.IGNORECASE)


def by_name(named: Mapping[Any, Any], network: Network) -> list[tuple[Any, Any]]:
    """Sort a dict's entries into layers by the letter and the number in their names, which may start anywhere."""
    if {"weights", "biases"} == {str(name) for name in named}:
        return from_list([listed(part, len(network.layers)) for part in (named["weights"], named["biases"])], network)
    found: dict[str, dict[int, Any]] = {"w": {}, "b": {}}
    for name, value in named.items():
        word = TAIL.sub("", str(name))
        match, turned = NAME.match(word), TURNED_NAME.match(word)
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


def listed(part: Any, L: int) -> list[Any]:
    """The arrays of all layers as a list; None stands for none."""
    return [None] * L if part is None else list(part) if isinstance(part, list | tuple) else [part]


def from_list(parts: list[Any], network: Network) -> list[tuple[Any, Any]]:
    """The layers' pairs from a list of pairs, two lists, or one list of arrays dW_1, db_1, dW_2, …."""
    L = len(network.layers)
    nested = all(isinstance(part, list | tuple) for part in parts)
    ways = []
    if nested and len(parts) == L and all(len(part) == 2 for part in parts):
        ways.append([(part[0], part[1]) for part in parts])
    if nested and len(parts) == 2 and all(len(part) == L for part in parts):
        ways.append(list(zip(*parts, strict=True)))
    if ways:
        return max(ways, key=lambda way: likeness(way, network))
    if len(parts) == 2 * L and any(layer.b is not None for layer in network.layers):
        return list(zip(parts[::2], parts[1::2], strict=True))
    if len(parts) == L:
        return [(part, None) for part in parts]
    raise ShapeError(
        f"The gradient must hold a pair (dW, db) for each of the {L} layers; got a list of {len(parts)}.",
        hint="first layer first: [(dW1, db1), (dW2, db2), …].",
    )


def likeness(way: list[tuple[Any, Any]], network: Network) -> float:
    """How many of a reading's dW have the shape of their W; its transpose counts half."""
    score = 0.0
    for (dW, _), layer in zip(way, network.layers, strict=True):
        try:
            shape = np.shape(detached(dW))
        except (TypeError, ValueError):  # it is no array, which is told when it is read
            continue
        score += 1.0 if shape == layer.W.shape else 0.5 if shape == layer.W.shape[::-1] else 0.0
    return score


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
        elsewhere = any(array.shape == layer.W.shape for layer in network.layers)
        hint = "first layer first: is the list reversed?" if elsewhere else None
        raise ShapeError(f"dW{k} must be ({rows}, {columns}), because W_{k} is; got {array.shape}.", hint=hint)
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
