# SPDX-License-Identifier: MIT
"""`fit_many` in several processes: the same networks, and nothing of the user's disturbed, whatever ends them."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import culpa
from culpa import ACTIVATIONS, LOSSES, Network
from culpa.reporting import progress as bar
from culpa.training import many as module
from culpa.training import threads as blas_module
from culpa.training.schedules import Schedule
from tests.training.test_many import assert_as_alone, others_like

RANDOM = np.random.default_rng(5)
N = 60
X = RANDOM.normal(size=(N, 4))
Y = (X[:, 0] > 0).astype(int)
NETWORK = Network.fresh([4, 5, 2], hidden="tanh", seed=0, dtype="float64")
NETWORKS = others_like(NETWORK, 7)
ROWS = [np.arange(N)] * 3 + [np.arange(10, N)] * 3 + [np.arange(20)]
PATIENCE = 120.0
"""Seconds after which a process that ought to have come to its end is given up; it ends at once on any machine."""


def trained(networks=NETWORKS, **options):
    return culpa.fit_many(networks, X, Y, **{"rows": ROWS, "seeds": range(7), "epochs": 3, "batch_size": 8, **options})


def alone(number, network=None, **options):
    """What `fit` makes of the rows and seed of one network."""
    start, rows = NETWORKS[number] if network is None else network, ROWS[number]
    return culpa.fit(start, X[rows], Y[rows], seed=number, **{"epochs": 3, "batch_size": 8, **options})


def blas():
    """How many threads NumPy's BLAS may use now."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.parametrize("options", [{}, {"callbacks": [repr]}], ids=["stacked", "one by one"])
@pytest.mark.parametrize("jobs", [1, 2, np.int64(2), 3, None])
def test_however_many_processes_they_are_the_same_networks(jobs, options):
    """More jobs make narrower stacks, down to a single network, so that stacks agree in their digits, not bits."""
    for number, mine in enumerate(trained(jobs=jobs, **options)):
        assert_as_alone(mine, alone(number), within=0 if options else 1e-10)


def test_by_default_long_work_is_spread_and_short_work_is_not(monkeypatch):
    """What is long is a matter of what is counted; here everything is."""
    asked = []
    monkeypatch.setattr(module, "core_count", lambda: asked.append(True) or 2)
    trained()
    assert not asked
    monkeypatch.setattr(module, "WORTH_PROCESSES", 0.0)
    for number, mine in enumerate(trained()):
        assert_as_alone(mine, alone(number))
    assert asked


