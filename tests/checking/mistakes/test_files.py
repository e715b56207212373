# SPDX-License-Identifier: MIT
"""A function in a file is diagnosed without being told what it computes; what cannot be run is refused in one line."""

import textwrap

import pytest

import culpa
from culpa.checking.mistakes.files import diagnose_file
from culpa.errors import CulpaError

TEXT = """
import numpy as np

def softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def gradient(weights, biases, X, y{l2}):
    h, a = [X], [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        a.append(h[-1] @ W.T + b)
        h.append({value})
    z = h[-1] @ weights[-1].T + biases[-1]
    delta = ({error}) / len(X)
    out = []
    for k in range(len(weights) - 1, -1, -1):
        out.insert(0, (delta.T @ h[k]{decay}, delta.{bias}))
        if k:
            delta = (delta @ weights[k]) * ({slope})
    return out
"""
RIGHT = {
    "l2": ", l2",
    "decay": " + l2 * weights[k]",
    "value": "np.tanh(a[-1])",
    "slope": "1 - h[k] ** 2",
    "bias": "sum(axis=0)",
    "error": "softmax(z) - np.eye(z.shape[1])[y]",
}
WITHOUT_L2 = {"l2": "", "decay": ""}
RELU = {"value": "np.maximum(a[-1], 0)", "slope": "a[k] > 0"}
LOGISTIC = {"value": "1 / (1 + np.exp(-a[-1]))", "slope": "h[k] * (1 - h[k])"}
ONE_HOT = {"error": "softmax(z) - y + 0 * y[:, :1]"}
SQUARED = {"error": "z - y + 0 * y[:, :1]"}
BINARY = {"error": "1 / (1 + np.exp(-z)) - y.reshape(len(X), 1)"}


@pytest.fixture
def file(tmp_path):
    """Writes the file with some parts changed."""

    def write(**changes):
        path = tmp_path / "mine.py"
        path.write_text(TEXT.format(**{**RIGHT, **changes}), encoding="utf-8")
        return path

    return write


def read_as(reading):
    """What a function was taken to compute."""
    return reading.network.layers[0].activation.name, reading.network.loss.name, reading.one_hot


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("tanh", "cross_entropy", False)),
        (RELU, ("relu", "cross_entropy", False)),
        (LOGISTIC | WITHOUT_L2, ("logistic", "cross_entropy", False)),
        (ONE_HOT, ("tanh", "cross_entropy", True)),
        (SQUARED | RELU, ("relu", "squared_error", False)),
        (BINARY | WITHOUT_L2, ("tanh", "binary_cross_entropy", False)),
    ],
)
def test_what_a_right_function_computes_is_found_out(file, changes, expected):
    found, reading = diagnose_file(file(**changes), show_progress=False)
    assert found.verdict == "right"
    assert read_as(reading) == expected
    assert len(reading.network.layers) == 3
    assert reading.function == "gradient"


@pytest.mark.parametrize(
    ("changes", "kind", "blocks"),
    [
        ({"slope": "1 - a[k] ** 2"}, "g′ written in h, taken at a", ["δ_2", "δ_1"]),
        (RELU | {"slope": "a[k] < 0"}, "mask inverted", ["δ_2", "δ_1"]),
        (SQUARED | {"bias": "mean(axis=0)"}, "1/n twice", ["b_3", "b_2", "b_1"]),
        ({"slope": "1 - h[k] ** 2 if k == 1 else 1"}, "g′ missing", ["δ_2"]),
        ({"decay": " - l2 * weights[k]"}, "decay's sign", ["W_3", "W_2", "W_1"]),
    ],
)
def test_a_mistake_is_named_with_its_places(file, changes, kind, blocks):
    found, _ = diagnose_file(file(**changes), show_progress=False)
    assert found.verdict == "mistake"
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [(kind, block) for block in blocks]


def test_what_only_a_kink_shows_is_seen(file):
    found, _ = diagnose_file(file(**RELU | {"slope": "a[k] >= 0"}), show_progress=False)
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [
        ("mask ≥ 0", "δ_2"),
        ("mask ≥ 0", "δ_1"),
    ]


TRANSPOSED = """
import numpy as np

def gradient(weights, biases, X, y):
    h = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        h.append(np.tanh(h[-1] @ W + b))
    p = np.exp(h[-1] @ weights[-1] + biases[-1])
    delta = (p / p.sum(axis=1, keepdims=True) - np.eye(p.shape[1])[y]) / len(X)
    out = []
    for k in range(len(weights) - 1, -1, -1):
        out.insert(0, (h[k].T @ delta, delta.sum(axis=0)))
        delta = (delta @ weights[k].T) * (1 - h[k] ** 2)
    return out
"""
COLUMNS = """
import numpy as np

def gradient(weights, biases, X, Y):
    m, A = X.shape[1], [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        A.append(np.maximum(W @ A[-1] + b, 0))
    p = np.exp(weights[-1] @ A[-1] + biases[-1])
    dZ, found = p / p.sum(axis=0) - Y, {}
    for k in range(len(weights), 0, -1):
        found[f"dW{k}"] = dZ @ A[k - 1].T / m
        found[f"db{k}"] = dZ.sum(axis=1, keepdims=True) / m
        dZ = (weights[k - 1].T @ dZ) * (A[k - 1] > 0)
    return found
"""


