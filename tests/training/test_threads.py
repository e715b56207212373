# SPDX-License-Identifier: MIT
"""BLAS is held to one thread while small steps run, and what was there before comes back, whatever happens."""

import threading
from contextlib import ExitStack

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import culpa
from culpa.training import threads as module
from culpa.training.threads import blas_threads, threads_for

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
SMALL = culpa.Network.fresh([3, 4, 2])


def held() -> set[int]:
    """How many threads NumPy's BLAS may use now; some builds have no setting to read."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def before():
    """What BLAS may use outside, which every test must leave as it was."""
    setting = held()
    if setting in (set(), {1}):
        pytest.skip("BLAS has one thread here, or does not tell")
    yield setting
    assert held() == setting
    assert (module.trainings, module.limiter) == (0, None)


def seen_in(**options) -> set[int]:
    """The threads while a training ran."""
    seen = set()
    culpa.fit(SMALL, X, Y, epochs=1, callbacks=[lambda epoch: seen.update(held())], **options)
    return seen


def test_small_steps_run_on_one_thread_and_the_users_setting_comes_back(before):
    assert seen_in() == {1}
    assert held() == before


def test_none_leaves_the_setting_alone_and_a_number_sets_it(before):
    assert seen_in(threads=None) == before
    assert seen_in(threads=1) == {1}


def test_large_steps_are_left_alone():
    large = culpa.Network.fresh([784, 1024, 1024, 10])
    assert threads_for(large, 512, "auto") is None
    assert threads_for(large, 8, "auto") == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_the_setting_comes_back_after_ctrl_c_and_after_an_error(error, before):
    def stop(epoch):
        raise error

    if error is KeyboardInterrupt:
        assert culpa.fit(SMALL, X, Y, epochs=1, callbacks=[stop]).training.interrupted
    else:
        with pytest.raises(error):
            culpa.fit(SMALL, X, Y, epochs=1, callbacks=[stop])
    assert held() == before


def test_overlapping_trainings_share_the_setting_and_the_last_one_out_restores_it(before):
    first, second = blas_threads(1), blas_threads(1)
    with ExitStack() as last:
        with ExitStack() as early:
            early.enter_context(first)
            last.enter_context(second)
        assert held() == {1}, "the first one out must not restore while another still runs"
    assert held() == before


def test_trainings_in_several_threads_leave_the_setting_as_it_was(before):
    workers = [threading.Thread(target=seen_in) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert held() == before


@pytest.mark.parametrize("threads", [0, -1, "many", 1.5])
def test_a_number_of_threads_that_is_none_is_refused(threads):
    with pytest.raises(culpa.OptionError, match="`threads` must be a whole number, 1 or more"):
        culpa.fit(SMALL, X, Y, epochs=1, threads=threads)
