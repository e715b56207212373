# SPDX-License-Identifier: MIT
"""Functions: somebody's gradient(weights, biases, X, y[, l2]) is called on probes of ours and diagnosed on all of them.

The functions are a course's (`textbook`), with a mistake in them or without.
"""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import DataError, OptionError
from tests.checking.mistakes.planting import blocks_named
from tests.checking.mistakes.textbook import Bug, Course

DEEP = Network.fresh([8, 6, 6, 3], hidden=["tanh", "relu"], l2=0.01, seed=0)
NUMBERS = Network.fresh([8, 6, 6, 2], hidden="logistic", loss="squared_error", seed=0)


def course(network, *bugs):
    """The course's pass for such a network, with these mistakes."""
    return Course([layer.activation.name for layer in network.layers[:-1]], network.loss.name, *bugs)


def function(network, *bugs):
    """The same as a function that takes l2."""

    def gradient(weights, biases, X, y, l2):
        return course(network, *bugs).gradient(weights, biases, X, y, l2)

    return gradient


def asked(network, mine, **options):
    return culpa.diagnose(network, None, None, mine, show_progress=False, **options)


@pytest.mark.parametrize("network", [DEEP, NUMBERS, Network.fresh([5, 3]), Network.fresh([5, 2, 2, 2, 2, 3], seed=1)])
def test_a_right_function_is_right(network):
    found = asked(network, function(network))
    assert (found.verdict, found.mistakes, found.guilty, found.notes) == ("right", (), None, ())


BUGS = [
    ("labels shifted", "δ_3"),
    ("output slope kept", "δ_3"),
    ("= in place of +=", "δ_3"),
    ("one example missing", "δ_3"),
    ("W already updated", "δ_2"),
    ("dW in place of W", "δ_1"),
    ("W summed out", "δ_2"),
    ("g′ missing", "δ_1"),
    ("g′ at h in place of a", "δ_1"),
    ("mask inverted", "δ_2"),
    ("g in place of g′", "δ_2"),
    ("dW transposed", "W_3"),
    ("a in place of h", "W_2"),
    ("∂ℓ/∂h in place of δ", "W_1"),
    ("left at zero", "W_2"),
    ("1/n missing", "W_1"),
    ("stray factor", "W_3"),
    ("decay missing", "W_2"),
    ("decay over n", "W_1"),
    ("another decay", "W_3"),
    ("decay on biases", "b_2"),
    ("wrong axis", "b_1"),
    ("sum of everything", "b_2"),
    ("from one example only", "b_3"),
    ("left at zero", "b_1"),
    ("factor 2", "b_2"),
]


@pytest.mark.parametrize(("kind", "block"), BUGS)
def test_a_functions_mistake_is_named_with_its_block(kind, block):
    found = asked(DEEP, function(DEEP, Bug(kind, block)))
    assert found.verdict == "mistake"
    assert {(kind, block)} in map(blocks_named, found.explanations)
    assert found.mistakes[0].block == found.guilty


def test_what_agrees_on_one_probe_by_accident_is_told_apart_on_the_others():
    # With all widths equal, W is as easily not transposed as it is; the generic probe stops this function.
    for block in ("δ_1", "δ_2"):
        found = asked(DEEP, function(DEEP, Bug("W not transposed", block)))
        assert {("W not transposed", block)} in map(blocks_named, found.explanations)
        assert found.notes[0] == "it stops with ValueError on the generic probe"


def test_two_mistakes_of_a_function_are_named_together():
    bugs = Bug("g′ missing", "δ_2"), Bug("wrong axis", "b_1")
    found = asked(DEEP, function(DEEP, *bugs))
    assert set(bugs) in map(blocks_named, found.explanations)


