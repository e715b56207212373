# SPDX-License-Identifier: MIT
"""The laboratory's arithmetic in JavaScript is the engine's, and its part of the page holds the network and no more."""

import json
import pickle
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Network
from culpa.engine.activations import Activation
from culpa.engine.forward import forward
from culpa.engine.targets import admit_targets
from culpa.explaining.laboratory.laboratory import (
    as_json,
    fits,
    laboratory,
    laboratory_script,
    laboratory_style,
    network_of,
    places_of,
)
from culpa.explaining.symbols import Quantity
from culpa.explaining.worth import Worth, worth_of
from culpa.reporting.mathematics.expressions import Number
from tests.cases import CASES, PLAIN, gradient_of
from tests.explaining.laboratory.in_node import CORE, ask
from tests.oracles.comparing import assert_digits, assert_same

GRADIENT = """given.map(({ network, places }) => {
    const found = lab.gradient(network);
    return [lab.objective(network), places.map((place) => lab.read(found, place))];
})"""


def worth_of_case(case):
    """A case of the registry with its sample weights and its reduction, after both passes."""
    targets = admit_targets(case.y, len(case.X), case.network.loss.targets, case.network.sizes[-1], case.network.dtype)
    rows = np.eye(case.network.sizes[-1])[targets] if targets.ndim == 1 else targets
    return Worth(case.network, case.X, rows, forward(case.network, case.X), gradient_of(case))


def given(worth):
    """What the page carries of a network, and the places of its parameters."""
    return {"network": network_of(worth), "places": list(places_of(worth))}


def assert_the_engine_agrees(worths, core=CORE):
    """Refuse an objective or a gradient of any of them that is not the engine's."""
    answers = ask(GRADIENT, [given(worth) for worth in worths], core=core)
    for worth, (objective, gradient) in zip(worths, answers, strict=True):
        assert_same(np.array([objective], float), [worth.gradient.objective])
        assert_same(np.array(gradient, float), worth.gradient.total())


def saturated(activation, loss):
    """Networks of one example each, whose hidden units and outputs stand at ±40 and near it."""
    network = Network.from_arrays(
        [[[40.0], [-40.0]], [[1.0, -1.0], [-0.5, 0.25]]], [[0.0, 0.5], [0.0, 0.25]], hidden=activation, loss=loss
    )
    rows = [0, 1] if LOSSES[loss].targets == "classes" else np.eye(2)
    return [worth_of(network, [[x]], y[None]) for x in (1.0, -1.0, 0.2, -0.05) for y in np.array(rows)]


def small(**options):
    """A network of 2, 3 and 2 units with six examples."""
    network = Network.fresh([2, 3, 2], hidden="tanh", loss="cross_entropy", seed=3, dtype="float64", **options)
    X = np.random.default_rng(1).normal(size=(6, 2)).round(1)
    return worth_of(network, X, [0, 1, 1, 0, 1, 0])


def test_all_activations_with_all_losses_are_among_the_cases():
    pairs = {(layer.activation.name, case.network.loss.name) for case in CASES for layer in case.network.layers[:-1]}
    assert pairs == set(product(ACTIVATIONS, LOSSES))


def test_the_loss_and_the_gradient_by_every_parameter_are_the_engine_s():
    assert_the_engine_agrees([worth_of_case(case) for case in CASES])


def assert_every_digit_agrees(worths, core=CORE):
    """Refuse an entry of a gradient that has lost its digits, however small it is."""
    for worth, (objective, gradient) in zip(worths, ask(GRADIENT, [given(w) for w in worths], core=core), strict=True):
        assert_digits([objective], [worth.gradient.objective])
        assert_digits(np.array(gradient, float), worth.gradient.total())


