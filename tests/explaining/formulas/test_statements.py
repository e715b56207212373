# SPDX-License-Identifier: MIT
"""The NumPy statements run: step by step, in each notation, they make the engine's losses and gradient."""

from itertools import pairwise, product

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Network
from culpa.engine.activations import Activation
from culpa.engine.losses import Loss
from culpa.engine.network import unflatten
from culpa.explaining.formulas.statements import outline_of, statements
from culpa.explaining.notations import NOTATIONS

NAMES, N = list(ACTIVATIONS), 4
WHOLE = {"note": ("dW", "db"), "ng": ("dW", "db"), "cs231n": ("dW", "db"), "nielsen": ("nabla_w", "nabla_b")}


def network_with(activation, loss, depth, bias=True, l2=0.0, seed=1):
    """A network with weights, biases and data of a loss's kind; below its first hidden layer another activation."""
    random = np.random.default_rng(seed)
    sizes = [*[3, 4, 2][:depth], 3]
    other = NAMES[(NAMES.index(activation) + 1) % len(NAMES)] if activation in NAMES else activation
    hidden = [activation, other][: depth - 1]
    weights = [random.normal(0, 0.6, (out, into)) for into, out in pairwise(sizes)]
    biases = [random.normal(0, 0.5, out) for out in sizes[1:]] if bias else None
    network = Network.from_arrays(weights, biases, hidden=hidden, loss=loss, l2=l2)
    rows = {
        "classes": np.eye(3)[random.integers(3, size=N)],
        "labels": random.integers(2, size=(N, 3)) * 1.0,
        "numbers": random.normal(0, 2, (N, 3)),
        "counts": random.poisson(1.0, (N, 3)) * 1.0,
    }
    return network, random.normal(size=(N, 3)), rows[network.loss.targets]


def given(notation, network, X, Y, example=0):
    """The names that the statements start from, as the notation has them."""
    names = {"l2": network.l2}
    for k, layer in enumerate(network.layers, start=1):
        place = k + notation.first - 1
        names[f"{notation.weight}{place}"] = layer.W.T if notation.is_row else layer.W
        if layer.b is not None:
            names[f"b{place}"] = layer.b if notation.stacked == "rows" else layer.b[:, None]
    if notation.stacked is None:
        columns = [(x[:, None], y[:, None]) for x, y in zip(X, Y, strict=True)]
        return {**names, "examples": columns, "x": columns[example][0], "y": columns[example][1]}
    return {**names, "X": X.T, "Y": Y.T} if notation.stacked == "columns" else {**names, "X": X, "Y": Y}


def steps(depth):
    """What is done, in its order."""
    layers = range(1, depth + 1)
    yield from (("start", None), *(("forward", k) for k in layers), ("loss", None), ("output", None))
    yield from (("hidden", k) for k in reversed(layers[:-1]))
    yield from product(("weights", "bias"), layers)
    yield from (("batch", None), *(("batch", k) for k in layers), *(("penalty", k) for k in layers))


def assert_derivatives(notation, names, found, marks, blocks):
    """The names hold the engine's derivatives by every layer's weights and biases, in the notation's layout."""
    for k, (W, b) in enumerate(blocks, start=1):
        place = k + notation.first - 1
        got = names[f"{found[0]}{place}{marks}"]
        assert_close(got.T if notation.is_row else got, W)
        if b is not None:
            assert_close(np.ravel(names[f"{found[1]}{place}{marks}"]), b)


def assert_close(got, wanted):
    assert np.shape(got) == np.shape(wanted)
    assert np.linalg.norm(got - wanted) <= 1e-12 * np.linalg.norm(wanted)


def run(notation, network, X, Y, plant=("", ""), extra=(), example=2):
    """Run all statements and hold what they make to the engine."""
    names = {**given(notation, network, X, Y, example), **dict(extra)}
    outline, engine = outline_of(network), culpa.gradient(network, X, Y)
    found = WHOLE[notation.name]
    for doing, k in steps(outline.depth):
        lines = "\n".join(statements(notation, outline, doing, k, example=example))
        exec(lines.replace(*plant) if plant[0] else lines, names)
        if (doing, k) == ("batch", None):
            marks = "" if notation.stacked is None else "_one"
            assert_derivatives(notation, names, found, marks, own(network, X, Y, example))
        if doing == "loss":
            own_loss = engine.losses[example] if notation.stacked is None else engine.losses.mean()
            assert names["loss"] == pytest.approx(own_loss, rel=1e-12)
    assert_derivatives(notation, names, found, "", blocks(network, engine))


def blocks(network, gradient):
    """The objective's derivatives by each layer's weights and biases, the penalty among them."""
    return [(layer.W, layer.b) for layer in unflatten(network, gradient.total()).layers]


def own(network, X, Y, example):
    """One example's own derivatives, without a penalty."""
    bare = Network(network.layers, network.loss)
    return blocks(bare, culpa.gradient(bare, X[[example]], Y[[example]]))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_statements_of_all_steps_make_the_engines_gradient(notation, loss):
    for activation, depth, bias, l2 in product(NAMES, (1, 2, 3), (True, False), (0.0, 0.3)):
        if depth > 1 or activation == NAMES[0]:
            run(NOTATIONS[notation], *network_with(activation, loss, depth, bias, l2))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_name_is_made_by_the_part_it_belongs_to(notation):
    outline = outline_of(network_with("tanh", "cross_entropy", 2, l2=0.1)[0])
    row = NOTATIONS[notation]
    made = {doing: statements(row, outline, doing, 1) for doing in ("forward", "hidden", "weights", "bias", "penalty")}
    for doing, lines in made.items():
        assert lines, doing
        assert all(" = " in line or "+=" in line for line in lines)
    assert statements(row, outline._replace(biases=(False, True)), "bias", 1) == ()
    assert statements(row, outline._replace(penalty=False), "penalty", 1) == ()