def with_mask_at(layer, network):
    """A function whose relu lets the error through at exactly 0, in one layer."""

    class Kinked(Course):
        def slope(self, k):
            return (self.A[k] >= 0).astype(float) if k == layer else super().slope(k)

    hidden = [layer.activation.name for layer in network.layers[:-1]]
    return lambda weights, biases, X, y, l2: Kinked(hidden, "cross_entropy").gradient(weights, biases, X, y, l2)


def test_a_mask_that_is_on_at_zero_is_seen_at_the_kink_alone():
    network = Network.fresh([5, 4, 6, 3], hidden="relu", seed=0)
    found = asked(network, with_mask_at(1, network))
    assert {("mask ≥ 0", "δ_1")} in map(blocks_named, found.explanations)


@pytest.mark.parametrize("hidden", ["relu", ["tanh", "relu"]])
def test_a_mask_that_is_on_at_zero_is_seen_in_every_layer(hidden):
    network = Network.fresh([5, 4, 6, 3], hidden=hidden, seed=0)
    found = asked(network, with_mask_at(2, network))
    assert {("mask ≥ 0", "δ_2")} in map(blocks_named, found.explanations)


def test_a_function_of_another_objective_is_told_so():
    def summed(weights, biases, X, y, l2):
        return [(len(X) * dW, len(X) * db) for dW, db in function(DEEP)(weights, biases, X, y, l2 / len(X))]

    found = asked(DEEP, summed)
    assert found.verdict == "another objective"
    assert found.objective.startswith("summed over the 11 examples in place of their mean")
    assert asked(DEEP, summed, reduction="sum").verdict == "right"


def test_pytorchs_mean_over_the_outputs_is_named_on_all_probes():
    def averaged(weights, biases, X, y):
        found = function(NUMBERS)(weights, biases, X, y, 0.0)
        return [(2 * dW / y.shape[1], 2 * db / y.shape[1]) for dW, db in found]

    found = asked(NUMBERS, averaged)
    assert found.objective == "averaged over the 3 outputs too, without the ½"


def test_what_is_named_otherwise_on_each_probe_is_ruled_by_what_all_have_in_common():
    # On the generic probe 2/3 is also 2 over the number of outputs.
    mine = returning(lambda found: [(2 / 3 * dW, 2 / 3 * db) for dW, db in found], NUMBERS)
    found = asked(NUMBERS, lambda weights, biases, X, y: mine(weights, biases, X, y, 0.0))
    assert found.verdict == "another objective" or "wrong" not in {block.ruling for block in found.blocks}


def test_a_function_without_l2_is_right_and_its_decay_is_untested():
    found = asked(DEEP, lambda weights, biases, X, y: function(DEEP)(weights, biases, X, y, 0.0))
    assert found.verdict == "right"
    assert found.unseen[0] == "the weight decay, as the function takes no l2"
    assert "the weight decay, as the function takes no l2" not in asked(DEEP, function(DEEP)).unseen


def test_what_no_probe_can_show_is_said():
    assert asked(Network.fresh([5, 4, 4, 3], hidden="tanh"), function(NUMBERS)).unseen == ()


# --- more than one call ---


def accumulating(*bugs, give=np.copy):
    """A function that adds to what it returned before for the same X."""
    kept = {}

    def gradient(weights, biases, X, y, l2):
        new = function(DEEP, *bugs)(weights, biases, X, y, l2)
        sums = kept.setdefault(X.tobytes(), [[np.zeros_like(part) for part in layer] for layer in new])
        for layer, addends in zip(sums, new, strict=True):
            for part, addend in zip(layer, addends, strict=True):
                part += addend
        return [tuple(map(give, layer)) for layer in sums]

    return gradient


def test_a_gradient_that_is_not_zeroed_between_calls_is_found():
    found = asked(DEEP, accumulating())
    assert (found.verdict, [mistake.kind for mistake in found.mistakes]) == ("mistake", ["not zeroed"])
    assert "the second call gives twice the first" in found.mistakes[0].sentence


