# SPDX-License-Identifier: MIT
"""The child's side of the sandbox: imports somebody's file, finds its gradient, calls it, and writes what came back.

    python -I -B runner.py FOLDER        request.json, request.npz  ->  stage, traces, answer.json, answer.npz

Started by its path in a process of its own, with the standard library and NumPy only: nothing of ours is under a name
that the file could meet or shadow. It says what happened in plain words of a table; `refusals` makes sentences of it.
"""

import faulthandler
import linecache
import os
import signal
import sys
import traceback
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from math import ceil
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["main"]

ROOM = 200_000_000
"""Bytes that everything returned may take up."""
LONGEST = 1000
"""Letters of a message or of a line of code that are sent at the most."""


def beside(name: str) -> Any:
    """A module of ours that lies beside this one, under no name that anybody else could import."""
    spec = spec_from_file_location(f"culpa sandbox {name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder: Path) -> None:
    """Do what the request in a folder asks for, write the answer, and end the process at once."""
    parcels = beside("parcels")
    request, arrays = parcels.read(folder / "request")
    confine(request["memory"], request["seconds"])
    watch(folder / "traces")
    path = request["path"]
    packer = parcels.Packer(ROOM)
    try:
        answer = work(request, arrays, packer, folder / "stage")
    except parcels.Unsendable as error:
        answer = {"failure": {"kind": "unsendable", "what": error.what, "where": error.where}}
    except BaseException as error:  # noqa: BLE001 -- exit() and Ctrl-C of the file's own are answers too
        answer = {"failure": failure(error, path)}
    parcels.write(folder / "answer", answer, [] if "failure" in answer else packer.arrays)
    with suppress(BaseException):
        sys.stdout.flush()
    # Threads that the file left running, and what it wanted done at the end, are nobody's concern any more.
    os._exit(0)


def confine(memory: int, seconds: float) -> None:
    """Limit this process and those that it starts, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    # The time limit is the parent's; this one is for the day when the parent itself is killed.
    limits = {"AS": memory, "FSIZE": memory, "CORE": 0, "CPU": 10 * ceil(seconds) + 10}
    for name, limit in limits.items():
        with suppress(ValueError, OSError):
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))


def watch(path: Path) -> None:
    """Have the line written down at which the process crashes, or at which it is when the parent asks."""
    traces = path.open("w")
    faulthandler.enable(traces, all_threads=False)
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, traces, all_threads=False)


def work(request: dict[str, Any], arrays: list[Any], packer: Any, stage: Path) -> dict[str, Any]:
    """Import, find, and call on every probe, twice; each answer is packed before the next call can change it."""
    parcels, finding = beside("parcels"), beside("finding")
    stage.write_text("import", encoding="utf-8")
    module = load(request["path"], request["libraries"])
    try:
        found = finding.find(vars(module), module.__name__, request["function"])
    except finding.NotFound as error:
        return {"failure": {"kind": "not found", "message": error.message[:LONGEST], "hint": error.hint}}
    stage.write_text(f"call {found.name}", encoding="utf-8")
    values = []
    for packed in 2 * request["with l2" if found.takes_l2 else "without l2"]:
        value = found(*parcels.unpack(packed, arrays))
        if value is None:
            return {"failure": {"kind": "none"}}
        values.append(packer.pack(value))
    return {"name": found.name, "takes_l2": found.takes_l2, "values": values}


def load(path: str, libraries: str) -> ModuleType:
    """Import a file by its path, as it is now; it finds its neighbours, and what NumPy's neighbours are."""
    stem = Path(path).stem
    taken = stem in sys.modules or stem in sys.stdlib_module_names
    module = ModuleType(f"{stem}_" if taken else stem)
    module.__file__ = path
    sys.modules[module.__name__] = module
    sys.argv = [path]
    sys.path.insert(0, str(Path(path).parent))
    if libraries not in sys.path:  # somebody's own site-packages, which an isolated process leaves out
        sys.path.append(libraries)
    try:
        code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        if getattr(error, "filename", None):
            raise
        # A zero byte is refused without a place, as the one or the other.
        raise SyntaxError(str(error), (path, None, None, None)) from error
    exec(code, vars(module))  # noqa: S102 -- this is what the process is for
    return module


def failure(error: BaseException, path: str) -> dict[str, Any]:
    """What was raised, as plain text: its kind, and the last line of the file that it went through."""
    kinds = {SystemExit: "exit", MemoryError: "memory", ModuleNotFoundError: "module"}
    kind = next((kind for family, kind in kinds.items() if isinstance(error, family)), "raised")
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 -- an error that cannot say what it is about
        message = ""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == path]
    line, file = lines[-1] if lines else None, path
    if isinstance(error, SyntaxError) and os.path.isfile(error.filename or ""):
        kind, line, file, message = "syntax", error.lineno, str(error.filename), error.msg
    code = linecache.getline(file, line).strip() if line else ""
    return {
        "kind": "terminal" if isinstance(error, EOFError) and "reading a line" in message else kind,
        "exception": type(error).__name__,
        "message": message[:LONGEST],
        "missing": str(getattr(error, "name", None) or "a module"),
        "line": line,
        "code": code[:LONGEST],
        "neighbour": None if file == path else os.path.basename(file),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