def test_large_rows_are_shared_with_the_processes():
    """Beyond a megabyte joblib lets them lie in a file that all read; nobody can write there."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(40_000, 4))
    y = (inputs[:, 0] > 0).astype(int)
    seeds, options = [1, 2], {"epochs": 1, "batch_size": 5000}
    for mine, seed in zip(culpa.fit_many(NETWORK, inputs, y, seeds=seeds, jobs=2, **options), seeds, strict=True):
        assert_as_alone(mine, culpa.fit(NETWORK, inputs, y, seed=seed, **options))


def test_functions_without_a_name_are_good_enough_for_processes():
    """A callback and a schedule that only this test knows."""
    stop, slower = (lambda epoch: epoch.epoch == 2), Schedule("slower", lambda s: 1 - s)
    for number, mine in enumerate(trained(jobs=2, callbacks=[stop], schedule=slower)):
        assert len(mine.training.history) == 2
        assert_as_alone(mine, alone(number, callbacks=[stop], schedule=slower), within=0)


def with_own_rows(network):
    """The network with an activation and a loss that only this test knows."""
    activation = replace(ACTIVATIONS["tanh"], name="mine", value=lambda a: np.tanh(1.0 * a), in_place=None)
    loss = replace(LOSSES["cross_entropy"], name="my own", delta=lambda a, t: 1.0 * LOSSES["cross_entropy"].delta(a, t))
    first, last = network.layers
    return replace(network, layers=(replace(first, activation=activation), last), loss=replace(loss, in_place=None))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_activation_and_a_loss_of_the_users_own_come_back_as_they_were(jobs):
    """So that what is trained is of the same shape still, and may be trained on or saved."""
    network = with_own_rows(NETWORK)
    networks = trained([network] * 7, jobs=jobs)
    for number, mine in enumerate(networks):
        np.testing.assert_allclose(culpa.flatten(mine), culpa.flatten(alone(number, network)), rtol=1e-10)
    assert {mine.layers[0].activation for mine in networks} == {network.layers[0].activation}
    assert {mine.loss for mine in networks} == {network.loss}
    assert len(trained(networks, jobs=jobs)) == 7


def test_names_of_columns_go_along():
    columns = {"names": ["a", "b", "c", "d"]}
    for mine in trained([replace(NETWORK, columns=columns)] * 7, jobs=2):
        assert mine.columns == columns


def test_what_cannot_travel_to_a_process_is_refused_with_the_remedy():
    """Some objects belong to the process they are in, as locks do."""
    lock = threading.Lock()
    with pytest.raises(culpa.CulpaError, match="jobs=1"):
        trained(jobs=2, callbacks=[lambda epoch: lock.locked()])
    assert len(trained(jobs=1, callbacks=[lambda epoch: lock.locked()])) == 7


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("end", [None, KeyboardInterrupt, ZeroDivisionError])
def test_the_users_settings_stay_as_they_are(end, jobs):
    """Threads of BLAS, environment, handler of Ctrl-C, random numbers, folder, floating-point errors."""
    pytest.importorskip("joblib", reason="it sets a variable of its own, once, when it is imported")

    def settings():
        state = np.random.get_state()[1].tolist()  # noqa: NPY002 - this is what must not be touched
        return blas(), dict(os.environ), signal.getsignal(signal.SIGINT), state, os.getcwd(), np.geterr()

    def callback(epoch):
        if end is not None:
            raise end

    with threadpool_limits(2, user_api="blas"):
        before = settings()
        if end is None:
            trained(jobs=jobs)
            trained(jobs=jobs, callbacks=[callback])
        else:
            with pytest.raises((culpa.UnfinishedError, ZeroDivisionError)):
                trained(jobs=jobs, callbacks=[callback])
        assert settings() == before
    assert (blas_module.trainings, blas_module.limiter) == (0, None)


def test_a_process_that_is_killed_leaves_what_was_finished_and_the_next_call_works(tmp_path):
    """As the system does when memory runs out. The last of the networks to begin has its process killed."""
    here = os.getpid()

    def callback(epoch):
        assert os.getpid() != here, "this must not end the tests"
        if epoch.epoch == 1:
            (tmp_path / f"{os.getpid()}-{len(list(tmp_path.iterdir()))}").touch()
        if len(list(tmp_path.iterdir())) >= 5:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(culpa.UnfinishedError, match=r"process was killed after [0-6] of 7 networks") as caught:
        trained(jobs=2, callbacks=[callback])
    assert "jobs=1" in caught.value.hint
    for number, mine in caught.value.finished.items():
        assert_as_alone(mine, alone(number), within=0)
    for number, mine in enumerate(trained(jobs=2, callbacks=[repr])):
        assert_as_alone(mine, alone(number), within=0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bar_is_drawn_on_stderr_alone_and_erased(jobs, monkeypatch, capsys):
    monkeypatch.setattr(bar, "PATIENCE", -1.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    for options in ({}, {"callbacks": [repr]}):
        trained(jobs=jobs, **options)
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "training" in shown.err
        assert shown.err.rstrip().endswith("\x1b[2K"), "the last line is erased"
        assert shown.err.count("\x1b[?25l") == shown.err.count("\x1b[?25h") == 1, "the cursor is back"
        trained(jobs=jobs, show_progress=False, **options)
        assert capsys.readouterr() == ("", "")


SCRIPT = '''
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

import numpy as np

import culpa
from culpa.training import many

folder, at_once = Path(sys.argv[1]), int(sys.argv[2])


@contextmanager
def progress(*_, **__):
    def advance(note="", by=1):
        (folder / f"told {note}").touch()

    yield advance


def callback(epoch):
    """Both processes take one; some networks end at once, and all others go on until somebody ends them."""
    (folder / f"process {os.getpid()}").touch()
    while len(list(folder.glob("process*"))) < 2:
        sleep(0.01)
    for number in range(at_once):
        with suppress(FileExistsError):
            (folder / f"ended {number}").touch(exist_ok=False)
            return True
    (folder / "endless").touch()
    sleep(3600)


many.progress = progress
X = np.random.default_rng(0).normal(size=(30, 4))
y = (X[:, 0] > 0).astype(int)
network = culpa.Network.fresh([4, 3, 2], seed=0)
try:
    culpa.fit_many(network, X, y, seeds=range(8), epochs=5, jobs=2, callbacks=[callback])
    (folder / "over").touch()
    sleep(3600)
except KeyboardInterrupt:
    again = culpa.fit_many(network, X, y, seeds=range(8), epochs=5, jobs=2, callbacks=[repr])
    print(f"Interrupted afterwards, and {len(again)} trained once more.")
except culpa.UnfinishedError as error:
    ended = [len(one.training.history) for one in error.finished.values()]
    print(f"{error.message} It holds {len(ended)} of {set(ended)} epochs.")
    sys.exit(5)
'''


@contextmanager
def running(folder, at_once, before=""):
    """The script in a session of its own, like a terminal's, which is ended for good at the end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [before, *sys.path]))}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), str(at_once)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    )
    try:
        yield process
    finally:
        for left in alive_in(process.pid):
            os.kill(left, signal.SIGKILL)
        process.communicate()