def test_and_so_is_another_mistake_beside_it():
    found = asked(DEEP, accumulating(Bug("wrong axis", "b_2")))
    assert [mistake.kind for mistake in found.mistakes] == ["not zeroed", "wrong axis"]


def test_nor_is_it_hidden_by_arrays_that_are_used_again():
    found = asked(DEEP, accumulating(give=lambda part: part))
    assert [mistake.kind for mistake in found.mistakes] == ["not zeroed"]


def test_a_random_function_is_refused():
    random = np.random.default_rng(0)

    def noisy(weights, biases, X, y):
        return [(dW + random.normal(size=dW.shape), db) for dW, db in function(DEEP)(weights, biases, X, y, 0.0)]

    assert refusal(DataError, lambda: asked(DEEP, noisy)) == (
        "The function gives another gradient when it is called again with the same arguments. "
        "Hint: is there randomness without a seed, or something kept between calls?"
    )


def test_a_function_may_change_its_arguments():
    def careless(weights, biases, X, y, l2):
        found = function(DEEP)(weights, biases, X, y, l2)
        for array in (*weights, *biases, X, y):
            array *= 0
        weights.clear()
        return found

    assert asked(DEEP, careless).verdict == "right"


def test_a_function_that_updates_its_weights_on_the_way_is_found_out():
    found = asked(DEEP, function(DEEP, Bug("W already updated", "δ_2"), Bug("W already updated", "δ_1")))
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [
        ("W already updated", "δ_2"),
        ("W already updated", "δ_1"),
    ]
    assert [mistake.constants["η"] for mistake in found.mistakes] == pytest.approx([0.1, 0.1], rel=1e-6)


def test_nobodys_network_or_data_is_changed():
    before = culpa.flatten(DEEP).copy()
    assert asked(DEEP, function(DEEP)).verdict == "right"
    np.testing.assert_array_equal(culpa.flatten(DEEP), before)


# --- what is no gradient ---


def refusal(kind, call):
    """What a call is refused with, as a user reads it: one sentence, at most one hint."""
    with pytest.raises(kind) as caught:
        call()
    assert re.fullmatch(r"[^\n]+\.( Hint: [^\n]+[.?])?", str(caught.value))
    return str(caught.value)


def returning(change, network=DEEP):
    """A function that returns something made of the right gradient."""
    return lambda weights, biases, X, y, l2: change(function(network)(weights, biases, X, y, l2))


def raising(weights, biases, X, y):
    raise RuntimeError("no\n such   thing")


CALLED = "Hint: it is called as gradient(weights, biases, X, y[, l2]); W_k is (d_k, d_{k-1}) and rows are examples."
PAIRS = (
    "The gradient must hold a pair (dW, db) for each of the 3 layers; got a list of 2. "
    "Hint: first layer first: [(dW1, db1), (dW2, db2), …]."
)
REFUSED = {
    "raises": (raising, f"The function raised RuntimeError for X (11, 4) and y (11,): no such thing. {CALLED}"),
    "divides by zero": (
        lambda w, b, X, y: 1 / 0,
        f"The function raised ZeroDivisionError for X (11, 4) and y (11,): division by zero. {CALLED}",
    ),
    "returns nothing": (returning(lambda mine: None), "`the gradient` must hold numbers; got a NoneType."),
    "returns a loss too": (returning(lambda mine: (0.5, mine)), PAIRS),
    "returns too few": (returning(lambda mine: mine[:2]), PAIRS),
    "returns NaN": (
        returning(lambda mine: [(np.nan * dW, db) for dW, db in mine]),
        "`dW1` must be finite; entry [0, 0] is nan.",
    ),
    "returns other shapes": (
        returning(lambda mine: [(dW[:-1], db) for dW, db in mine]),
        "dW1 must be (5, 4), because W_1 is; got (4, 4).",
    ),
}


