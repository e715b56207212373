# SPDX-License-Identifier: MIT
"""The sandbox: what works comes back as it was; whatever fails gives one clear sentence, and leaves nothing behind.

Every case is a file run by a real process, under a temporary folder of its own, which must be empty afterwards.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from culpa.checking.sandbox.refusals import RaisedError
from culpa.checking.sandbox.running import Call, Returned, run_file
from culpa.errors import CulpaError, DataError, FileError

ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="signals and process groups of Unix")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory, as Linux keeps it")
RANDOM = np.random.default_rng(0)
WEIGHTS = [RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(2, 4))]
BIASES = [RANDOM.normal(size=4), None]
X, Y = RANDOM.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
FOUR = Call((WEIGHTS, BIASES, X, Y))
FIVE = Call((WEIGHTS, BIASES, X, Y, 0.25))


@pytest.fixture(autouse=True)
def nothing_left(tmp_path, monkeypatch):
    """Temporary folders go into one of the test's, where none may be left."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    yield
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.fixture
def run(tmp_path):
    """Run a file of these lines, in a folder with a space and an accent."""
    folder = tmp_path / "devoir écrit"
    folder.mkdir()
    path = folder / "mine.py"

    def run(code, seconds=20.0, **options):
        path.write_text(code, encoding="utf-8")
        return run_file(path, [FIVE], [FOUR], seconds=seconds, **options)

    run.path = path
    return run


def refused(run, kind, code, **options):
    """What is said of a file that fails, without its path."""
    with pytest.raises(kind) as caught:
        run(code, **options)
    assert type(caught.value) in (kind, RaisedError)  # that is a DataError too
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600 + 2 * len(str(run.path))
    assert caught.value.message.count(str(run.path)) == 1
    return str(caught.value).replace(str(run.path), "mine.py")


def body(*lines):
    """A gradient of these lines, of which the first is line 2 of the file."""
    return "".join(["def gradient(weights, biases, X, y):\n", *(f"    {line}\n" for line in lines)])


# What works


def test_a_function_gets_the_probes_as_they_are_and_its_nest_comes_back_as_it_was(run):
    returned = run(
        """
import numpy as np
calls = 0
def gradient(weights, biases, X, y, l2):
    global calls
    calls += 1
    X[:] += calls  # the next call must not see it
    rest = (X, y.astype("f4"), l2, calls, True, None)
    return {"dW1": [weights[0], biases], "rest": rest, 3: np.float32(0.1), "c": 1 + 2j}
"""
    )
    assert (returned.name, returned.takes_l2) == ("gradient", True)
    for count, (value,) in enumerate((returned.values, returned.again), 1):
        expected = {
            "dW1": [WEIGHTS[0], BIASES],
            "rest": (X + count, Y.astype("f4"), 0.25, count, True, None),
            3: np.float32(0.1),
            "c": 1 + 2j,
        }
        assert list(value) == list(expected)
        assert type(value["rest"]) is tuple
        assert type(value[3]) is np.float32
        assert value["rest"][1].dtype == np.float32
        assert [type(part) for part in value["rest"]] == [np.ndarray, np.ndarray, float, int, bool, type(None)]
        np.testing.assert_equal(value, expected)


def test_a_gradient_that_is_not_zeroed_is_seen_in_the_second_round_and_the_first_is_kept_as_it_was(run):
    run.path.write_text("""
import numpy as np
total = np.zeros(3)
def grad(w, b, X, y):
    global total
    total += 1
    return total
""")
    returned = run_file(run.path, [], [FOUR, FOUR])
    assert (returned.name, returned.takes_l2) == ("grad", False)
    np.testing.assert_array_equal(returned.values, [[1.0] * 3, [2.0] * 3])
    np.testing.assert_array_equal(returned.again, [[3.0] * 3, [4.0] * 3])


def test_a_file_imports_its_neighbours_is_not_main_and_may_print_warn_and_leave_threads(run):
    (run.path.parent / "helper.py").write_text("def twice(X):\n    return 2 * X\n")
    code = """
import sys, threading, time, warnings
from dataclasses import dataclass
from helper import twice
assert __name__ == "mine" and __file__.endswith("mine.py") and sys.modules[__name__].twice is twice

@dataclass
class Gradient:
    factor: "float" = 0.5
    def __call__(self, weights, biases, X, y):
        print("a line", X.shape)
        warnings.warn("mind")
        return self.factor * twice(X)

threading.Thread(target=time.sleep, args=(60,)).start()
gradient = Gradient()
if __name__ == "__main__":
    raise SystemExit
"""
    np.testing.assert_array_equal(run(code).values[0], X)
    assert {path.name for path in run.path.parent.iterdir()} == {"mine.py", "helper.py"}


@pytest.fixture
def something_to_read(tmp_path):
    """A text on this process's own stdin."""
    (tmp_path / "typed").write_text("typed\n")
    before = os.dup(0)
    with (tmp_path / "typed").open() as typed:
        os.dup2(typed.fileno(), 0)
    yield
    os.dup2(before, 0)
    os.close(before)


