# SPDX-License-Identifier: MIT
"""Stated shapes are true: what an annotation calls Signals, Values, Matrix, Vector or Flat has that shape.

Every public function, method, property and field of the engine whose annotation holds one of the five words is found by
walking the modules, called on a network whose sizes are all different, and measured; its dtype is the network's. One
that is found and not in the table of calls fails, so that no claim can be added without being held.
"""

import collections.abc
import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, NamedTuple, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

import culpa
import culpa.engine
from culpa.engine import arrays
from culpa.engine.arrays import Flat, Matrix, Signals, Values, Vector
from culpa.engine.factored import Gradient
from culpa.engine.forward import forward
from culpa.engine.hidden import hidden_deltas
from culpa.engine.losses import softmax
from culpa.engine.output import output_delta
from culpa.engine.predicting import assess
from culpa.engine.workspace import Workspace

N, SIZES = 7, (5, 4, 3)  # n, d_0, d_1, d_2: all different
P = 4 * 5 + 4 + 3 * 4 + 3
WORDS = {Signals: "Signals", Values: "Values", Matrix: "Matrix", Vector: "Vector", Flat: "Flat"}
DTYPES = ["float32", "float64"]
MODULES = [
    importlib.import_module(f"culpa.engine.{module.name}") for module in pkgutil.iter_modules(culpa.engine.__path__)
]


def meaning(word, k, width):
    """The shape that a word stands for in layer k = 1, 2, where a row of signals has `width` entries."""
    return {
        "Signals": (N, width),
        "Values": (N,),
        "Matrix": (SIZES[k], SIZES[k - 1]),
        "Vector": (SIZES[k],),
        "Flat": (P,),
    }[word]


def words_in(hint):
    """The words of an annotation, from left to right: those of a union, a tuple, a named tuple, a callable's answer."""
    if get_origin(hint) is Annotated:
        return [WORDS[hint]] if hint in WORDS else words_in(hint.__origin__)
    if get_origin(hint) is collections.abc.Callable:
        return words_in(get_args(hint)[-1])
    if get_origin(hint) in (Union, UnionType, tuple):
        return [word for part in get_args(hint) for word in words_in(part)]
    if inspect.isclass(hint) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return [word for part in get_type_hints(hint, include_extras=True).values() for word in words_in(part)]
    return []


def answer_of(thing):
    """The annotation of what a function or property gives; None for anything else."""
    function = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
    return get_type_hints(function, include_extras=True).get("return") if inspect.isfunction(function) else None


def claims_of(thing):
    """What a public function or class claims: name -> words."""
    if not inspect.isclass(thing):
        return {thing.__name__: words_in(answer_of(thing))}
    members = {name: answer_of(member) for name, member in vars(thing).items()}
    if is_dataclass(thing) or hasattr(thing, "_fields"):
        members |= get_type_hints(thing, include_extras=True)
    return {f"{thing.__name__}.{name}": words_in(hint) for name, hint in members.items() if not name.startswith("_")}


def claims():
    """All claims of the engine that hold a word; protocols hold no code and so no claim."""
    found = {}
    for module in MODULES:
        for thing in (getattr(module, name) for name in module.__all__):
            ours = getattr(thing, "__module__", "") == module.__name__
            if ours and (inspect.isfunction(thing) or inspect.isclass(thing)) and not getattr(thing, "_is_protocol", 0):
                found |= claims_of(thing)
    return {name: words for name, words in found.items() if words}


class World:
    """One network with data and everything that the calls below need."""

    def __init__(self, dtype):
        random = np.random.default_rng(0)
        self.network = culpa.Network.fresh(SIZES, hidden="tanh", l2=0.1, seed=0, dtype=dtype)
        self.X = random.normal(size=(N, SIZES[0])).astype(dtype)
        self.y = np.arange(N) % SIZES[-1]
        self.g = culpa.gradient(self.network, self.X, self.y)
        self.steps = forward(self.network, self.X)
        self.losses, self.delta_out = output_delta(self.network.loss, self.steps[-1], self.y)


def after_a_pass(world):
    """A workspace that a batch has gone through."""
    space = Workspace(world.network, N)
    space.gradient(world.X, world.y)
    return space


