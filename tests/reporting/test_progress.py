# SPDX-License-Identifier: MIT
"""Progress: silent where stderr is no terminal or the job is short; otherwise a bar that leaves nothing behind."""

import io
import sys
import threading

import pytest

from culpa.reporting import progress as module
from culpa.reporting.progress import progress


class Stream(io.StringIO):
    """A stderr that is a terminal or not."""

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def stderr(monkeypatch):
    """Put a stream in stderr's place."""

    def put(terminal):
        stream = Stream(terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "80")
        return stream

    return put


def run(show, steps=3, total=3, note="loss 0.5"):
    with progress("training", total, show=show) as advance:
        for _ in range(steps):
            advance(note)


@pytest.fixture
def impatient(monkeypatch):
    """A bar that appears at once: no test waits for a clock."""
    monkeypatch.setattr(module, "PATIENCE", -1.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("show", "terminal"), [("auto", False), (False, True), (False, False)])
def test_nothing_is_printed_where_nobody_watches_or_nobody_wants_it(stderr, capsys, show, terminal):
    stream = stderr(terminal)
    run(show)
    assert stream.getvalue() == ""
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("show", "terminal"), [("auto", True), (True, True), (True, False)])
def test_a_bar_shows_the_label_the_steps_and_the_note(stderr, capsys, show, terminal):
    stream = stderr(terminal)
    run(show)
    text = stream.getvalue()
    assert capsys.readouterr().out == "", "progress belongs on stderr"
    if terminal:
        assert all(part in text for part in ("training", "3/3", "loss 0.5"))


@pytest.mark.usefixtures("impatient")
def test_a_bar_leaves_nothing_behind(stderr):
    """Its last words erase the line and show the cursor again."""
    stream = stderr(True)
    run("auto")
    assert stream.getvalue().rstrip().endswith("\x1b[2K")
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_passes_through_and_the_cursor_comes_back(stderr, error):
    stream = stderr(True)

    def job():
        with progress("training", 3) as advance:
            advance()
            raise error

    with pytest.raises(error):
        job()
    assert "\x1b[?25h" in stream.getvalue()


@pytest.mark.usefixtures("impatient")
def test_what_a_job_prints_on_stdout_stays_on_stdout(stderr, capsys):
    """A callback of the user's may print, and a pipe must get it."""
    stream = stderr(True)
    with progress("training", 3) as advance:
        advance()
        sys.stdout.write("a result\n")
        advance()
    assert capsys.readouterr().out == "a result\n"
    assert "a result" not in stream.getvalue()


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_just_as_the_bar_appears_leaves_both_streams_and_the_cursor_as_they_were(stderr, monkeypatch):
    """A bar that nobody stops would send everything printed afterwards, results too, to stderr."""
    from rich.progress import Progress

    stream, stdout, begin, bars = stderr(True), sys.stdout, Progress.start, []

    def start(bar):
        bars.append(bar)
        begin(bar)
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "start", start)
    with pytest.raises(KeyboardInterrupt):
        run("auto")
    left = (sys.stdout, sys.stderr, stream.getvalue().count("\x1b[?25l") - stream.getvalue().count("\x1b[?25h"))
    for bar in bars:
        bar.stop()  # so that a failure here does not disturb the tests that follow
    assert left == (stdout, stream, 0)


def test_a_job_whose_first_step_is_long_shows_that_it_lives(stderr, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    stream, shown = stderr(True), threading.Event()
    make = module.new_bar

    def made(*given):
        bar = make(*given)
        threading.Timer(0.05, shown.set).start()
        return bar

    monkeypatch.setattr(module, "new_bar", made)
    with progress("training", 3):
        assert shown.wait(30)
    assert "training" in stream.getvalue()
    assert "0/3" in stream.getvalue()
    assert stream.getvalue().rstrip().endswith("\x1b[2K")


@pytest.mark.usefixtures("impatient")
def test_several_steps_may_be_done_at_once(stderr):
    stream = stderr(True)
    with progress("training", 30) as advance:
        advance(by=20)
        advance("almost", by=0)
    assert "20/30" in stream.getvalue()


@pytest.mark.usefixtures("impatient")
def test_markup_in_a_note_is_text(stderr):
    stream = stderr(True)
    run("auto", note="[red]loss[/red] [/]")
    assert "[red]loss[/red] [/]" in stream.getvalue()


def test_a_job_that_is_over_soon_needs_no_bar(stderr, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 1e9)
    stream = stderr(True)
    run("auto", steps=100, total=100)
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_more_or_fewer_steps_than_announced_are_no_error(stderr):
    stderr(True)
    run("auto", steps=5, total=3)
    run("auto", steps=0, total=3)
    run("auto", steps=1, total=0)


def test_a_process_without_stderr_is_no_error(monkeypatch):
    """As under `pythonw` on Windows."""
    monkeypatch.setattr(sys, "stderr", None)
    run("auto")


@pytest.mark.usefixtures("impatient")
def test_a_job_that_cannot_tell_how_long_it_is_shows_how_long_it_has_lived(stderr):
    stream = stderr(True)
    run("auto", total=None, note="")
    assert "training" in stream.getvalue()
    assert "0:00:00" in stream.getvalue()
    assert "/" not in stream.getvalue()