@pytest.mark.parametrize(
    ("text", "wrong", "kind", "note"),
    [
        (TRANSPOSED, ("1 - h[k] ** 2", "1 - h[k]"), "g′ miswritten", "it was given each W as (inputs, units)"),
        (COLUMNS, ("sum(axis=1, keepdims=True) / m", "sum() / m"), "sum of everything", "it was given examples in col"),
    ],
)
def test_other_layouts_of_weights_and_examples_are_tried_and_told(tmp_path, text, wrong, kind, note):
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    found, _ = diagnose_file(path, show_progress=False)
    assert found.verdict == "right"
    assert any(said.startswith(note) for said in found.notes)
    path.write_text(text.replace(*wrong), encoding="utf-8")
    found, _ = diagnose_file(path, show_progress=False)
    assert {mistake.kind for mistake in found.mistakes} == {kind}


def test_without_l2_the_decay_is_said_to_be_untested(file):
    found, _ = diagnose_file(file(**WITHOUT_L2), show_progress=False)
    assert found.verdict == "right"
    assert "the weight decay, as the function takes no l2" in found.unseen


def test_a_function_for_one_hidden_layer_is_called_with_one(tmp_path):
    path = tmp_path / "two.py"
    path.write_text(
        textwrap.dedent("""
        import numpy as np
        def backprop(weights, biases, X, y):
            W1, W2 = weights
            h = np.tanh(X @ W1.T + biases[0])
            d2 = (h @ W2.T + biases[1] - y) / len(X)
            d1 = (d2 @ W2) * (1 - h * h)
            return {"dW1": d1.T @ X, "db1": d1.sum(0), "dW2": d2.T @ h, "db2": d2.sum(0)}
        """),
        encoding="utf-8",
    )
    found, reading = diagnose_file(path, loss="squared_error", show_progress=False)
    assert found.verdict == "right"
    assert len(reading.network.layers) == 2


def test_what_stops_where_widths_differ_is_diagnosed_on_the_square_probe(tmp_path):
    path = tmp_path / "mine.py"
    wrong = TEXT.replace("delta @ weights[k]", "delta @ weights[k].T")
    path.write_text(wrong.format(**RIGHT), encoding="utf-8")
    found, _ = diagnose_file(path, loss="cross_entropy", hidden_layers=2, show_progress=False)
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [
        ("W not transposed", "δ_2"),
        ("W not transposed", "δ_1"),
    ]
    assert "where widths and n differ it stops" in found.notes[0]


def test_a_saved_network_says_what_is_meant(file):
    network = culpa.Network.fresh([4, 5, 3], hidden="tanh")
    found, reading = diagnose_file(file(), network=network, show_progress=False)
    assert found.verdict == "right"
    assert [layer.activation.name for layer in reading.network.layers] == ["tanh", "softmax"]
    other = culpa.Network.fresh([4, 5, 3], hidden="softplus")
    assert diagnose_file(file(), network=other, show_progress=False)[0].verdict == "unknown"


def test_what_was_said_is_not_tried_otherwise(file):
    found, reading = diagnose_file(
        file(), activation="relu", loss="cross_entropy", hidden_layers=1, show_progress=False
    )
    assert found.verdict != "right"
    assert read_as(reading) == ("relu", "cross_entropy", False)
    assert len(reading.network.layers) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise ValueError('boo')", "raises ValueError in line 2"),
        ("return [weights[0]]", "must hold a pair (dW, db) for each of the 3 layers; got a list of 1."),
        ("return [(W * float('nan'), b) for W, b in zip(weights, biases)]", "`dW1` must be finite"),
        ("import random; return [(W * random.random(), b) for W, b in zip(weights, biases)]", "another gradient when"),
        ("return [(W[:2], b) for W, b in zip(weights, biases)]", "dW1 must be (5, 4), because W_1 is; got (2, 4)."),
    ],
)
def test_what_gives_no_gradient_is_refused_in_one_sentence(tmp_path, body, words):
    path = tmp_path / "bad.py"
    path.write_text(f"def gradient(weights, biases, X, y):\n    {body}\n", encoding="utf-8")
    with pytest.raises(CulpaError) as refusal:
        diagnose_file(path, show_progress=False)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