# name -> the call in layer k, and the width of its signals as an index into SIZES
CALLS = {
    "Gradient.losses": (lambda world, k: world.g.losses, None),
    "Gradient.w": (lambda world, k: world.g.w, None),
    "Gradient.hidden": (lambda world, k: world.g.hidden(k - 1), "below"),
    "Gradient.norms": (lambda world, k: world.g.norms(), None),
    "Gradient.contributions": (lambda world, k: world.g.contributions(), None),
    "Gradient.second_moment": (lambda world, k: world.g.second_moment(), None),
    "Gradient.dot": (lambda world, k: world.g.dot(world.g.flat()), None),
    "Gradient.flat": (lambda world, k: world.g.flat(), None),
    "Gradient.total": (lambda world, k: world.g.total(), None),
    "OuterProduct.delta": (lambda world, k: world.g.layers[k - 1].delta, "here"),
    "OuterProduct.h": (lambda world, k: world.g.layers[k - 1].h, "below"),
    "OuterProduct.w": (lambda world, k: world.g.layers[k - 1].w, None),
    "OuterProduct.W": (lambda world, k: world.g.layers[k - 1].W, None),
    "OuterProduct.weight": (lambda world, k: world.g.layers[k - 1].weight, None),
    "OuterProduct.bias": (lambda world, k: world.g.layers[k - 1].bias, None),
    "OuterProduct.decay": (lambda world, k: world.g.layers[k - 1].decay, None),
    "OuterProduct.norms": (lambda world, k: world.g.layers[k - 1].norms(), None),
    "OuterProduct.squared_norms": (lambda world, k: world.g.layers[k - 1].squared_norms(), None),
    "OuterProduct.second_moment": (lambda world, k: world.g.layers[k - 1].second_moment(), None),
    "OuterProduct.dot": (lambda world, k: world.g.layers[k - 1].dot(world.network.layers[k - 1].W), None),
    "OuterProduct.input_delta": (lambda world, k: world.g.layers[k - 1].input_delta(), "below"),
    "Parts.weight": (lambda world, k: world.g.layers[k - 1].second_moment().weight, None),
    "Parts.bias": (lambda world, k: world.g.layers[k - 1].second_moment().bias, None),
    "Layer.W": (lambda world, k: world.network.layers[k - 1].W, None),
    "Layer.b": (lambda world, k: world.network.layers[k - 1].b, None),
    "Step.a": (lambda world, k: world.steps[k - 1].a, "here"),
    "Step.h": (lambda world, k: world.steps[k - 1].h, "here"),
    "forward": (lambda world, k: forward(world.network, world.X)[k - 1][1:], "here"),
    "output_delta": (lambda world, k: (world.losses, world.delta_out), "out"),
    "hidden_deltas": (lambda world, k: hidden_deltas(world.steps, world.delta_out)[k - 1], "here"),
    "Loss.losses": (lambda world, k: world.network.loss.losses(world.steps[-1].a, world.y), None),
    "Loss.delta": (lambda world, k: world.network.loss.delta(world.steps[-1].a, world.y), "out"),
    "softmax": (lambda world, k: softmax(world.steps[-1].a), "out"),
    "flatten": (lambda world, k: culpa.flatten(world.network), None),
    "predict": (lambda world, k: culpa.predict(world.network, world.X, batch_size=2), "out"),
    "admit_inputs": (lambda world, k: arrays.admit_inputs(world.X, world.network.layers[0].W), "in"),
    "admit_weights": (lambda world, k: arrays.admit_weights(None, N, "mean", world.X.dtype), None),
    "Assessment.losses": (lambda world, k: assess(world.network, world.X, world.y).losses, None),
    "Assessment.logits": (lambda world, k: assess(world.network, world.X, world.y).logits, "out"),
    "Assessment.outputs": (lambda world, k: assess(world.network, world.X, world.y, batch_size=2).outputs, "out"),
    "assess": (lambda world, k: assess(world.network, world.X, world.y, batch_size=3), "out"),
    "Workspace.contributions": (lambda world, k: after_a_pass(world).contributions(), None),
    "Workspace.gradient": (lambda world, k: Workspace(world.network, N).gradient(world.X, world.y), None),
    "literal_weights": (lambda world, k: arrays.literal_weights(np.ones(N), N, world.X.dtype), None),
}


def lies(words, call, dtype):
    """How the answers of a call, in both layers, differ from the words that state their shapes."""
    ask, side = call
    world, found = World(dtype), []
    for k in (1, 2):
        width = {"in": SIZES[0], "below": SIZES[k - 1], "here": SIZES[k], "out": SIZES[-1], None: None}[side]
        answer = ask(world, k)
        answers = answer if isinstance(answer, tuple) else (answer,)
        expected = [(meaning(word, k, width), np.dtype(dtype)) for word in words]
        got = [(np.shape(array), getattr(array, "dtype", type(array))) for array in answers]
        found += [] if got == expected else [f"layer {k}: {words} is {expected}, got {got}"]
    return found


def test_every_stated_shape_has_a_call_that_holds_it():
    assert set(claims()) == set(CALLS)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CALLS)
def test_a_stated_shape_is_true_and_the_dtype_is_kept(name, dtype):
    assert lies(claims()[name], CALLS[name], dtype) == []


def test_a_claim_without_a_call_would_be_noticed():
    """Negative control: new members of every kind are found, with their words in order."""

    class Pair(NamedTuple):
        first: Matrix
        second: Vector | None

    class Planted(Gradient):
        def method(self) -> Values: ...

        @property
        def view(self) -> Pair: ...

        @classmethod
        def made(cls) -> tuple[Signals, ...]: ...

        def silent(self) -> float: ...

    def function() -> tuple[Values, Flat]: ...

    found = claims_of(Planted) | claims_of(function)
    words = {"method": ["Values"], "view": ["Matrix", "Vector"], "made": ["Signals"], "silent": []}
    assert {name: found[f"Planted.{name}"] for name in words} == words
    assert found["function"] == ["Values", "Flat"]


PLANTED = {
    "transposed": (["Matrix"], (lambda world, k: world.g.layers[k - 1].weight.T, None)),
    "one row short": (["Values"], (lambda world, k: world.g.norms()[1:], None)),
    "a column": (["Values"], (lambda world, k: world.g.norms()[:, None], None)),
    "the wrong side": (["Signals"], (lambda world, k: world.g.layers[k - 1].delta, "below")),
    "another dtype": (["Flat"], (lambda world, k: world.g.flat().astype("float16"), None)),
    "a missing bias": (["Vector"], (lambda world, k: None, None)),
    "one too many": (["Values"], (lambda world, k: (world.losses, world.losses), None)),
    "a Python number": (["Values"], (lambda world, k: 1.0, None)),
}


@pytest.mark.parametrize(("words", "call"), PLANTED.values(), ids=PLANTED)
def test_a_wrong_shape_would_be_noticed(words, call):
    """Negative control: each planted answer is refused, in both layers."""
    assert len(lies(words, call, "float32")) == 2


def test_there_are_no_more_words_than_the_ones_held_here():
    assert {word for word in vars(arrays).values() if get_origin(word) is Annotated} == set(WORDS)
