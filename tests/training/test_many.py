# SPDX-License-Identifier: MIT
"""`fit_many` gives each network what its own `fit` would have given it, parameters and record.

In float64 to 1e-10 and not to the bit: a stack's products, sums and dot products go through other routines of BLAS and
NumPy than one network's, which add up in another order; every step then carries the difference on. Where there is no
stack, to the bit. Processes and what can go wrong in them are in `test_many_processes`, refusals in `test_many_bad`.
"""

from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest

import culpa
from culpa import Network
from culpa.training.learning import Learner
from culpa.training.record import Training
from culpa.training.schedules import SCHEDULES, Schedule
from tests.cases import CASES, LARGE, each
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(11)
N = 40
X = RANDOM.normal(size=(N, 3))
Y = (X[:, 0] + RANDOM.normal(size=N) > 0).astype(int)
S = RANDOM.gamma(1.0, size=N)
NETWORK = Network.fresh([3, 6, 2], hidden="tanh", l2=0.02, seed=1, dtype="float64")
MASKS = np.array([np.isin(np.arange(N) % 5, held, invert=True) for held in (0, 1, [0, 1], 2, [1, 2, 3, 4], [3, 4])])
"""Rows of six networks: three times 32, twice 24, once 8."""


def others_like(network, count):
    """Networks of the same shape, each with parameters and a penalty of its own; the first has none."""
    random = np.random.default_rng(count)
    theta = culpa.flatten(network)
    return [
        replace(culpa.unflatten(network, theta * random.uniform(0.8, 1.2, len(theta))), l2=0.05 * k)
        for k in range(count)
    ]


def assert_as_alone(together, alone, *, within=1e-10):
    """Refuse a network that differs from its own `fit`: in its parameters, its record, or in what is passed on.

    `within` 0 asks for the same bits. Only `seconds` may differ.
    """
    for name in ("l2", "loss", "dtype", "sizes", "columns"):
        assert getattr(together, name) == getattr(alone, name), name
    mine, own = together.training, alone.training
    arrays = {"theta": (culpa.flatten(together), culpa.flatten(alone))}
    if own.history:
        arrays |= {f"epochs' {name}": pair for name, pair in columns(mine.history, own.history).items()}
    if own.examples is not None:
        assert mine.examples.arrays().keys() == own.examples.arrays().keys()
        arrays |= {name: (mine.examples.arrays()[name], array) for name, array in own.examples.arrays().items()}
    for name, (left, right) in arrays.items():
        if within and name == "theta":
            assert_same(left, right, within=within)
        else:
            np.testing.assert_allclose(left, right, rtol=within, atol=0, err_msg=name)
    for field in fields(Training):
        if field.name not in ("history", "examples", "seconds"):
            assert getattr(mine, field.name) == getattr(own, field.name), field.name


def columns(mine, own):
    """Two histories of equal length, side by side and column by column."""
    assert len(mine) == len(own), f"{len(mine)} epochs, not {len(own)}"
    return {name: ([getattr(e, name) for e in mine], [getattr(e, name) for e in own]) for name in own[0]._fields}


def together_and_alone(networks, rows, seeds, inputs=X, y=Y, **options):
    """Pairs of what `fit_many` makes of each network and what `fit` does."""
    many = culpa.fit_many(networks, inputs, y, rows=rows, seeds=seeds, **options)
    alone = [
        culpa.fit(network, inputs[chosen], y[chosen], seed=seed, **options)
        for network, chosen, seed in zip(networks, rows, seeds, strict=True)
    ]
    return list(zip(many, alone, strict=True))


@pytest.fixture
def widths(monkeypatch):
    """How many networks went through each epoch together."""
    seen, epoch = [], Learner.epoch

    def watched(learner, order, *count):
        seen.append(1 if order.ndim == 1 else len(order))
        return epoch(learner, order, *count)

    monkeypatch.setattr(Learner, "epoch", watched)
    return seen


