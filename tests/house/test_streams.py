# SPDX-License-Identifier: MIT
"""Random streams: fixed for each seed and use, to the bit, and separate from each other and from NumPy's global state.

Raw draws are compared, which NumPy keeps from version to version (NEP 19); its distributions it may change.
"""

from typing import get_args

import numpy as np
import pytest

import culpa
from culpa.engine.streams import Use, stream
from culpa.errors import OptionError

USES = get_args(Use)
LARGE = 2**70  # larger than any integer of NumPy's
FIRST_DRAWS = {
    (0, "weights"): [17394127715520444142, 5835390491061343638],
    (0, "shuffling"): [12492077108140196533, 4482314363672241088],
    (0, "splitting"): [15463373330740448354, 1544443475393319737],
    (0, "dropout"): [6722610277276733253, 9432498999466319913],
    (0, "directions"): [12045217992628855840, 5975982609502068702],
    (0, "probes"): [4838454377821401865, 15608918254058057108],
    (0, "examples"): [2128253685141683958, 7025924557036399787],
    (0, "mistakes"): [5633225198675825446, 436257745508209924],
    (0, "folds"): [15067852003256446195, 14253269857676586739],
    (0, "candidates"): [9221236259944632928, 16292481895282179132],
    (0, "baselines"): [16290310023427865605, 5124224121157854410],
    (0, "forest"): [2731659606220466539, 2790326697752637702],
    (0, "planting"): [14920319916161207317, 5262167053520398602],
    (0, "bags"): [3016283412106909499, 6201220045063638743],
    (0, "exchanging"): [7792184311471409126, 10549286549955916163],
    (7, "weights"): [14717904226557406096, 979409276310299390],
    (7, "shuffling"): [8865173266238536338, 1098352469356231332],
    (7, "splitting"): [11659158256815307285, 8979474222016441428],
    (7, "dropout"): [18120657278049907532, 1124353887512634286],
    (7, "directions"): [15828635904473704460, 10556389509284139321],
    (7, "probes"): [11586397001460810487, 13796001367418411272],
    (7, "examples"): [987689372898030232, 16109024570278230117],
    (7, "mistakes"): [10807135428105694303, 2248859819397513678],
    (7, "folds"): [12343828344250998254, 506592655525347188],
    (7, "candidates"): [5906961694343914832, 12765004744592732338],
    (7, "baselines"): [13422459460420582046, 15951466490460540453],
    (7, "forest"): [17019600131312852787, 14402323452725460827],
    (7, "planting"): [9661437557152501521, 1530637662569261418],
    (7, "bags"): [9250165255062101145, 7609551494031786577],
    (7, "exchanging"): [9854510910852208945, 13599472166631025044],
    (LARGE, "weights"): [8549746280145348898, 8019123894196187955],
}


def draws(seed, use, count=2):
    """The first raw numbers of a stream."""
    return stream(seed, use).bit_generator.random_raw(count).tolist()


@pytest.mark.parametrize(("seed", "use"), FIRST_DRAWS)
def test_a_stream_starts_with_the_numbers_that_it_always_started_with(seed, use):
    assert draws(seed, use) == FIRST_DRAWS[seed, use]


def test_every_use_has_its_first_draws_fixed_here():
    """A new use goes to the end of the list, so that it moves no other; then its draws go into the table above."""
    assert {use for seed, use in FIRST_DRAWS if seed == 0} == set(USES)


def test_no_two_streams_share_a_number():
    every = [number for seed in range(20) for use in USES for number in draws(seed, use, 500)]
    assert len(set(every)) == len(every) == 20 * len(USES) * 500


def test_two_streams_that_are_the_same_would_be_noticed():
    """Negative control of the one above."""
    twice = [number for seed in (3, np.int64(3)) for number in draws(seed, "weights", 500)]
    assert len(set(twice)) == 500


def test_a_stream_neither_reads_nor_moves_numpys_global_state():
    np.random.seed(1)  # noqa: NPY002 -- the global state is what this is about
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = draws(5, "shuffling")
    np.random.seed(2)  # noqa: NPY002
    assert draws(5, "shuffling") == first
    np.random.seed(1)  # noqa: NPY002
    stream(5, "weights").normal(size=100)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_fresh_weights_depend_on_the_seed_and_not_on_other_options():
    first, other = (culpa.Network.fresh([5, 4, 3], seed=seed, dtype="float64") for seed in (0, 1))
    again = culpa.Network.fresh([5, 4, 3], seed=0, l2=0.5, bias=False, dtype="float64")
    narrow = culpa.Network.fresh([5, 4, 3], seed=0)
    for mine, same, rounded, different in zip(first.layers, again.layers, narrow.layers, other.layers, strict=True):
        np.testing.assert_array_equal(mine.W, same.W)
        np.testing.assert_array_equal(mine.W.astype("float32"), rounded.W)
        assert (mine.W != different.W).all()


def test_the_output_layer_is_drawn_from_the_same_numbers_with_and_without_biases():
    with_biases, without = (culpa.Network.fresh([5, 4, 3], seed=2, bias=bias) for bias in (True, False))
    assert [layer.b is None for layer in without.layers] == [True, True]
    assert not any(layer.b.any() for layer in with_biases.layers)
    np.testing.assert_array_equal(with_biases.layers[-1].W, without.layers[-1].W)


@pytest.mark.parametrize("seed", [-1, 1.5, "0", None, True, np.float64(1)])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(OptionError, match=r"`seed` must be a whole number, 0 or more; got "):
        stream(seed, "weights")
