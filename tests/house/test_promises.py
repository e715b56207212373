# SPDX-License-Identifier: MIT
"""What users may count on: inputs are viewed and never changed, networks are copies that nobody can change."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Network

DTYPES = ["float32", "float64"]
TARGETS = {
    "classes": np.array([0, 1, 0, 2, 1]),
    "labels": np.eye(3)[[0, 1, 0, 2, 1]],
    "numbers": np.linspace(-2, 2, 15).reshape(5, 3),
    "counts": np.arange(15.0).reshape(5, 3),
}


def network_of(loss="cross_entropy", hidden="tanh", dtype="float64"):
    return Network.fresh([4, 6, 3], hidden=hidden, loss=loss, l2=0.1, seed=0, dtype=dtype)


def inputs(dtype="float64"):
    return np.random.default_rng(1).normal(size=(5, 4)).astype(dtype)


def layouts(X):
    """The same numbers in other places of memory."""
    wide = np.zeros((10, 8), X.dtype)
    wide[::2, ::2] = X
    fixed = X.copy()
    fixed.flags.writeable = False
    return {"C": X, "Fortran": np.asfortranarray(X), "strided": wide[::2, ::2], "read-only": fixed}


def parts_of(network):
    return [part for layer in network.layers for part in (layer.W, layer.b) if part is not None]


def ask_everything(g):
    """Every question that a Gradient answers."""
    for block in g.layers:
        _ = (block.weight, block.bias, block.decay, block.penalty, block.entry(0, 0), block.per_example([0, 2]))
        _ = (block.squared_norms(), block.gram(), block.second_moment(), block.kronecker(), block.input_delta())
    _ = (g.loss, g.objective, g.hidden(0), g.norms(), g.contributions(), g.gram(), g.second_moment(), g.noise_scale())
    _ = (g.flat(), g.total(), g.dot(g.flat()), g.clipped(0.1).flat(), g.take([1, 0]).flat(), repr(g))


def use_everything(network, X, y, weights):
    """Every verb of the engine, on the same arrays."""
    for g in (culpa.gradient(network, X, y, weights=weights), *culpa.gradients(network, X, y, batch_size=2)):
        _ = (g.flat(), g.norms())
    ask_everything(culpa.gradient(network, X, y))
    culpa.gradient(network, X, y).reweighted(weights).flat()
    culpa.pull_back(network, X, culpa.predict(network, X, batch_size=2), weights=weights).flat()
    _ = culpa.score(network, X, y, weights=weights)
    Network.from_arrays([X.T, X], [weights[:4], weights], loss="squared_error")


def changed(use, arrays):
    """The numbers of the arrays that a call changes; it also sees every array read-only, and must not mind."""
    before = [array.copy() for array in arrays]
    use(*arrays)
    for array in before:
        array.flags.writeable = False
    use(*before)
    return [k for k, (old, new) in enumerate(zip(before, arrays, strict=True)) if not np.array_equal(old, new)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["C", "Fortran", "strided", "read-only"])
def test_X_is_viewed_and_not_copied_where_it_has_the_networks_dtype(layout, dtype):
    X = layouts(inputs(dtype))[layout]
    y, network = TARGETS["classes"], network_of(dtype=dtype)
    chunk = next(culpa.gradients(network, X, y, batch_size=3))
    for g in (culpa.gradient(network, X, y), chunk, culpa.pull_back(network, X, np.ones((5, 3)))):
        assert np.shares_memory(g.layers[0].h, X)


def test_X_of_another_dtype_is_converted_and_so_not_viewed():
    X = inputs("float32")
    assert not np.shares_memory(culpa.gradient(network_of(), X, TARGETS["classes"]).layers[0].h, X)


def test_factors_are_shared_between_a_gradient_and_its_reweighted_and_clipped_kin():
    g = culpa.gradient(network_of(), inputs(), TARGETS["classes"])
    for other in (g.reweighted(np.arange(5)), g.clipped(0.1)):
        for mine, theirs in zip(g.layers, other.layers, strict=True):
            assert mine.delta is theirs.delta
            assert mine.h is theirs.h


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_no_verb_changes_what_it_is_given(loss, hidden):
    network = network_of(loss, hidden)
    arrays = [inputs(), TARGETS[LOSSES[loss].targets].copy(), np.arange(1.0, 6.0)]
    assert changed(lambda *given: use_everything(network, *given), arrays) == []


def test_a_verb_that_changes_what_it_is_given_is_noticed():
    """Negative control: one that writes behind a copy's back, and one that read-only arrays stop."""

    def sly(X, y):
        if X.flags.writeable:
            X -= 1

    def plain(X, y):
        y += 1

    assert changed(sly, [inputs(), np.ones(5)]) == [0]
    with pytest.raises(ValueError, match="read-only"):
        changed(plain, [inputs(), np.ones(5)])


