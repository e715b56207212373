# SPDX-License-Identifier: MIT
"""The sandbox: somebody's function runs in a process of its own, on probes that we choose, and only numbers come back.

    the process    isolated Python in a session of its own, no terminal, a minimal environment, a temporary folder
    its limits     time on the wall clock, memory where the system has a limit, what it prints, what it returns

That stops crashes and endless loops, not malice. Knows processes and folders; what it means that a call failed is said
in `refusals`, and what the numbers mean is for others.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, NamedTuple

import numpy as np

from culpa.checking.sandbox import parcels, runner
from culpa.checking.sandbox.refusals import Ending, needs_file, refusal
from culpa.errors import FileError

__all__ = ["Call", "Returned", "run_file"]

LOUDEST = 65536
"""Bytes that may be printed."""
MOMENT = 0.5
"""Seconds for a process to write down where it is, before it is killed."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
"""Every thread of a BLAS reserves memory that counts, and probes are small."""


class Call(NamedTuple):
    """One call of the function: its arguments in order, each an array, a list of arrays or a number."""

    arguments: tuple[Any, ...]


class Returned(NamedTuple):
    """What the function of a file returned.

    Attributes:
        name: The function's name.
        takes_l2: Whether it took l2, and so which of the calls were made.
        values: What each call returned: a nest of lists, tuples, dicts, arrays and numbers.
        again: What each returned in a second round, in the same process: the same, if nothing is kept between calls.
    """

    name: str
    takes_l2: bool
    values: tuple[Any, ...]
    again: tuple[Any, ...]


def run_file(
    path: str | os.PathLike[str],
    with_l2: Sequence[Call],
    without_l2: Sequence[Call],
    *,
    function: str | None = None,
    seconds: float = 20.0,
    memory: int = 4 * 2**30,
) -> Returned:
    """Run the gradient of a Python file on some probes, each twice, in a process of its own.

    Args:
        path: The file.
        with_l2: The calls, for a function that takes (weights, biases, X, y, l2).
        without_l2: The calls, for one that takes (weights, biases, X, y).
        function: Its name; by default the usual names are tried, then the only function that fits.
        seconds: Time for everything together.
        memory: Bytes of address space, where the system has such a limit.

    Raises:
        FileError: If the file is no Python, cannot be imported, or has no gradient.
        DataError: If the function fails, does not end, or returns something else than numbers.
    """
    needs_file(path)
    document, arrays = request(path, with_l2, without_l2, function)
    limits = {"seconds": seconds, "memory": int(memory)}
    with TemporaryDirectory(prefix="culpa-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "work").mkdir()
        parcels.write(folder / "request", {**document, **limits}, arrays)
        ending = supervised(folder, seconds)
        answer: dict[str, Any] = {}
        if ending.code == 0 and not ending.loud:
            # Where there is none, or half of one, `refusal` says how the process ended.
            with suppress(Exception):
                answer, arrays = parcels.read(folder / "answer")
        if "values" not in answer:
            raise refusal(path, ending, answer.get("failure"), folder, limits)
    values = tuple(parcels.unpack(packed, arrays) for packed in answer["values"])
    half = len(values) // 2
    return Returned(answer["name"], answer["takes_l2"], values[:half], values[half:])


def request(
    path: str | os.PathLike[str], with_l2: Sequence[Call], without_l2: Sequence[Call], function: str | None
) -> tuple[dict[str, Any], list[Any]]:
    """What the child is asked to do, and the arrays for it."""
    packer = parcels.Packer()
    document = {
        "path": os.path.abspath(path),
        "function": function,
        "libraries": str(Path(np.__file__).parents[1]),
        "with l2": [packer.pack(tuple(call.arguments)) for call in with_l2],
        "without l2": [packer.pack(tuple(call.arguments)) for call in without_l2],
    }
    return document, packer.arrays


def supervised(folder: Path, seconds: float) -> Ending:
    """Run the child until it ends, has had its time, or prints too much; nothing of it is left afterwards."""
    heard = bytearray()
    process = started(folder)
    listener = Thread(target=listen, args=(process, heard), daemon=True)
    try:
        listener.start()
        code: int | None = process.wait(seconds)
    except subprocess.TimeoutExpired:
        code = None
        if sys.platform != "win32":
            process.send_signal(signal.SIGUSR1)
            with suppress(subprocess.TimeoutExpired):
                process.wait(MOMENT)
    finally:
        kill(process)
        process.wait()
        if listener.is_alive():
            # Not for ever: what escaped into a session of its own may hold the pipe as long as it likes.
            listener.join(1.0)
    return Ending(code, loud=len(heard) > LOUDEST, printed=heard.decode(errors="replace"))


def started(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the child in its folder, with nothing of ours but what it needs to start."""
    try:
        return subprocess.Popen(  # noqa: S603 -- our own interpreter and our own script
            [sys.executable, "-I", "-B", "-X", "utf8", runner.__file__, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder / "work",
            env=environment(folder / "work"),
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        raise FileError(f"A process for it cannot be started: {error.strerror or error}.") from error


def environment(home: Path) -> dict[str, str]:
    """The child's environment: where programs are, one folder that is its own, and a language."""
    # Without its libraries' path the interpreter of some installations does not start; nor does Windows' without its.
    needed = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in needed if name in os.environ}
    own = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(home))
    return {"PATH": os.defpath, **kept, **own, **ONE_THREAD, "LANG": "C.UTF-8"}


def listen(process: "subprocess.Popen[bytes]", heard: bytearray) -> None:
    """Take what the child prints, until it has no more to say or has said too much."""
    if process.stdout is None:
        return
    with process.stdout as stream:
        while part := stream.read(LOUDEST):
            heard += part
            if len(heard) > LOUDEST:
                kill(process)
                return


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End the child and, where the system has process groups, everything that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