STEPS = {
    "sgd": {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.8},
    "sgd on a cosine": {"optimizer": "sgd", "learning_rate": 0.05, "schedule": "cosine"},
    "nesterov, clipped": {"optimizer": "nesterov", "learning_rate": 0.05, "clip_norm": 0.3},
    "nesterov, warming up": {"optimizer": "nesterov", "warmup": 2},
    "adam": {"optimizer": "adam", "learning_rate": 0.01},
    "adam, step by step, clipped": {"schedule": "step", "clip_norm": 0.1},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1},
    "adamw, warming up to a cosine": {"optimizer": "adamw", "schedule": "cosine", "warmup": 1},
    "a schedule of the user's own": {"schedule": Schedule("slower and slower", lambda s: 1 - s)},
    "all rows in one batch": {"batch_size": 1000},
    "as many as there are": {"batch_size": 24},
    "one row a step": {"batch_size": 1},
    "one epoch": {"epochs": 1},
    "no epoch": {"epochs": 0},
    "BLAS left alone": {"threads": None},
}


@pytest.mark.parametrize("options", STEPS.values(), ids=STEPS)
def test_a_stack_of_networks_learns_as_each_alone(options, widths):
    """Batches of 7 of 24 rows leave a last one of 3."""
    rows = [RANDOM.choice(N, 24, replace=False) for _ in range(4)]
    options = {"epochs": 4, "batch_size": 7, **options}
    pairs = together_and_alone(others_like(NETWORK, 4), rows, [3, 1, 4, 1], **options)
    for pair in pairs:
        assert_as_alone(*pair)
    assert widths == [4] * options["epochs"] + [1] * 4 * options["epochs"], "the stack is what is tested here"


def test_more_than_one_stack_holds_are_divided_among_several(widths):
    """So large that the processor's cache holds some of them, but not all."""
    network = Network.fresh([3, 300, 40, 2], seed=0, dtype="float64")
    seeds = [k % 5 for k in range(20)]
    many = culpa.fit_many(network, X, Y, seeds=seeds, epochs=1, batch_size=16)
    assert sum(widths) == 20
    assert len(widths) > 1
    alone = [culpa.fit(network, X, Y, seed=seed, epochs=1, batch_size=16) for seed in range(5)]
    for mine, seed in zip(many, seeds, strict=True):
        assert_as_alone(mine, alone[seed])


@each(case for case in CASES if case.group == LARGE.name)
def test_every_activation_and_loss_with_every_kind_of_target_learns_in_a_stack_as_alone(case):
    """The registry has classes, one-hot and soft rows, labels, counts, numbers; layers with biases and without."""
    number = int(case.id[:3])
    n = len(case.X)
    rows = [np.random.default_rng(k).integers(n, size=max(1, n - 2)) for k in range(3)]
    optimizer = ("sgd", "nesterov", "adam", "adamw")[number % 4]
    options = {"optimizer": optimizer, "learning_rate": 1e-3, "epochs": 3, "batch_size": 1 + number % 9}
    for pair in together_and_alone(others_like(case.network, 3), rows, [0, 1, 2], case.X, case.y, **options):
        assert_as_alone(*pair)


