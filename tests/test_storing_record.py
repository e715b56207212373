# SPDX-License-Identifier: MIT
"""What a training recorded of each row goes into the file and comes back; files without it, or from before, open."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

import culpa
from culpa.errors import FileError
from culpa.training.optimizers import OPTIMIZERS

RANDOM = np.random.default_rng(6)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.integers(0, 2, 20)
NETWORK = culpa.Network.fresh([3, 4, 2], seed=1)
FORMS = {
    "log": {"record": "log"},
    "epochs": {"record": "epochs"},
    "checkpoints": {"checkpoints": True},
    "both": {"record": True, "checkpoints": True},
}


def fit(network=NETWORK, y=Y, **options):
    return culpa.fit(network, X, y, **{"epochs": 4, "validation": 0.25, **options})


def round_trip(network, folder):
    culpa.save(network, folder / "n.safetensors")
    return culpa.load(folder / "n.safetensors")


def assert_same_examples(found, expected):
    """The same arrays under the same names, to the bit."""
    mine, its = found.arrays(), expected.arrays()
    assert mine.keys() == its.keys()
    for name in its:
        assert (mine[name].dtype, mine[name].shape) == (its[name].dtype, its[name].shape)
        assert mine[name].tobytes() == its[name].tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", FORMS.values(), ids=FORMS)
def test_the_record_of_each_row_comes_back_to_the_bit(tmp_path, options, dtype):
    network = fit(NETWORK.astype(dtype), **options)
    again = round_trip(network, tmp_path)
    assert_same_examples(again.training.examples, network.training.examples)
    assert again.training.to_dict() == network.training.to_dict()
    assert repr(again.training.examples) == repr(network.training.examples)


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson", "binary_cross_entropy"])
def test_a_record_without_margins_comes_back_without(tmp_path, loss):
    network = fit(culpa.Network.fresh([3, 4, 1], loss=loss), record=True)
    again = round_trip(network, tmp_path)
    assert (again.training.examples.margins is None) == (loss != "binary_cross_entropy")
    assert_same_examples(again.training.examples, network.training.examples)


def test_a_difference_would_be_noticed():
    """Negative control of the comparison."""
    found = fit(record=True).training.examples
    others = [fit(record=True, seed=1), fit(record="epochs", epochs=3), fit(record=True, checkpoints=True)]
    for other in (*others, fit(NETWORK.astype("float64"), record=True)):
        with pytest.raises(AssertionError):
            assert_same_examples(found, other.training.examples)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_record_of_every_optimizer_comes_back(tmp_path, optimizer):
    network = fit(optimizer=optimizer, record=True)
    again = round_trip(network, tmp_path)
    assert again.training.recipe == network.training.recipe
    np.testing.assert_array_equal(np.array(again.training.history), np.array(network.training.history))
    assert_same_examples(again.training.examples, network.training.examples)


def test_a_record_that_ended_early_comes_back(tmp_path):
    """Before its first epoch, where L-BFGS found itself at a minimum; and by Ctrl-C after it."""

    def stop(epoch):
        raise KeyboardInterrupt

    at_minimum = culpa.Network.from_arrays([np.zeros((1, 3))], loss="squared_error")
    network = culpa.fit(at_minimum, X, np.zeros(20), optimizer="lbfgs", epochs=3, record=True, checkpoints=True)
    assert network.training.history == ()
    assert_same_examples(round_trip(network, tmp_path).training.examples, network.training.examples)
    interrupted = fit(record=True, callbacks=[stop])
    assert interrupted.training.interrupted
    assert_same_examples(round_trip(interrupted, tmp_path).training.examples, interrupted.training.examples)


def test_a_file_without_it_opens_and_says_none(tmp_path):
    again = round_trip(fit(), tmp_path)
    assert again.training.examples is None
    assert sorted(from_bytes((tmp_path / "n.safetensors").read_bytes())) == ["W.1", "W.2", "b.1", "b.2"]


def test_the_arrays_are_ordinary_tensors_of_the_file(tmp_path):
    network = fit(record=True, checkpoints=True)
    culpa.save(network, tmp_path / "n.safetensors")
    tensors = from_bytes((tmp_path / "n.safetensors").read_bytes())
    names = ["checkpoints", "epochs", "learnt", "losses", "margins", "outputs"]
    assert sorted(name for name in tensors if "." in name and not name[-1].isdigit()) == [
        f"examples.{n}" for n in names
    ]
    np.testing.assert_array_equal(tensors["examples.losses"], network.training.examples.losses, strict=True)


def rewritten(path, tensors=lambda tensors: tensors, state=lambda state: state):
    """The same file with other tensors, or another document."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + struct.unpack("<Q", content[:8])[0]])
    document = state(json.loads(header["__metadata__"]["culpa"]))
    path.write_bytes(to_bytes(tensors(from_bytes(content)), {"culpa": json.dumps(document)}))
    return path


@pytest.fixture
def file(tmp_path):
    """A saved network with everything that is recorded."""
    culpa.save(fit(record=True, checkpoints=True), tmp_path / "n.safetensors")
    return tmp_path / "n.safetensors"


def test_rewriting_the_file_changes_nothing_by_itself(file):
    expected = culpa.load(file)
    assert_same_examples(culpa.load(rewritten(file)).training.examples, expected.training.examples)


def test_a_file_from_before_the_later_options_opens(file):
    first = ("epochs", "batch_size", "optimizer", "learning_rate", "momentum", "patience", "weighted")
    columns = ("epoch", "loss", "validation_loss", "validation_score", "gradient_norm")

    def older(state):
        training = state["training"]
        training["recipe"] = {name: training["recipe"][name] for name in first}
        training["history"] = {name: training["history"][name] for name in columns}
        return state

    def without(tensors):
        return {name: tensor for name, tensor in tensors.items() if not name.startswith("examples.")}

    expected = fit()
    again = culpa.load(rewritten(file, without, older))
    assert again.training.examples is None
    assert again.training.recipe == replace(expected.training.recipe, validation=None)
    np.testing.assert_array_equal(np.array(again.training.history)[:, :5], np.array(expected.training.history)[:, :5])
    np.testing.assert_array_equal(culpa.flatten(again), culpa.flatten(expected))


DAMAGED = {
    "without its epochs": lambda tensors: {name: t for name, t in tensors.items() if name != "examples.epochs"},
    "with a record that nobody knows": lambda tensors: {**tensors, "examples.mood": np.zeros(3)},
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_record_that_is_not_whole_is_refused_by_name(file, damage):
    with pytest.raises(FileError, match=r"n\.safetensors is damaged"):
        culpa.load(rewritten(file, damage))