def alive_in(session):
    """The processes of a session that are neither over nor waiting to be counted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, *numbers = (folder / "stat").read_text().rpartition(")")[2].split()[:5]
        except OSError:
            continue
        if int(numbers[2]) == session and state not in "ZX":
            found.append(int(folder.name))
    return found


def wait_until(condition, what):
    """Wait as long as it takes; a machine under load takes long."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end, f"waited {PATIENCE:.0f} s for {what}"
        sleep(0.01)


linux = pytest.mark.skipif(sys.platform != "linux", reason="the processes of a session are read from /proc")


@linux
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the one that waits", "to all, as a terminal does"])
@pytest.mark.parametrize("at_once", [3, 7], ids=["both are busy", "one has nothing left to do"])
def test_ctrl_c_ends_all_processes_with_one_clear_error_that_holds_what_was_finished(at_once, send, tmp_path):
    with running(tmp_path, at_once) as process:
        wait_until((tmp_path / "endless").exists, "an endless training")
        wait_until(lambda: len(list(tmp_path.glob("ended*"))) == at_once, "the short trainings")
        wait_until(lambda: list(tmp_path.glob("told [1-9]*")), "a finished network")
        send(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert err == "", "no process may speak but the one that the user started"
        assert out.startswith("Interrupted after ")
        assert "of 8 networks; the error's `finished` holds them by number." in out
        assert int(out.partition("holds them by number. It holds ")[2][0]) in range(1, at_once + 1)
        assert "{1} epochs" in out
        assert process.returncode == 5
        wait_until(lambda: not alive_in(process.pid), "the end of the other processes")


@linux
def test_ctrl_c_after_the_last_network_is_the_users_own(tmp_path):
    """The processes wait a while for more work; what ends something else must not make them speak."""
    with running(tmp_path, 8) as process:
        wait_until((tmp_path / "over").exists, "the last network")
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=PATIENCE) == ("Interrupted afterwards, and 8 trained once more.\n", "")
        wait_until(lambda: not alive_in(process.pid), "the end of the other processes")


SLOW_START = """
import sys
from pathlib import Path
from time import sleep

if any("popen_loky" in word for word in sys.orig_argv):
    (Path({folder!r}) / "starting").touch()
    sleep(1)
"""


@linux
def test_ctrl_c_while_processes_start_is_as_quiet(tmp_path):
    """A process that is still reading its libraries when the terminal sends Ctrl-C to all."""
    start = tmp_path / "start"
    start.mkdir()
    (start / "sitecustomize.py").write_text(SLOW_START.format(folder=str(tmp_path)), encoding="utf-8")
    with running(tmp_path, 0, before=str(start)) as process:
        wait_until((tmp_path / "starting").exists, "a process that starts")
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert out.startswith("Interrupted after 0 of 8 networks")
        assert err == ""
        wait_until(lambda: not alive_in(process.pid), "the end of the other processes")