def test_the_process_has_an_environment_and_a_folder_of_its_own_and_no_terminal(run, monkeypatch, something_to_read):
    monkeypatch.setenv("SECRET", "1")
    code = body(
        "import os, sys, tempfile",
        "own = os.path.realpath(os.environ['HOME'])",
        "assert os.listdir() == [] and os.path.realpath(os.getcwd()) == own == os.path.realpath(tempfile.gettempdir())",
        "open('note.txt', 'w').write('left')",
        "assert sys.stdin.read() == '' and not sys.stdin.isatty()",
        "os.remove('note.txt')",
        "open(os.path.join(os.path.dirname(__file__), 'home'), 'w').write(own)",
        "return len({'SECRET', 'USER', 'PYTHONPATH'} & set(os.environ))",
    )
    assert run(code) == Returned("gradient", takes_l2=False, values=(0,), again=(0,))
    home = Path((run.path.parent / "home").read_text())
    assert home.parents[1] == Path(tempfile.gettempdir()).resolve()  # where `nothing_left` looks
    assert not home.exists()


def test_the_function_to_take_can_be_named(run):
    code = "def gradient(weights, biases, X, y):\n    return 1.0\nmine = lambda w, b, X, y, *, lam=0.0: lam\n"
    assert run(code, function="mine") == Returned("mine", takes_l2=True, values=(0.25,), again=(0.25,))


# Files that are none


def test_a_path_that_is_no_python_file_is_refused_before_anything_starts(tmp_path):
    (tmp_path / "work.ipynb").write_text("{}")
    for path, said in {
        "absent.py": "absent.py does not exist.",
        ".": "is a folder, not a Python file. Hint: name a file in it.",
        "work.ipynb": "work.ipynb is a notebook, not a Python file. Hint: jupyter nbconvert",
    }.items():
        with pytest.raises(FileError) as caught:
            run_file(tmp_path / path, [], [])
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1\ndef f(:\n", "mine.py is not valid Python in line 2, `def f(:`: invalid syntax."),
        ("\x89PNG\r\n\x1a\n\x00\x00", "mine.py is not valid Python"),
        (
            "import os\nimport torchh\n",
            "mine.py imports torchh in line 2, `import torchh`, which is not found here. Hint: install it for ",
        ),
        ("", "mine.py has no function that could be the gradient; it defines no function. Hint: call it `gradient`"),
        (
            "from numpy import gradient\ndef norm(x): ...\nclass Net: ...\n",
            "mine.py has no function that could be the gradient; it defines norm, Net. Hint: call it `gradient`",
        ),
        (
            "raise ValueError('no' * 2000)",
            f"mine.py raises ValueError in line 1, `raise ValueError('no' * 2000)`: {'no' * 99}n…. Hint: what only",
        ),
        (
            "open('data.csv')",
            "mine.py raises FileNotFoundError in line 1, `open('data.csv')`: [Errno 2] No such file or directory: "
            "'data.csv'. Hint: it runs in an empty folder; name files from Path(__file__).parent.",
        ),
        ("quit()", "mine.py calls exit() in line 1, `quit()`. Hint: a gradient must return; take that call out."),
        ("import os; os._exit(3)", "mine.py ended its process with exit code 3."),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_with_its_line(run, code, said):
    assert said in refused(run, FileError, code)


def test_a_neighbour_that_is_not_python_is_named(run):
    (run.path.parent / "helper.py").write_text("def f(:\n")
    said = refused(run, FileError, "import helper\n")
    assert said == "mine.py is not valid Python in line 1 of helper.py, `def f(:`: invalid syntax."


# Functions that fail


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["raise SystemExit('done')"], " calls exit() in line 2, `raise SystemExit('done')`. Hint: a gradient must"),
        (["import os", "os._exit(0)"], " ended its process with exit code 0. Hint: a gradient must return"),
        (["n = input('n? ')"], " reads from the terminal in line 2, `n = input('n? ')`, and has none here. Hint: use"),
        (["h = 1", "return X @ weights[0]"], " raises ValueError in line 3, `return X @ weights[0]`: matmul: "),
        (["return weights[0]['W']"], " raises IndexError in line 2, `return weights[0]['W']`: only integers"),
        (
            ["raise KeyError('\\x1b[31m\\n')"],
            " raises KeyError in line 2, `raise KeyError('\\x1b[31m\\n')`: '\\x1b[31m",
        ),
        (
            ["raise Exception('\\x1b[31m\\n')"],
            " raises Exception in line 2, `raise Exception('\\x1b[31m\\n')`: ·[31m·.",
        ),
        (["raise KeyboardInterrupt"], " raises KeyboardInterrupt in line 2, `raise KeyboardInterrupt`. Hint: it is"),
        (["return gradient(weights, biases, X, y)"], " raises RecursionError in line 2, `return gradient(weights, bi"),
        (["X.sum()"], " returns None. Hint: did it forget to return?"),
        (["yield X"], " returns an object of type generator. Hint: return arrays, or lists,"),
        (["return [X, {'b': 'text'}]"], " returns text at [1]['b']. Hint: return arrays, or lists, tuples and dicts"),
        (
            ["import numpy as np", "return [np.array([X, None], dtype=object)[1:]]"],
            " returns an array of objects at [0]. ",
        ),
        (["return X.astype(str)"], " returns an array of text. Hint: return arrays"),
        (["a = []", "a.append(a)", "return a"], " returns a nest of more than 20 levels. Hint: return arrays"),
        (["import numpy as np", "return X, np.broadcast_to(1.0, 26_000_000)"], " returns more than 200 MB. Hint: "),
    ],
)
def test_a_function_that_fails_is_refused_with_its_line(run, lines, said):
    message = refused(run, DataError, body(*lines))
    assert message.startswith(f"`gradient` in mine.py{said}")
    assert " Hint: " in message