def test_they_are_so_at_saturation_entry_by_entry():
    assert_every_digit_agrees([worth for pair in product(ACTIVATIONS, LOSSES) for worth in saturated(*pair)])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation_and_slope_keeps_its_digits_everywhere(name):
    a = np.concatenate([np.linspace(-40, 40, 1601), [-2 * np.sqrt(2), 1e-300, -1e-300, 1e-9, -1e-9, 300.0, -300.0]])
    answer = f"given.map((a) => [lab.activations.{name}.value(a), lab.activations.{name}.slope(a)])"
    values, slopes = np.array(ask(answer, a.tolist())).T
    assert_digits(values, ACTIVATIONS[name].value(a), within=1e-12)
    assert_digits(slopes, ACTIVATIONS[name].slope(a), within=1e-12)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("slope: (a) => 4 * logisticSlope(2 * a)", "slope: (a) => 1 - logistic(a) ** 2"),
        ("slope: (a) => (a > 0 ? 1 : 0.01)", "slope: (a) => (a > 0 ? 1 : 0.011)"),
        ("normalCdf(a) + a * normalDensity(a)", "normalCdf(a)"),
        ("(r) => Math.min(1, Math.max(-1, r))", "(r) => r"),
        ("softmaxError(softmax(a), t, sum(t))", "softmaxError(softmax(a), t, 2)"),
        ("* rule.slope(value)", ""),
        ("row.map((v) => l2 * v)", "row.map((v) => v - v)"),
        ("+= w[m] * d * h", "+= d * h"),
        ("(l2 / 2) *", "l2 *"),
    ],
)
def test_a_planted_error_is_refused(right, wrong):
    assert CORE.count(right) == 1
    with pytest.raises(AssertionError, match=r"of the norm|not finite"):
        assert_the_engine_agrees([worth_of_case(case) for case in CASES[:63]], CORE.replace(right, wrong))


def test_a_planted_loss_of_digits_is_refused_at_saturation():
    wrong = CORE.replace("(c === largest ? rest / (1 + rest) : 1 - part)", "1 - part")
    assert wrong != CORE
    with pytest.raises(AssertionError, match="mine"):
        assert_every_digit_agrees(saturated("identity", "cross_entropy"), wrong)


def test_one_parameter_is_turned_and_all_others_stay():
    worth = worth_of_case(PLAIN)
    places = list(places_of(worth))
    answer = "given.places.map((p) => { const w = lab.read(given.network.layers, p) + 0.75;"
    answer += "return [lab.lossAt(given.network, p, w), lab.slopeAt(given.network, p, w)]; })"
    theta = culpa.flatten(worth.network)
    for number, found in enumerate(ask(answer, given(worth))):
        moved = theta.copy()
        moved[number] += 0.75
        there = gradient_of(PLAIN, network=culpa.unflatten(worth.network, moved))
        assert_same(found, [there.objective, there.total()[number]])
    assert len(places) == len(theta)


def test_the_finite_difference_closes_in_and_then_drowns_in_rounding():
    worth = small(l2=0.01)
    steps = [10.0**power for power in range(0, -13, -1)]
    asked = {**given(worth), "steps": steps}
    slopes = ask("given.steps.map((h) => lab.centralDifference(given.network, [2, 1, 3], 0.3, h).slope)", asked)
    exact = ask("lab.slopeAt(given.network, [2, 1, 3], 0.3)", asked)
    errors = np.abs(np.array(slopes) - exact)
    assert np.all(np.diff(errors[:4]) < 0)
    assert errors[5] < 1e-9
    assert errors[12] > 1e-7


@pytest.mark.parametrize(
    ("sizes", "examples", "expected"),
    [
        ((2, 3, 2), 50, True),
        ((2, 3, 2), 51, False),
        ((4, 4, 2), 4, True),
        ((5, 4, 2), 4, False),
        ((64, 64, 10), 4, False),
    ],
)
def test_it_is_offered_for_small_networks_with_few_examples(sizes, examples, expected):
    network = Network.fresh(sizes, hidden="relu", loss="squared_error", seed=0)
    assert fits(worth_of(network, np.ones((examples, sizes[0])), np.ones((examples, sizes[-1])))) is expected


def test_it_is_not_offered_for_functions_of_the_reader_s_own():
    worth = small()
    own = Activation("tanh", np.sin, np.cos)
    layers = (replace(worth.network.layers[0], activation=own), worth.network.layers[1])
    assert fits(worth)
    assert not fits(replace(worth, network=replace(worth.network, layers=layers)))
    loss = replace(worth.network.loss, delta=lambda a, t: -worth.network.loss.delta(a, t))
    assert not fits(replace(worth, network=replace(worth.network, loss=loss)))