ALONE = {
    "weights": {"weights": S},
    "weights in a list": {"weights": S.tolist()},
    "classes balanced": {"class_weight": "balanced"},
    "a weight a class, and weights": {"class_weight": {0: 2.0}, "weights": S},
    "dropout": {"dropout": 0.3},
    "a fraction held out": {"validation": 0.25},
    "rows apart, and patience": {"validation": (X[:9], Y[:9]), "patience": 1, "epochs": 9, "learning_rate": 0.3},
    "groups": {"validation": 0.4, "groups": np.arange(N) // 2},
    "groups with names": {"validation": 0.4, "groups": [f"patient {i // 2}" for i in range(N)]},
    "ids": {"ids": [f"row {i}" for i in range(N)]},
    "ids that are numbers": {"ids": range(100, 100 + N)},
    "the examples' record": {"record": True, "ids": list(range(N))},
    "every epoch's record": {"record": "epochs", "weights": S, "validation": 0.25},
    "checkpoints": {"checkpoints": True},
    "noise scale": {"noise_scale": True},
    "smooth labels": {"label_smoothing": 0.1},
    "clipped examples": {"clip_examples": 0.2},
    "a callback that stops": {"callbacks": [lambda epoch: epoch.epoch == 2]},
    "no callbacks": {"callbacks": [repr]},
    "all rows at once": {"optimizer": "lbfgs"},
}
BY_ROW = ("weights", "groups", "ids")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("options", ALONE.values(), ids=ALONE)
def test_what_a_stack_does_not_have_is_learnt_one_by_one_to_the_bit(options, jobs):
    """What has an entry for each row goes along with the row; rows differ in number from network to network."""
    networks, seeds = others_like(NETWORK, len(MASKS)), [5, 5, 6, 7, 8, 9]
    options = {"epochs": 4, "batch_size": 7, **options}
    many = culpa.fit_many(networks, X, Y, rows=MASKS, seeds=seeds, jobs=jobs, **options)
    for network, chosen, seed, mine in zip(networks, MASKS, seeds, many, strict=True):
        own = dict(options)
        for name in BY_ROW:
            if own.get(name) is not None:
                own[name] = [own[name][i] for i in np.flatnonzero(chosen)]
        assert_as_alone(mine, culpa.fit(network, X[chosen], Y[chosen], seed=seed, **own), within=0)


PLANTED = {
    "another seed": {"seed": 2},
    "one row more": {"rows": slice(0, 31)},
    "another order of the rows": {"rows": np.arange(30)[::-1]},
    "another learning rate": {"learning_rate": 0.01 * (1 + 1e-8)},
    "another penalty": {"network": replace(NETWORK, l2=0.02 + 1e-9)},
    "another start": {"network": culpa.unflatten(NETWORK, culpa.flatten(NETWORK) * (1 + 1e-9))},
    "one epoch less": {"epochs": 2},
    "another schedule at the same rates": {"schedule": replace(SCHEDULES["constant"], name="even")},
    "another batch size, of one batch": {"batch_size": 29},
    "rows that weigh": {"weights": np.linspace(1, 1 + 1e-9, 30)},
}


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("within", [1e-10, 0], ids=["digits", "bits"])
def test_a_planted_difference_is_refused(change, within):
    usual = {"network": NETWORK, "rows": slice(0, 30), "seed": 1, "epochs": 3, "learning_rate": 0.01}

    def trained(network, rows, **options):
        return culpa.fit(network, X[rows], Y[rows], **options)

    own = trained(**usual)
    assert_as_alone(trained(**usual), own, within=within)
    with pytest.raises(AssertionError):
        assert_as_alone(trained(**{**usual, **change}), own, within=within)


@pytest.mark.parametrize("field", ["loss", "gradient_norm", "learning_rate"])
def test_a_planted_difference_in_the_record_alone_is_refused(field):
    own = culpa.fit(NETWORK, X, Y, epochs=2)
    first, last = own.training.history
    history = (first, last._replace(**{field: getattr(last, field) * (1 + 1e-9)}))
    for record in (replace(own.training, history=history), replace(own.training, data="another")):
        with pytest.raises(AssertionError):
            assert_as_alone(replace(own, training=record), own)


NUMBERS = [np.flatnonzero(mask) for mask in MASKS]
FORMS = {
    "a boolean matrix": MASKS,
    "a list of masks": list(MASKS),
    "masks in lists": MASKS.tolist(),
    "row numbers": NUMBERS,
    "row numbers in lists": [numbers.tolist() for numbers in NUMBERS],
    "row numbers from the end": [numbers - N for numbers in NUMBERS],
    "row numbers in bytes": [numbers.astype(np.uint8) for numbers in NUMBERS],
    "row numbers without a sign": [numbers.astype(np.uint64) for numbers in NUMBERS],
    "masks and row numbers": [MASKS[0], NUMBERS[1], *MASKS[2:]],
    "one after the other": (numbers for numbers in NUMBERS),
}


@pytest.mark.parametrize("rows", FORMS.values(), ids=FORMS)
def test_rows_may_be_given_in_any_form_and_differ_in_number(rows, widths):
    many = culpa.fit_many(NETWORK, X, Y, rows=rows, epochs=2, batch_size=10)
    assert widths == [3, 3, 2, 2, 1, 1], "networks with equally many rows share a stack"
    for mine, numbers in zip(many, NUMBERS, strict=True):
        assert_as_alone(mine, culpa.fit(NETWORK, X[numbers], Y[numbers], epochs=2, batch_size=10))


def test_few_rows_of_very_many_may_be_given_in_bytes():
    """Numbers that fit into a byte, of rows that are more than a byte can count."""
    inputs, y = np.tile(X, (10, 1)), np.tile(Y, 10)
    few = np.array([3, 1, 4, 1, 5, 92], np.uint8)
    (mine,) = culpa.fit_many(NETWORK, inputs, y, rows=[few], epochs=2)
    assert_as_alone(mine, culpa.fit(NETWORK, inputs[few], y[few], epochs=2))


def test_slices_are_rows_too():
    slices = [slice(0, 30), slice(10, None), slice(None, None, 2)]
    for pair in together_and_alone([NETWORK] * 3, slices, [0, 1, 2], epochs=2):
        assert_as_alone(*pair)


def test_rows_drawn_with_replacement_count_as_often_as_they_are_drawn():
    rows = RANDOM.integers(-N, N, (5, N))
    for pair in together_and_alone([NETWORK] * 5, rows, range(5), epochs=3, batch_size=9):
        assert_as_alone(*pair)


@pytest.mark.parametrize("seeds", [[7, 0, 7], range(3), np.array([5, 2, 0]), (np.int64(3), np.uint8(1), 2)], ids=repr)
def test_one_network_with_seeds_starts_them_all(seeds):
    many = culpa.fit_many(NETWORK, X, Y, seeds=seeds, epochs=2)
    assert [network.training.seed for network in many] == list(seeds)
    for mine, seed in zip(many, seeds, strict=True):
        assert_as_alone(mine, culpa.fit(NETWORK, X, Y, seed=seed, epochs=2))


def test_without_seeds_the_one_seed_serves_them_all():
    networks = others_like(NETWORK, 3)
    for mine, network in zip(culpa.fit_many(networks, X, Y, seed=4, epochs=2), networks, strict=True):
        assert_as_alone(mine, culpa.fit(network, X, Y, seed=4, epochs=2))


@pytest.mark.parametrize(
    "networks", [NETWORK, [NETWORK], (NETWORK,), iter([NETWORK])], ids=["it", "list", "tuple", "iter"]
)
def test_one_alone_comes_back_in_a_list(networks):
    (mine,) = culpa.fit_many(networks, X, Y, epochs=2)
    assert_as_alone(mine, culpa.fit(NETWORK, X, Y, epochs=2))


@pytest.mark.parametrize("given", [{"networks": []}, {"seeds": []}, {"rows": []}], ids=["networks", "seeds", "rows"])
def test_none_at_all_is_an_empty_list(given):
    assert culpa.fit_many(**{"networks": NETWORK, "X": X, "y": Y, "epochs": 2, **given}) == []


def kept_in_a_file(folder, array):
    path = folder / f"{array.ndim} axes.npy"
    np.save(path, array)
    return np.load(path, mmap_mode="r")


INPUTS = {
    "lists": lambda array, folder: array.tolist(),
    "a frame of pandas'": lambda array, folder: pytest.importorskip("pandas").DataFrame(array).squeeze(axis=1),
    "a frame of Polars'": lambda array, folder: pl.DataFrame(array) if array.ndim == 2 else pl.Series(array),
    "column by column": lambda array, folder: np.asfortranarray(array),
    "every second row": lambda array, folder: np.repeat(array, 2, axis=0)[::2],
    "a memory map": lambda array, folder: kept_in_a_file(folder, array),
    "big-endian numbers": lambda array, folder: array.astype(array.dtype.newbyteorder(">")),
}


@pytest.mark.parametrize("options", [{}, {"callbacks": [repr]}], ids=["stacked", "one by one"])
@pytest.mark.parametrize("dtype", [float, np.float32, int, bool])
@pytest.mark.parametrize("form", INPUTS.values(), ids=INPUTS)
def test_rows_come_in_every_form_that_fit_takes(form, dtype, options, tmp_path):
    inputs = np.round(X).astype(dtype)
    many = culpa.fit_many(NETWORK, form(inputs, tmp_path), form(Y, tmp_path), rows=MASKS[:3], epochs=2, **options)
    for mine, chosen in zip(many, MASKS, strict=False):
        assert_as_alone(mine, culpa.fit(NETWORK, inputs[chosen], Y[chosen], epochs=2))


@pytest.mark.parametrize("options", [{}, {"weights": S.copy(), "validation": 0.25}], ids=["stacked", "one by one"])
def test_nothing_that_is_given_changes(options):
    networks, seeds = others_like(NETWORK, len(MASKS)), np.arange(len(MASKS))
    arrays = [X.copy(), Y.copy(), MASKS.copy(), seeds, *(value for value in options.values() if np.ndim(value))]
    before = [array.copy() for array in arrays], [culpa.flatten(network) for network in networks]
    for array in arrays:
        array.flags.writeable = False
    many = culpa.fit_many(networks, *arrays[:2], rows=arrays[2], seeds=seeds, epochs=2, **options)
    for old, new in zip([*before[0], *before[1]], [*arrays, *map(culpa.flatten, networks)], strict=True):
        np.testing.assert_array_equal(old, new, strict=True)
    assert [network.training for network in networks] == [None] * len(networks)
    assert not any(np.array_equal(culpa.flatten(mine), old) for mine, old in zip(many, before[1], strict=True))


def test_names_of_columns_and_an_older_record_are_passed_on_or_replaced():
    start = replace(NETWORK, columns=object(), training="an older one")
    for mine in culpa.fit_many([start, start], X, Y, epochs=1):
        assert mine.columns is start.columns
        assert isinstance(mine.training, Training)


def test_what_is_trained_may_be_trained_on():
    networks = culpa.fit_many(NETWORK, X, Y, rows=MASKS, epochs=1)
    for mine, network, chosen in zip(
        culpa.fit_many(networks, X, Y, rows=MASKS, epochs=1), networks, MASKS, strict=True
    ):
        assert_as_alone(mine, culpa.fit(network, X[chosen], Y[chosen], epochs=1))


def test_an_activation_and_a_loss_of_the_users_own_learn_in_a_stack():
    """Rows of the tables with functions out of place only, as users write them."""
    plain = replace(culpa.ACTIVATIONS["silu"], name="mine", in_place=None)
    layers = tuple(replace(layer, activation=plain) for layer in NETWORK.layers[:-1])
    loss = replace(culpa.LOSSES["softmax_squared_error"], name="my own", in_place=None)
    network = replace(NETWORK, layers=(*layers, NETWORK.layers[-1]), loss=loss)
    for pair in together_and_alone(others_like(network, 3), MASKS[:3], [0, 1, 2], epochs=3, batch_size=5):
        assert_as_alone(*pair)


def test_in_float32_they_stay_together_as_long_as_steps_are_few():
    """NOTE: 1e-5, because float32 has seven digits, of which twelve steps with their sums leave five or six."""
    networks = [network.astype("float32") for network in others_like(NETWORK, 3)]
    for mine, alone in together_and_alone(networks, MASKS[:3], [0, 1, 2], epochs=3, batch_size=8):
        assert mine.dtype == np.float32
        assert_same(culpa.flatten(mine), culpa.flatten(alone), within=1e-5)
        assert (mine.training.recipe, mine.training.data) == (alone.training.recipe, alone.training.data)