def test_asking_a_gradient_changes_nothing_in_it():
    g = culpa.gradient(network_of(), inputs(), TARGETS["classes"])
    before = [part.copy() for block in g.layers for part in (block.delta, block.h, block.w)] + [g.losses.copy()]
    ask_everything(g)
    after = [part for block in g.layers for part in (block.delta, block.h, block.w)] + [g.losses]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new, old, strict=True)


def made_every_way():
    """Networks from every function that makes one; pickled and copied ones too."""
    network = network_of()
    weights, biases = [layer.W for layer in network.layers], [layer.b for layer in network.layers]
    return {
        "fresh": network,
        "from_arrays": Network.from_arrays(weights, biases, hidden="tanh"),
        "astype": network.astype("float64"),
        "unflatten": culpa.unflatten(network, culpa.flatten(network)),
        "pickled": pickle.loads(pickle.dumps(network)),
        "copied": copy.copy(network),
        "copied deeply": copy.deepcopy(network),
    }


@pytest.mark.parametrize("network", made_every_way().values(), ids=made_every_way())
def test_nobody_can_write_into_a_network(network):
    for part in parts_of(network):
        assert not part.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 1


def test_a_networks_arrays_are_copies():
    W, b = np.ones((2, 3)), np.zeros(2)
    theta = np.arange(8.0)
    network = Network.from_arrays([W], [b])
    other = culpa.unflatten(network, theta)
    for part in parts_of(network) + parts_of(other):
        assert not any(np.shares_memory(part, mine) for mine in (W, b, theta))
    layer = culpa.Layer(W, b, ACTIVATIONS["tanh"])
    W[:], b[:], theta[:] = 7, 7, 7
    for part in (network.layers[0].W, layer.W):
        np.testing.assert_array_equal(part, np.ones((2, 3)))
    np.testing.assert_array_equal(culpa.flatten(other), np.arange(8.0))


def test_flatten_gives_an_array_of_the_users_own():
    for network in (network_of(), Network.from_arrays([np.eye(2)])):
        theta, before = culpa.flatten(network), culpa.flatten(network)
        theta[:] = 7
        np.testing.assert_array_equal(culpa.flatten(network), before, strict=True)


@pytest.mark.parametrize("name", ["layers", "loss", "l2", "training", "columns"])
def test_a_network_is_frozen(name):
    with pytest.raises(FrozenInstanceError):
        setattr(network_of(), name, None)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_pickled_network_computes_the_same_bits(loss, hidden):
    network = network_of(loss, hidden)
    again = pickle.loads(pickle.dumps(network))
    y = TARGETS[LOSSES[loss].targets]
    expected, found = (culpa.gradient(each, inputs(), y) for each in (network, again))
    np.testing.assert_array_equal(found.total(), expected.total(), strict=True)
    assert (again.loss, again.layers[0].activation, again.l2) == (network.loss, network.layers[0].activation, 0.1)


def test_networks_are_equal_only_to_themselves():
    network = Network.from_arrays([np.eye(2)], training={"a": "mutable record"})
    others = [culpa.unflatten(network, culpa.flatten(network)), copy.copy(network)]
    assert network == network
    assert [network != other for other in others] == [True, True]
    assert len({network, network, *others}) == 3


def test_what_rides_along_is_passed_on():
    network = Network.from_arrays([np.eye(2)], training={"epochs": 3}, columns=("a", "b"))
    made = [network.astype("float32"), culpa.unflatten(network, [0] * 4), pickle.loads(pickle.dumps(network))]
    assert [(each.training, each.columns) for each in made] == [({"epochs": 3}, ("a", "b"))] * 3


def test_a_repr_is_short_and_says_what_the_thing_is():
    network = network_of("huber", dtype="float32")
    g = culpa.gradient(network, inputs(), TARGETS["numbers"])
    assert repr(network) == "Network(4-6-3, tanh, huber, float32, l2=0.1, 51 parameters)"
    assert repr(network.layers[0]) == "Layer(4 → 6, tanh)"
    assert repr(g) == f"Gradient(5 examples, 2 layers, loss {g.loss:.6g})"
    assert repr(g.layers[1]) == "OuterProduct(5 examples of (3, 6))"
    assert repr(network.loss) == "<loss huber>"