def test_it_is_offered_for_a_network_that_was_copied():
    worth = small()
    assert fits(replace(worth, network=pickle.loads(pickle.dumps(worth.network))))


class Opened(HTMLParser):
    """The elements of a fragment, and the text of its data and of its options."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.inside = [], {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = tag

    def handle_data(self, data):
        self.texts.setdefault(self.inside, []).append(data)


def test_the_fragment_holds_the_network_to_the_last_digit():
    worth = small(l2=0.01)
    data = json.loads(Opened(laboratory(worth, 4)).texts["script"][0])
    assert data["places"] == [list(place) for place in places_of(worth)]
    assert {name: data[name] for name in network_of(worth)} == network_of(worth)
    assert ask("lab.objective(given)", data) == pytest.approx(worth.gradient.objective, rel=1e-14)


def test_every_parameter_can_be_chosen_in_the_list_and_by_its_cells():
    worth = small()
    opened = Opened(laboratory(worth, 4, names=(["height", "weight"], ["cat", "dog"])))
    data = json.loads(opened.texts["script"][0])
    options = [text for text in opened.texts["option"] if text.strip()]
    assert len(options) == len(data["places"]) == 17
    assert options[0] == "input 1, height → unit 1"
    assert options[-1] == "bias of output 2, dog"
    at = {cell: tuple(data["places"][number]) for cell, number in data["cells"].items()}
    assert len(at) == 3 * 17
    assert (at["W-2-1-3"], at["dW-2-1-3"], at["DW-2-1-3"], at["db-1-2"]) == ((2, 1, 3), (2, 1, 3), (2, 1, 3), (1, 2))


def test_it_begins_with_the_parameter_that_the_page_is_about():
    def chosen(focus):
        return re.findall(r'<option value="(\d+)" selected>', laboratory(small(), 4, focus=focus))

    places = list(places_of(small()))
    weight = Quantity("dW", Number(2), (Number(1), Number(3)))
    assert chosen(weight) == [str(places.index((2, 1, 3)))]
    assert chosen(Quantity("db", Number(1), (Number(2),))) == [str(places.index((1, 2)))]
    assert chosen(Quantity("h", Number(1), (Number(2),))) == chosen(None) == []


def test_a_name_that_is_empty_is_left_out_and_one_from_the_right_keeps_its_direction():
    text = laboratory(small(), 4, names=(["", "גיל"], ["a\u202e", "b"]))
    options = [text for text in Opened(text).texts["option"] if text.strip()]
    assert options[:2] == ["input 1 → unit 1", "input 2, \u2068גיל\u2069 → unit 1"]
    assert options[-2] == "bias of output 1, a·"


def test_names_from_data_cannot_leave_their_place():
    hostile = '</script><script>alert("1")</script>'
    text = laboratory(small(), 4, names=([hostile, "b"], ["<!--data-->", "d"]))
    opened = Opened(text)
    assert [tag for tag, _ in opened.tags].count("script") == 1
    assert "<!--data-->" not in text
    assert "</script" not in as_json({"name": hostile})
    assert json.loads(as_json({"name": hostile})) == {"name": hostile}


def test_every_control_has_a_label_and_nothing_shows_before_the_script_runs():
    opened = Opened(laboratory(small(), 4))
    controls = [attributes for tag, attributes in opened.tags if tag in ("input", "select")]
    assert len(controls) == 3 == [tag for tag, _ in opened.tags].count("label")
    assert "hidden" in opened.tags[0][1]


@pytest.mark.parametrize(
    ("examples", "l2", "words"),
    [(1, 0.0, "the loss of the one example"), (6, 0.1, "the mean loss with the penalty of all 6 examples")],
)
def test_it_says_which_loss_is_drawn(examples, l2, words):
    worth = small(l2=l2)
    assert words in laboratory(worth_of(worth.network, worth.X[:examples], [0, 1, 1, 0, 1, 0][:examples]), 4)


def test_script_and_style_ask_for_nothing_outside_the_page():
    for text in (laboratory_script(), laboratory_style()):
        assert not re.search(r"https?:|//\w+\.|@import|url\(|fetch\(|eval\(|import\(", text)
    assert "</script" not in laboratory_script().lower()