@pytest.mark.parametrize(("mine", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_returns_no_gradient_is_refused_in_one_sentence(mine, expected):
    assert refusal(DataError, lambda: asked(DEEP, mine)) == expected


def test_what_cannot_be_called_as_a_gradient_is_is_refused():
    said = refusal(OptionError, lambda: asked(DEEP, lambda X, y: None))
    assert "cannot be called as a gradient is: too many positional arguments." in said
    assert said.endswith("Hint: it must take (weights, biases, X, y) or (weights, biases, X, y, l2).")


def test_text_that_a_function_returns_is_no_path():
    assert "cannot be read" not in refusal(DataError, lambda: asked(DEEP, returning(lambda mine: "right.npz")))


def test_a_function_that_exits_is_not_taken_for_one_that_fails():
    def leaving(weights, biases, X, y):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(DEEP, leaving)


def test_a_function_that_returns_no_gradient_on_one_probe_is_judged_on_the_others():
    def shy(weights, biases, X, y, l2):
        return None if len(X) == 7 else function(DEEP)(weights, biases, X, y, l2)

    found = asked(DEEP, shy)
    assert (found.verdict, found.notes) == ("right", ("what it returns on the square probe cannot be read",))


def test_a_function_that_stops_on_one_probe_is_not_right():
    def only_square(weights, biases, X, y, l2):
        if len(X) != 7:
            raise ValueError("shapes do not match")
        return function(DEEP)(weights, biases, X, y, l2)

    found = asked(DEEP, only_square)
    assert found.notes[0] == "it stops with ValueError on the generic probe"


def test_a_function_that_no_mistake_explains_is_unknown_with_its_first_guilty_block():
    def odd(weights, biases, X, y, l2):
        first, second, third = function(DEEP)(weights, biases, X, y, l2)
        return [first, (np.abs(second[0]), second[1]), third]

    found = asked(DEEP, odd)
    assert (found.verdict, found.mistakes, found.guilty) == ("unknown", (), "W_2")


def test_a_mistake_that_is_another_on_every_probe_gets_no_name():
    def fickle(weights, biases, X, y, l2):
        block = Bug("wrong axis", "b_1") if len(X) > 7 else Bug("sum of everything", "b_1")
        return function(DEEP, block)(weights, biases, X, y, l2)

    found = asked(DEEP, fickle)
    assert (found.verdict, found.explanations) == ("unknown", ())
    assert {block.ruling for block in found.blocks} == {"right", "wrong"}


def test_a_callable_of_any_kind_is_called():
    class Net:
        def backward(self, weights, biases, X, y, l2=0.0):
            return function(DEEP)(weights, biases, X, y, l2)

        __call__ = backward

    for mine in (Net(), Net().backward):
        assert asked(DEEP, mine).verdict == "right"


def flat_list(mine):
    return [part for layer in mine for part in layer]


def by_name(mine):
    return {f"{name}{k}": part for k, layer in enumerate(mine) for name, part in zip(("dW", "db"), layer, strict=True)}


LAYOUTS = {
    "two lists": lambda mine: tuple(map(list, zip(*mine, strict=True))),
    "a flat list": flat_list,
    "a dict": by_name,
    "a vector": lambda mine: np.concatenate([part.ravel() for part in flat_list(mine)]),
    "columns": lambda mine: [(dW, db[:, None]) for dW, db in mine],
    "float32": lambda mine: [(dW.astype("float32"), db.astype("float32")) for dW, db in mine],
    "every dW transposed": lambda mine: [(dW.T, db) for dW, db in mine],
    "rounded to decimals": lambda mine: [(dW.round(4), db.round(4)) for dW, db in mine],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_of_the_gradient_is_read_on_all_probes(layout):
    assert asked(DEEP, returning(layout)).verdict == "right"


def test_tensors_may_come_back():
    torch = pytest.importorskip("torch", reason="its tensors")
    mine = returning(lambda found: [tuple(map(torch.tensor, layer)) for layer in found])
    assert asked(DEEP, mine).verdict == "right"
