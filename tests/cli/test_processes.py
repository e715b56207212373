# SPDX-License-Identifier: MIT
"""What only a real process shows: pipes that close, full disks, Ctrl-C while training, no colour."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

import culpa

CULPA = [sys.executable, "-m", "culpa"]
ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="pipes, terminals and signals of Unix")


def environment(**changes):
    """The process's environment, without what would colour or encode its streams."""
    kept = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONWARNINGS": "default", **changes}


def run(*words, **changes):
    return subprocess.run([*CULPA, *words], capture_output=True, env=environment(**changes), check=False, timeout=120)


def test_the_version_from_a_process():
    done = run("--version")
    assert (done.returncode, done.stdout.decode().split(), done.stderr) == (0, ["culpa", culpa.__version__], b"")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network on digits, whose predictions are more than a pipe holds, and the report that came with it."""
    path = tmp_path_factory.mktemp("saved") / "digits.safetensors"
    done = run(
        "blame",
        "digits",
        "--epochs",
        "1",
        "--score",
        "none",
        "--hidden",
        "8",
        "--save",
        str(path),
        TERM="xterm-256color",
    )
    assert done.returncode == 0
    return path, done


def test_a_piped_report_has_no_colour_and_no_progress(saved):
    path, done = saved
    assert b"\x1b" not in done.stdout
    assert done.stderr.decode() == f"saved to {path}\n"
    assert done.stdout.decode().startswith("digits: 1,797 rows, 64 columns, 10 classes")


@ON_UNIX
@pytest.mark.parametrize("words", ["predict {} digits", "blame digits --model {}", "info"])
def test_a_reader_that_goes_away_is_no_error(saved, words):
    """As `| head -1` does. Exit code 1 would say that the gradient was found wrong."""
    words = words.replace("{}", str(saved[0])).split()
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*CULPA, *words], stdout=writer, stderr=subprocess.PIPE, env=environment(), check=False, timeout=120
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 0


@ON_UNIX
def test_a_full_disk_is_named_in_one_line_and_is_no_fault_of_culpas(saved):
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*CULPA, "predict", str(saved[0]), "digits"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=120,
        )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("culpa: ")
    assert "No space left on device" in done.stderr.decode()
    assert "fault" not in done.stderr.decode()


INTERRUPTED = "this is what the interrupted training had reached"


def train_and_press_ctrl_c(*words):
    """Start a training whose stderr is a terminal, and press Ctrl-C as soon as its progress is seen there."""
    pty = pytest.importorskip("pty")
    terminal, stderr = pty.openpty()
    process = subprocess.Popen(
        [*CULPA, "blame", "iris", "--epochs", "100000", "--score", "none", "--hidden", "16", *words],
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment(TERM="xterm-256color"),
        # NOTE: a test run in the background may have inherited an ignored SIGINT, and would pass it on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(stderr)
    seen, begun = [], threading.Event()

    def watch():
        """Read what the terminal shows, so that nobody waits for a full one; Linux ends it with an error."""
        with contextlib.suppress(OSError):
            while part := os.read(terminal, 1000):
                seen.append(part)
                if b"loss" in b"".join(seen):
                    begun.set()
        begun.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert begun.wait(timeout=100)
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=100)[0].decode()
    finally:
        process.kill()
        process.wait()
        watcher.join()
        os.close(terminal)
    return process.returncode, out, b"".join(seen).decode()


@ON_UNIX
def test_ctrl_c_while_training_prints_the_report_of_what_was_reached_and_exits_with_130():
    code, out, err = train_and_press_ctrl_c()
    assert code == 130
    assert out.startswith("iris: 150 rows, 4 columns, 3 classes; 112 to train, 38 held out\n")
    assert ", interrupted, " in " ".join(out.split())
    assert "gradient    right to" in out
    assert "12 of 112 training rows carry" in out
    assert "interrupted" in err
    assert "had reached" in err
    assert "Traceback" not in err


@ON_UNIX
def test_ctrl_c_while_training_prints_one_json_document_and_saves_what_was_reached(tmp_path):
    path = tmp_path / "iris.safetensors"
    code, out, err = train_and_press_ctrl_c("--json", "--save", str(path))
    state = json.loads(out)
    training = culpa.load(path).training
    assert (code, state["schema"]) == (130, 1)
    assert state["training"]["interrupted"] is training.interrupted is True
    assert 1 <= state["training"]["best_epoch"] <= len(training.history) < 100_000
    assert "interrupted" in err