WRONG = [
    *((name, "forward", ("+ b1", "- b1")) for name in ("note", "ng", "cs231n")),
    ("note", "mean", ("1 / n", "1 / 1")),
    ("ng", "mean", (" / m", " / 1")),
    ("cs231n", "mean", ("/= N", "/= 1")),
    ("nielsen", "mean", ("each) / n", "each)")),
    ("note", "slope", ("1 - h1**2", "1 + h1**2")),
    ("ng", "slope", (" * (1 - A1**2)", "")),
    ("cs231n", "sign", ("h2 - Y", "Y - h2")),
    ("nielsen", "order", ("np.dot(delta3, a2.transpose())", "np.dot(delta3, a2.transpose()) * 2")),
    ("nielsen", "penalty", ("+= l2", "-= l2")),
    ("note", "example", ("[2]", "[1]")),
    ("ng", "example", ("[2]", "[1]")),
    ("cs231n", "own", ("N * np.outer", "np.outer")),
]


@pytest.mark.parametrize(("notation", "mistake", "plant"), WRONG)
def test_a_planted_mistake_in_a_statement_is_refused(notation, mistake, plant):
    case = network_with("tanh", "cross_entropy", 2, l2=0.3)
    run(NOTATIONS[notation], *case)
    with pytest.raises(AssertionError):
        run(NOTATIONS[notation], *case, plant=plant)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_rows_of_a_users_own_are_called_by_a_name(notation):
    sine = Activation("sine", np.sin, np.cos)
    loss = Loss("mine", ACTIVATIONS["identity"], lambda a, t: ((a - t) ** 4).sum(axis=1), cube, "numbers")
    first = NOTATIONS[notation].first
    axis = 1 if NOTATIONS[notation].stacked == "rows" else 0
    extra = {
        f"g{first}": np.sin,
        f"g{first}_slope": np.cos,
        f"g{first + 1}": lambda a: a,
        "losses_of": lambda a, t: ((a - t) ** 4).sum(axis=axis if notation != "nielsen" else None),
        "delta_of": cube,
    }
    run(NOTATIONS[notation], *network_with(sine, loss, 2), extra=extra.items())


def cube(a, t):
    return 4 * (a - t) ** 3


LISTS = ("a", "h", "delta", "dh", "z", "Z", "A", "dZ", "dA", "s", "ds", "da", "dW", "db", "nabla_w", "nabla_b")


def lists_of(notation, network, X, Y):
    """What the statements of any network start from: a dictionary by layer for each letter."""
    single = given(notation, network, X, Y)
    layers = range(notation.first, notation.first + len(network.layers))
    rows = [layer.activation for layer in network.layers]
    names = {key: value for key, value in single.items() if key == "l2" or not key[-1].isdigit()}
    names |= {letter: {k: single[f"{letter}{k}"] for k in layers} for letter in (notation.weight, "b")}
    names |= {f"g{end}": dict(zip(layers, (getattr(row, kind) for row in rows), strict=True))
              for end, kind in (("", "value"), ("_slope", "slope"))}  # fmt: skip
    names["delta_of"] = turned(network.loss.delta, notation)
    names["losses_of"] = turned(network.loss.losses, notation)
    return {**names, "L": layers[-1], **{name: {} for name in (*LISTS, "dW_one", "db_one")}}, layers


def turned(rule, notation):
    """A rule for rows, for the notation's own layout."""
    return rule if notation.stacked == "rows" else lambda a, t: rule(a.T, t.T).T


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_statements_of_any_network_make_the_gradient_of_a_given_one(notation):
    row = NOTATIONS[notation]
    network, X, Y = network_with("elu", "logistic_squared_error", 3, l2=0.2)
    names, layers = lists_of(row, network, X, Y)

    def through(names):
        for doing in ("start", "forward", "loss", "output", "hidden", "weights", "bias"):
            for k in {"hidden": layers[-2::-1], "forward": layers, "weights": layers, "bias": layers}.get(doing, [0]):
                names[row.layer] = k
                exec("\n".join(statements(row, None, doing)), names)
        return names

    def backprop(x, y):
        return through({**lists_of(row, network, X, Y)[0], "x": x, "y": y})

    through(names)["backprop"] = backprop
    for doing, k in product(("batch", "penalty"), layers):
        names[row.layer] = k
        exec("\n".join(statements(row, None, doing)), names)
    made = {f"{name}{k}": names[name][k] for name in WHOLE[notation] for k in layers}
    wanted = blocks(network, culpa.gradient(network, X, Y))
    assert_derivatives(row, made, WHOLE[notation], "", wanted)
    made[f"{WHOLE[notation][0]}{layers[0]}"] *= 1.001
    with pytest.raises(AssertionError):
        assert_derivatives(row, made, WHOLE[notation], "", wanted)