@ON_LINUX
@pytest.mark.parametrize("amount", ["X.repeat(10**10)", "[0] * 10**11"])
def test_a_function_that_needs_100_gb_is_refused(run, amount):
    said = refused(run, DataError, body(f"return {amount}"))
    assert said.startswith(
        f"`gradient` in mine.py needs more memory than the 4 GiB that it may have in line 2, `return {amount}`"
    )


@ON_LINUX
def test_the_limit_of_memory_is_kept_where_the_machine_has_more(run):
    code = body("import numpy as np", "return np.zeros(2 * 10**8)[:3]")
    assert run(code).values[0].tolist() == [0.0, 0.0, 0.0]
    said = refused(run, DataError, code, memory=2**30)
    assert said.startswith("`gradient` in mine.py needs more memory than the 1 GiB that it may have in line 3, ")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_function_that_prints_a_megabyte_is_refused(run, stream):
    said = refused(run, DataError, body("import sys", f"sys.{stream}.write('x' * 10**6)", "return X"))
    assert said == "`gradient` in mine.py prints more than 64 kB. Hint: take the printing out."


@ON_UNIX
def test_a_crash_and_a_kill_are_named_by_their_signal_and_line(run):
    said = refused(run, DataError, body("import ctypes", "ctypes.string_at(0)"))
    assert said == "`gradient` in mine.py crashed with SIGSEGV in line 3, `ctypes.string_at(0)`."
    said = refused(run, FileError, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert said == "mine.py crashed with SIGKILL. Hint: was there too little memory?"


# What does not end


def pid_in(path, patience=5.0):
    """The number of the process that a file of the sandbox wrote down."""
    while not (path.exists() and path.read_text()) and patience > 0:
        time.sleep(0.02)
        patience -= 0.02
    return int(path.read_text())


def ends(pid, patience=5.0):
    """Whether a process is gone, or soon will be; one that nobody has yet buried is gone."""
    while patience > 0:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
        patience -= 0.02
    return False


GRANDCHILD = """
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(60)"])
(pathlib.Path(__file__).parent / "pid").write_text(str(child.pid))
"""


def test_a_loop_at_import_is_ended_with_its_line(run):
    said = refused(run, FileError, "x = 1\nwhile True:\n    x = 1\n", seconds=2.0)
    assert said.startswith("mine.py was not done within 2 s in line ")
    assert said.endswith('Hint: what only a run of the file needs belongs under `if __name__ == "__main__":`.')


@ON_UNIX
def test_a_loop_in_the_function_is_ended_together_with_everything_that_it_started(run):
    code = GRANDCHILD + "def gradient(weights, biases, X, y):\n    while True: pass\n"
    said = refused(run, DataError, code, seconds=3.0)
    assert said == "`gradient` in mine.py was not done within 3 s in line 6, `while True: pass`. Hint: does it loop?"
    assert ends(pid_in(run.path.parent / "pid"))


@ON_UNIX
def test_what_a_function_that_returns_left_running_is_ended_too(run):
    assert run(GRANDCHILD + body("return X")).name == "gradient"
    assert ends(pid_in(run.path.parent / "pid"))


@ON_UNIX
def test_a_process_that_lives_would_be_noticed():
    """Negative control of the two above."""
    assert not ends(os.getpid(), patience=0.1)


@ON_UNIX
def test_ctrl_c_ends_the_child_and_passes_on(run):
    pid = run.path.parent / "pid"

    def press():
        pid_in(pid)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.1, press)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(GRANDCHILD + "while True: pass\n")
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert ends(pid_in(pid))


def test_a_python_that_does_not_start_says_so(run, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(run.path.parent / "no python"))
    with pytest.raises(CulpaError, match=r"cannot be started: No such file or directory\."):
        run(body("return X"))
