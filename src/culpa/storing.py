# SPDX-License-Identifier: MIT
"""Saving and loading: one `.safetensors` file, tensors W.1, b.1, … and a versioned JSON document in its header.

What a training recorded of each row is in it too, as tensors examples.losses, examples.margins, ….

No pickle: a file can hold numbers and plain text only. Knows what a network carries, and nothing of how it came about.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from culpa.engine.activations import ACTIVATIONS, Activation
from culpa.engine.losses import LOSSES, Loss
from culpa.engine.network import Network
from culpa.errors import CulpaError, FileError, OptionError
from culpa.tables.columns import Columns
from culpa.training.record import Examples, Training

__all__ = ["load", "needs_writable", "save", "write_whole", "writing_whole"]

FORMAT = 2
"""The version of the JSON document: 1 knew columns of numbers alone, 2 knows columns of every kind."""
LONGEST = 40_000_000
"""Characters of the document; the format's own limit is 100,000,000 bytes, with every quotation mark counted twice."""


def save(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network, its training record and its columns to one file; it appears whole or not at all.

    Args:
        network: The network.
        path: Where; an existing file is replaced. The usual ending is `.safetensors`.

    Raises:
        OptionError: If it is no network, has an activation or a loss of your own that is not in the tables, or
            carries something other than a training record and columns of ours.
        FileError: If the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "network.safetensors"
        >>> save(culpa.Network.fresh([2, 3, 2], seed=1), path)
        >>> load(path)
        Network(2-3-2, relu, cross_entropy, float32, 17 parameters)
    """
    from safetensors.numpy import save as to_bytes

    if not isinstance(network, Network):
        hint = "save its `.network`." if isinstance(getattr(network, "network", None), Network) else None
        raise OptionError(f"`network` must be a culpa.Network; got {a_thing(network)}.", hint=hint)
    needs_path(path)
    tensors: dict[str, NDArray[Any]] = {}
    for k, layer in enumerate(network.layers, 1):
        tensors[f"W.{k}"] = np.ascontiguousarray(layer.W)
        if layer.b is not None:
            tensors[f"b.{k}"] = np.ascontiguousarray(layer.b)
    if isinstance(network.training, Training) and network.training.examples is not None:
        for name, array in network.training.examples.arrays().items():
            tensors[f"examples.{name}"] = np.ascontiguousarray(array)
    if network.dtype.kind == "c":
        raise OptionError("A complex network cannot be saved.", hint='use astype("float64").')
    text = as_json(document(network))
    if len(text) > LONGEST:
        raise OptionError(
            f"The network's record is {len(text):,} characters long, and a file holds {LONGEST:,}.",
            hint="train with shorter ids, or without.",
        )
    write_whole(path, to_bytes(tensors, {"culpa": text}))


def needs_path(path: object) -> None:
    """Refuse what cannot be a file's name."""
    if not isinstance(path, str | os.PathLike):
        raise OptionError(f"`path` must be the name of a file; got {a_thing(path)}.")


def a_thing(value: object) -> str:
    """What somebody gave, in a word or two."""
    return "None" if value is None else f"an object of the type {type(value).__name__}"


def as_json(state: dict[str, Any]) -> str:
    """The document as text; what JSON has no form for can only be the user's own ids."""
    try:
        return json.dumps(state, allow_nan=False)
    except TypeError as error:
        raise OptionError(
            f"The ids in the training record cannot be saved: {error}.", hint="use numbers or texts as ids."
        ) from error


def document(network: Network) -> dict[str, Any]:
    """The JSON document of the header."""
    ours: list[Activation | Loss] = [*ACTIVATIONS.values(), *LOSSES.values()]
    for row in (*(layer.activation for layer in network.layers[:-1]), network.loss):
        if row not in ours:
            raise OptionError(
                f"{row!r} is your own row, so a file cannot hold it.",
                hint="save the arrays with numpy.savez and make the network again with Network.from_arrays.",
            )
    for name, value, noun in (("training", network.training, Training), ("columns", network.columns, Columns)):
        if value is not None and not isinstance(value, noun):
            raise OptionError(f"The network's `{name}` must be {noun.__name__} or None; got {type(value).__name__}.")
    return {
        "format": FORMAT,
        "sizes": network.sizes,
        "hidden": [layer.activation.name for layer in network.layers[:-1]],
        "loss": network.loss.name,
        "l2": network.l2,
        "training": None if network.training is None else network.training.to_dict(),
        "columns": None if network.columns is None else network.columns.to_dict(),
    }


def load(path: str | os.PathLike[str]) -> Network:
    """Read a network that `save` wrote: every parameter comes back to the bit.

    Args:
        path: The file.

    Raises:
        FileError: If the file is missing, cut off, of another kind, or from a newer version of culpa.
        OptionError: If `path` is no name of a file.

    Example:
        >>> load("nowhere.safetensors")
        Traceback (most recent call last):
        culpa.errors.FileError: nowhere.safetensors does not exist.
    """
    needs_path(path)
    content = read_bytes(path)
    state = read_document(path, content)
    try:
        from safetensors.numpy import load as from_bytes

        tensors = from_bytes(content)
        count = len(state["sizes"]) - 1
        network = Network.from_arrays(
            [tensors[f"W.{k}"] for k in range(1, count + 1)],
            [tensors.get(f"b.{k}") for k in range(1, count + 1)],
            hidden=state["hidden"],
            loss=state["loss"],
            l2=state["l2"],
            training=None if state["training"] is None else Training.from_dict(state["training"], examples(tensors)),
            columns=None if state["columns"] is None else Columns.from_dict(state["columns"]),
        )
    except Exception as error:  # whatever a damaged file makes go wrong, the reader needs the same word
        raise damaged(path, error) from error
    if list(network.sizes) != list(state["sizes"]):
        raise damaged(path, f"its header says {state['sizes']}, its arrays {list(network.sizes)}")
    return network


def examples(tensors: dict[str, NDArray[Any]]) -> Examples | None:
    """What a training recorded of each row, if the file has it."""
    names = [name for name in tensors if name.startswith("examples.")]
    return Examples(**{name.removeprefix("examples."): tensors[name] for name in names}) if names else None


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The whole file; no memory map stays open, so that the file can be replaced."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"{path} does not exist.") from error
    except IsADirectoryError as error:
        raise FileError(f"{path} is a folder, not a saved network.") from error
    except (OSError, ValueError) as error:
        raise FileError(f"{path!r} cannot be read: {reason(error)}.") from error


def read_document(path: str | os.PathLike[str], content: bytes) -> dict[str, Any]:
    """The JSON document of the header: eight bytes of length, then JSON, as the safetensors format has it."""
    length = int.from_bytes(content[:8], "little")
    foreign = FileError(f"{path} is not a network saved by culpa.", hint="culpa.save writes one.")
    if len(content) < 8 or length > 100_000_000 or content[8:9] != b"{":
        raise foreign
    try:
        header = json.loads(content[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise damaged(path, "its header is cut off or not JSON") from error
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or "culpa" not in metadata:
        raise foreign
    try:
        state = json.loads(metadata["culpa"])
        version = state["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(path, "its document is not whole") from error
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise damaged(path, f"its format {version!r} is no version")
    if version > FORMAT:
        raise FileError(
            f"{path} has format {version}, and this version of culpa reads up to {FORMAT}.",
            hint="pip install --upgrade culpa",
        )
    return dict(state)


def reason(error: object) -> str:
    """Why something went wrong, in a few words without a full stop."""
    words = getattr(error, "strerror", None) or getattr(error, "message", None) or str(error)
    return (words.splitlines() or ["unknown"])[0].rstrip(".")


def damaged(path: str | os.PathLike[str], why: object) -> CulpaError:
    """The error for a file that is ours but not whole."""
    return FileError(f"{path} is damaged: {reason(why)}.", hint="save the network again, or fetch the file again.")


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that it appears whole or not at all: into a neighbour first, then over the old one.

    A link is followed. What is no ordinary file, such as a pipe or /dev/null, is written to as it is.
    """
    with writing_whole(path) as file:
        file.write(content)


@contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file to write to that appears when the block ends, as `write_whole` has it, and not if the block fails."""
    target = needs_writable(path)
    if target.exists() and not target.is_file():
        # There is no way to write to what is no ordinary file whole or not at all.
        try:
            with target.open("wb") as file:
                yield file
        except OSError as error:
            raise unwritable(target, error) from error
        return
    handle, name = neighbour(target)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(name, target.stat().st_mode & 0o777)  # a private file stays private
        os.replace(name, target)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def needs_writable(path: str | os.PathLike[str]) -> Path:
    """Refuse a place that nothing can be written to, before hours go into what should be written there."""
    if not os.fspath(path):
        raise FileError("A file to write to must have a name.")
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise FileError(f"{path} cannot be written: it is a folder.", hint="name a file in it.")
        if not target.exists() or target.is_file():
            handle, name = neighbour(target)
            os.close(handle)
            Path(name).unlink()
        if len(os.fsencode(target.name)) > 255:
            raise FileError(f"{path} cannot be written: its name is too long.")
    except (OSError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise unwritable(path, error) from error
    return target


def neighbour(target: Path) -> tuple[int, str]:
    """A new file beside the target, open for writing, that others may read as they may the user's other files."""
    name = str(target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}"))
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), name


def unwritable(path: str | os.PathLike[str], error: Exception) -> FileError:
    """The error for a place that cannot be written to."""
    hint = "does the folder exist, and is it yours?" if isinstance(error, FileNotFoundError | PermissionError) else None
    return FileError(f"{path!s} cannot be written: {reason(error)}.", hint=hint)
