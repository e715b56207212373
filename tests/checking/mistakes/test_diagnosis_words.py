# SPDX-License-Identifier: MIT
"""Diagnoses in words: the whole text, the three hints and the short repr, at 80 columns, the same each time."""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.checking.mistakes.diagnosis import mistake_of
from culpa.checking.mistakes.dictionary import plantable
from culpa.errors import OptionError
from tests.checking.mistakes.planting import PROBES, asked, each_probe, given, planted, step_of

AT = PROBES["tanh"]


def with_noise():
    mine = planted(AT)
    mine[1][0] = mine[1][0] + np.random.default_rng(0).normal(size=mine[1][0].shape)
    return mine


RIGHT = asked(AT, planted(AT))
ONE = asked(AT, planted(AT, step_of(AT, "g′ missing", 2)))
TWO = asked(AT, planted(AT, step_of(AT, "g′ missing", 2), step_of(AT, "wrong axis", 1)))
EVERYWHERE = asked(AT, planted(AT, *(step_of(AT, "1/n missing", k, "bias factor") for k in (1, 2, 3))))
SUMMED = asked(AT, [tuple(9 * part for part in layer) for layer in planted(given((4, 6, 5, 3), l2=0.0))])
UNKNOWN = asked(AT, with_noise())
ALL = {"right": RIGHT, "one": ONE, "two": TWO, "everywhere": EVERYWHERE, "summed": SUMMED, "unknown": UNKNOWN}

TEXTS = {
    "right": "right: this is the gradient of the network's objective",
    "one": """\
a mistake: g′ missing (δ_2)

  b_3 W_3               right
  b_2 W_2               mistake
  b_1 W_1               right given the mistake above

δ_2  The slope of the activation is missing at layer 2.
  the line   δ_2 = ∂ℓ/∂h_2 ⊙ g_2′(a_2)
  in NumPy   delta[2] = (delta[3] @ W[3]) * (1 - h[2] ** 2)

In NumPy here W[1] is W_1, the first of your weights, and h[0] is X.""",
    "everywhere": """\
a mistake: 1/n missing (b_3, b_2, b_1)

  b_3                   mistake
  W_3                   right
  b_2                   mistake
  W_2                   right
  b_1                   mistake
  W_1                   right

b_3  db_3 is n = 9 times what it should be: it is not divided by n.
  the line   ∇b_3 = Σ_i w_i δ_3,i
  in NumPy   db[3] = delta[3].sum(axis=0) / n  # the 1/n once: here, or in delta
  likewise   b_2, b_1

In NumPy here W[1] is W_1, the first of your weights, and h[0] is X.""",
    "unknown": """\
unknown: wrong, and no mistake in the dictionary explains it

  b_3 W_3 b_2           right
  W_2                   wrong
  b_1 W_1               right

Begin with W_2: counted from the output down, nothing before it is off.""",
}

