# SPDX-License-Identifier: MIT
"""Saving and loading: everything comes back to the bit, and a file appears whole or not at all.

Files that are cut off, damaged or foreign are in `test_storing_damage`.
"""

import datetime as dt
import os
import stat
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Activation, Layer, Network
from culpa.errors import FileError, OptionError
from culpa.storing import write_whole
from culpa.tables.assigning import raw_table
from culpa.tables.raw import learn_columns

RANDOM = np.random.default_rng(6)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.integers(0, 2, 20)
LABELS = np.array(["no", 'yés, "<b>"\n'])[Y]
COLUMNS = learn_columns(raw_table(X, LABELS, names=["a", "b,c", "d\n"]))
AWKWARD = np.array([5e-324, -0.0, 1.7976931348623157e308, 0.1, -1e-45, 3.4028235e38])


def trained(**options):
    """A small trained network that carries a record and columns."""
    network = replace(Network.fresh([3, 4, 2], seed=1, l2=1e-3), columns=COLUMNS)
    return culpa.fit(network, X, Y, epochs=2, validation=0.25, ids=[f"row {i}" for i in range(20)], **options)


def parts(network):
    return [part for layer in network.layers for part in (layer.W, layer.b)]


def assert_same_network(found, expected):
    """The same to the bit, and everything that it carries."""
    assert (found.loss, found.l2, found.dtype) == (expected.loss, expected.l2, expected.dtype)
    assert [layer.activation for layer in found.layers] == [layer.activation for layer in expected.layers]
    for mine, theirs in zip(parts(found), parts(expected), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert (mine.dtype, mine.shape, mine.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes())
    assert found.columns == expected.columns
    assert (found.training is None) == (expected.training is None)
    assert found.training is None or found.training.to_dict() == expected.training.to_dict()


def round_trip(network, folder):
    culpa.save(network, folder / "network.safetensors")
    return culpa.load(folder / "network.safetensors")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bias", [True, False], ids=["with biases", "without"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_and_dtype_comes_back_to_the_bit(tmp_path, loss, bias, dtype):
    hidden = ["tanh", *ACTIVATIONS][:4]
    network = Network.fresh([3, 5, 4, 3, 2, 2], hidden=hidden, loss=loss, bias=bias, l2=0.1, seed=3, dtype=dtype)
    assert_same_network(round_trip(network, tmp_path), network)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_comes_back(tmp_path, name):
    network = Network.fresh([3, 2, 2], hidden=name)
    assert_same_network(round_trip(network, tmp_path), network)


def test_biases_may_be_missing_in_some_layers_only(tmp_path):
    network = Network.from_arrays([np.ones((2, 3)), np.ones((4, 2)), np.eye(4)], [np.ones(2), None, np.arange(4.0)])
    assert_same_network(round_trip(network, tmp_path), network)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_smallest_and_largest_numbers_and_minus_zero_come_back(tmp_path, dtype):
    with np.errstate(over="ignore"):
        W = np.nan_to_num(AWKWARD.astype(dtype)).reshape(2, 3)
    network = Network.from_arrays([W], [np.array([-0.0, 1e-40], dtype)])
    assert_same_network(round_trip(network, tmp_path), network)


def test_the_record_and_the_columns_come_back(tmp_path):
    network = trained()
    again = round_trip(network, tmp_path)
    assert_same_network(again, network)
    np.testing.assert_array_equal(np.array(again.training.history), np.array(network.training.history))
    assert again.training.ids == network.training.ids
    assert again.columns.classes == ("no", 'yés, "<b>"\n')


def test_a_difference_of_one_bit_would_be_noticed(tmp_path):
    """Negative control of the comparison."""
    network = trained()
    W = network.layers[0].W.copy()
    W[0, 0] = np.nextafter(W[0, 0], 9)
    others = [
        replace(network, layers=(replace(network.layers[0], W=W), network.layers[1])),
        replace(network, columns=None),
        replace(network, training=replace(network.training, seed=1)),
        replace(network, l2=1.0000001e-3),
        network.astype("float64"),
    ]
    for other in others:
        with pytest.raises(AssertionError):
            assert_same_network(round_trip(network, tmp_path), other)


def test_a_new_process_predicts_the_same_bits(tmp_path):
    network = trained()
    path, inputs, answer = (tmp_path / name for name in ("n.safetensors", "X.npy", "said.npy"))
    culpa.save(network, path)
    np.save(inputs, X)
    lines = (
        "import sys, numpy, culpa; a, b, c = sys.argv[1:]; numpy.save(c, culpa.predict(culpa.load(a), numpy.load(b)))"
    )
    subprocess.run([sys.executable, "-c", lines, path, inputs, answer], check=True)
    np.testing.assert_array_equal(np.load(answer), culpa.predict(network, X), strict=True)


def test_the_file_is_an_ordinary_safetensors_file(tmp_path):
    from safetensors.numpy import load_file

    network = trained()
    culpa.save(network, tmp_path / "n.safetensors")
    tensors = load_file(tmp_path / "n.safetensors")
    assert sorted(tensors) == ["W.1", "W.2", "b.1", "b.2"]
    np.testing.assert_array_equal(tensors["W.2"], network.layers[1].W, strict=True)


MINE = replace(ACTIVATIONS["tanh"], name="swoosh")
OWN = {
    "an activation of one's own": (Network.fresh([3, 2, 2], hidden=MINE), "swoosh"),
    "an activation that borrows a name": (
        Network.fresh([3, 2, 2], hidden=Activation("relu", np.tanh, np.ones_like)),
        "relu",
    ),
    "a loss of one's own": (Network.fresh([3, 2], loss=replace(LOSSES["huber"], name="hubris")), "hubris"),
    "a loss that borrows a name": (
        Network.fresh([3, 2], loss=replace(LOSSES["huber"], delta=LOSSES["squared_error"].delta)),
        "huber",
    ),
    "a complex network": (Network.fresh([3, 2]).astype("complex128"), "complex"),
    "a foreign record": (Network.from_arrays([np.eye(2)], training={"epochs": 3}), "training"),
    "foreign columns": (Network.from_arrays([np.eye(2)], columns=("a", "b")), "columns"),
}


@pytest.mark.parametrize(("network", "word"), OWN.values(), ids=OWN)
def test_what_a_file_cannot_hold_is_refused_by_name_and_nothing_is_written(tmp_path, network, word):
    with pytest.raises(OptionError, match=word):
        culpa.save(network, tmp_path / "n.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_ids_that_json_cannot_hold_are_refused_in_words(tmp_path):
    network = culpa.fit(Network.fresh([3, 2]), X, Y, epochs=1, ids=[dt.date(2020, 1, 1)] * 20)
    with pytest.raises(OptionError, match="ids"):
        culpa.save(network, tmp_path / "n.safetensors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_a_disk_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, broken):
    path = tmp_path / "n.safetensors"
    culpa.save(trained(), path)
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        culpa.save(Network.fresh([3, 2]), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["n.safetensors"]


def test_ctrl_c_while_writing_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "n.safetensors"
    path.write_bytes(b"old")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        culpa.save(trained(), path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"n.safetensors": b"old"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_a_new_file_is_as_readable_as_the_umask_allows(tmp_path, mask):
    old = os.umask(mask)
    try:
        culpa.save(Network.fresh([3, 2]), tmp_path / "n.safetensors")
        assert os.umask(mask) == mask
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "n.safetensors").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("place", ["nowhere/n.safetensors", "file/n.safetensors", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match="cannot be written") as caught:
        culpa.save(trained(), tmp_path / place)
    assert str(tmp_path / place) in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a special file")
def test_a_special_file_such_as_a_pipe_or_dev_null_is_not_replaced_by_an_ordinary_one(tmp_path):
    """As root, `-o /dev/null` would otherwise destroy it for the whole machine."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(tmp_path / "pipe", b"content")
    except FileError:
        pass  # to refuse is as good as to write through
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_link_is_followed_and_not_replaced(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "there")
    culpa.save(trained(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert_same_network(culpa.load(tmp_path / "there"), culpa.load(tmp_path / "link"))


def test_an_output_that_is_not_the_losss_cannot_even_be_said():
    with pytest.raises(OptionError, match="must be softmax, which belongs to the loss cross_entropy; got tanh"):
        Network((Layer(np.eye(2), None, ACTIVATIONS["tanh"]),), LOSSES["cross_entropy"])