HINTS = {
    "right": ["Nothing is off: this is the right gradient."] * 3,
    "one": [
        "The first that is off, counted from the output down, is δ_2.",
        "δ_2: The slope of the activation is missing at layer 2.",
        "δ_2: δ_2 = ∂ℓ/∂h_2 ⊙ g_2′(a_2)\n  delta[2] = (delta[3] @ W[3]) * (1 - h[2] ** 2)",
    ],
    "two": [
        "The first that is off, counted from the output down, is δ_2.",
        "δ_2: The slope of the activation is missing at layer 2.\n"
        "b_1: db_1 is summed over the units, not over the examples.",
        "δ_2: δ_2 = ∂ℓ/∂h_2 ⊙ g_2′(a_2)\n  delta[2] = (delta[3] @ W[3]) * (1 - h[2] ** 2)\n"
        "b_1: ∇b_1 = Σ_i w_i δ_1,i\n  db[1] = delta[1].sum(axis=0) / n  # the 1/n once: here, or in delta",
    ],
    "unknown": [
        "The first that is off, counted from the output down, is W_2.",
        *["No known mistake gives this gradient. Begin with W_2; what stands above it is\n  right."] * 2,
    ],
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_whole_text_says_what_matters_first(name):
    assert str(ALL[name]) == TEXTS[name]


@pytest.mark.parametrize("name", HINTS)
def test_three_hints_tell_one_thing_more_each(name):
    assert [ALL[name].hint(step) for step in (1, 2, 3)] == HINTS[name]


def test_of_another_objective_the_hints_name_it_and_no_mistake():
    objective = "summed over the 9 examples in place of their mean, without the penalty"
    assert SUMMED.objective == objective
    for step in (2, 3):
        assert SUMMED.hint(step).replace("\n ", "") == f"It is the right gradient of another objective: {objective}."
    assert str(SUMMED).replace("\n ", "").split("\n") == [
        "another objective: right in itself, but not what the network says that it minimises",
        "",
        f"It is the right gradient of the objective {objective}.",
    ]


@pytest.mark.parametrize(("step", "said"), [(0, "0"), (4, "4"), (1.5, "1.5"), ("one", "'one'"), (-1, "-1")])
def test_there_is_no_other_hint(step, said):
    with pytest.raises(OptionError, match=re.escape(f"got {said}.")):
        ONE.hint(step)


def lines_of(found):
    """The text and all hints."""
    return "\n".join([str(found), *(found.hint(step) for step in (1, 2, 3))]).splitlines()


def too_wide(line):
    """Whether a line does not fit a terminal, or ends in spaces."""
    return len(line) > 80 or line != line.rstrip()


@pytest.mark.parametrize("found", ALL.values(), ids=ALL)
def test_every_line_of_the_text_fits_80_columns(found):
    assert [line for line in lines_of(found) if too_wide(line)] == []


@each_probe(PROBES)
def test_so_do_those_of_every_mistake_in_the_table(name):
    at = PROBES[name]
    for step in plantable(at.scene)[::7]:
        found = asked(at, planted(at, step))
        assert [line for line in lines_of(found) if too_wide(line)] == []
        assert len(repr(found)) <= 120


def test_too_long_a_line_would_have_been_seen():
    assert too_wide(TEXTS["one"].replace("\n", " "))
    assert too_wide("one ")


@pytest.mark.parametrize("found", ALL.values(), ids=ALL)
def test_a_representation_is_one_short_line(found):
    assert "\n" not in repr(found)
    assert len(repr(found)) <= 120


@pytest.mark.parametrize("found", ALL.values(), ids=ALL)
def test_no_terminal_code_and_no_place_of_the_templates_is_left_in_the_words(found):
    assert [line for line in lines_of(found) if re.search(r"[\x1b{}]", line)] == []


def test_the_same_is_said_each_time():
    for found, again in (
        (ONE, asked(AT, planted(AT, step_of(AT, "g′ missing", 2)))),
        (UNKNOWN, asked(AT, with_noise())),
    ):
        assert lines_of(found) == lines_of(again)
        assert found.evidence == again.evidence


def test_further_explanations_are_told_in_one_line_and_not_without_end():
    at = PROBES["square"]
    found = asked(at, planted(at, step_of(at, "left at zero", 1, "weight")))
    assert len(found.explanations) >= 1
    one = asked(AT, planted(AT, step_of(AT, "sign", 1, "error factor")))
    told = [line for line in str(one).splitlines() if line.startswith("The same formula here: ")]
    assert len(told) == (len(one.explanations) > 1)


def test_how_it_was_read_and_what_cannot_be_seen_is_told_last():
    at = AT._replace(X=AT.X[:1].T, y=AT.y[:1])
    found = asked(at, planted(AT._replace(X=AT.X[:1], y=AT.y[:1])))
    assert str(found).replace("\n", " ").endswith("Note: X was read with examples in columns.")
    assert "Not to be seen here: what goes wrong over the examples, as there is only one" in str(found)


def test_a_mistake_has_its_line_in_the_notation_and_in_numpy():
    (mistake,) = ONE.mistakes
    assert (mistake.kind, mistake.layer, mistake.block, dict(mistake.constants)) == ("g′ missing", 2, "δ_2", {})
    assert mistake.line == "δ_2 = ∂ℓ/∂h_2 ⊙ g_2′(a_2)"
    assert mistake.code == "delta[2] = (delta[3] @ W[3]) * (1 - h[2] ** 2)"
    assert isinstance(mistake, culpa.Mistake)


@each_probe(PROBES)
def test_every_corrected_line_is_python(name):
    scene = PROBES[name].scene
    for code in {mistake_of(step, scene).code for step in plantable(scene)}:
        compile(f"{code}\n    pass" if code.startswith("for ") else code, "<code>", "exec")


def test_the_corrected_lines_of_a_pass_run_and_give_its_gradient():
    at = given((4, 6, 5, 3))
    layers = at.network.layers
    W, b = ([None, *(getattr(layer, name) for layer in layers)] for name in "Wb")
    h, a, n, l2 = {0: at.X}, {}, len(at.X), at.network.l2
    for k in (1, 2, 3):
        a[k] = h[k - 1] @ W[k].T + b[k]
        h[k] = np.tanh(a[k])
    e = np.exp(a[3])
    h[3], Y = e / e.sum(axis=1, keepdims=True), np.eye(3)[at.y]
    names = {"W": W, "h": h, "a": a, "Y": Y, "n": n, "l2": l2, "g_prime": lambda a: 1 - np.tanh(a) ** 2}
    names |= {"delta": {}, "dW": {}, "db": {}}
    code = {
        kind: {k: asked(at, planted(at, step_of(at, kind, k, part))).mistakes[0].code for k in layers}
        for kind, part, layers in (
            ("target left out", "output", [3]),
            ("g′ missing", "slope", [1, 2]),
            ("left at zero", "weight", [1, 2, 3]),
            ("decay missing", "decay", [2]),
            ("wrong axis", "bias", [1, 2, 3]),
        )
    }
    exec(code["target left out"][3], names)
    for k in (2, 1):
        exec(code["g′ missing"][k], names)
    for k in (1, 2, 3):
        exec(code["left at zero"][k], names)
        exec(code["wrong axis"][k], names)
    exec(code["decay missing"][2], names)
    g = culpa.gradient(*at)
    for k, layer in enumerate(g.layers, 1):
        wanted = layer.weight + (layer.decay if k == 2 else 0)
        np.testing.assert_allclose(names["dW"][k], wanted, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(names["db"][k], layer.bias, rtol=1e-12, atol=1e-15)


def test_a_single_output_and_a_single_layer_have_words_too():
    net = Network.fresh([2, 1], loss="squared_error", seed=0, dtype="float64")
    found = culpa.diagnose(net, np.eye(2), [1.0, 2.0], np.zeros(3), show_progress=False)
    assert str(found).startswith(("a mistake", "2 mistakes", "unknown", "another objective"))
