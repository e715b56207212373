# SPDX-License-Identifier: MIT
"""Files that are cut off, damaged, foreign or from the future: always a FileError that names the path."""

import json
import os
import struct

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import FileError
from culpa.tables.assigning import raw_table
from culpa.tables.raw import learn_columns

RANDOM = np.random.default_rng(6)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.integers(0, 2, 20)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a small network's file, with a record and columns."""
    path = tmp_path_factory.mktemp("whole") / "n.safetensors"
    columns = learn_columns(raw_table(X, Y, names=list("abc")))
    network = Network.from_arrays([np.ones((2, 3)), np.eye(2)], [np.zeros(2), None], columns=columns)
    culpa.save(culpa.fit(network, X, Y, epochs=2), path)
    return path.read_bytes()


@pytest.fixture
def refusal(tmp_path):
    """What loading these bytes is refused with, or None; an error of another kind comes through and fails the test."""

    def load(content):
        path = tmp_path / "some file.safetensors"
        path.write_bytes(content)
        try:
            culpa.load(path)
        except FileError as error:
            text = str(error)
        else:
            return None
        assert str(path) in text
        return text

    return load


def with_header(content, change):
    """The same file after `change` has worked on its header, a dict."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def with_state(content, **changes):
    """The same file with other entries in culpa's own document."""

    def change(header):
        state = json.loads(header["__metadata__"]["culpa"])
        header["__metadata__"]["culpa"] = json.dumps({**state, **changes})

    return with_header(content, change)


def test_the_whole_file_is_accepted_however_its_header_is_laid_out(content, refusal):
    """The control of everything below."""
    assert refusal(content) is None
    assert refusal(with_state(content)) is None


def test_every_file_that_is_cut_off_is_refused(content, refusal):
    accepted = [length for length in range(0, len(content), 37) if refusal(content[:length]) is None]
    accepted += [length for length in (7, 8, 9, len(content) - 1) if refusal(content[:length]) is None]
    assert accepted == []


def test_a_file_with_something_behind_it_is_refused(content, refusal):
    assert "damaged" in refusal(content + b"\0")


def test_a_flipped_byte_of_the_header_is_refused_or_harmless_and_never_another_error(content, refusal):
    """Harmless is, for example, another digit of a validation loss; some thousand bytes are tried, each in one way."""
    length = struct.unpack("<Q", content[:8])[0]
    found = []
    for place in range(8 + length):
        damaged = bytearray(content)
        damaged[place] ^= (0x01, 0xFF, 0x20)[place % 3]
        found.append(refusal(bytes(damaged)))
    refused = [text for text in found if text is not None]
    assert len(refused) > len(found) / 2
    assert all("damaged" in text or "not a network" in text or "format" in text for text in refused)


FOREIGN = {
    "an empty file": b"",
    "a text": b"row,class\n0,1\n" * 10,
    "a short text": b"abc",
    "eight bytes of zeros": bytes(8),
    "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a zip": b"PK\x03\x04" + bytes(100),
    "a pickle": b"\x80\x04\x95" + bytes(100),
    "a header that is a list": struct.pack("<Q", 8) + b"[1, 2]  ",
    "a header that is a number": struct.pack("<Q", 8) + b"12345678",
    "a header larger than any file": struct.pack("<Q", 2**63) + b"{}",
    "JSON nested too deeply": struct.pack("<Q", 600_000) + b'{"a":' * 120_000,
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused(foreign, refusal):
    assert refusal(foreign) is not None


def test_a_safetensors_file_of_somebody_elses_is_called_what_it_is(refusal):
    from safetensors.numpy import save

    for metadata in (None, {"format": "pt"}):
        assert "is not a network saved by culpa" in refusal(save({"W.1": np.ones((2, 2))}, metadata))


@pytest.mark.parametrize(
    "metadata", [5, None, "culpa", [], ["culpa"], {"culpa": 5}, {"culpa": "[]"}, {"culpa": "{"}], ids=str
)
def test_strange_metadata_is_refused(content, refusal, metadata):
    def change(header):
        header["__metadata__"] = metadata

    assert refusal(with_header(content, change)) is not None


@pytest.mark.parametrize("version", [3, 17])
def test_a_newer_format_is_refused_by_its_number_with_the_remedy(content, refusal, version):
    text = refusal(with_state(content, format=version))
    assert f"has format {version}, and this version of culpa reads up to 2" in text
    assert "pip install --upgrade culpa" in text


@pytest.mark.parametrize("version", ["1", "two", None, [1], 0.5, -1, {}], ids=str)
def test_a_format_that_is_no_number_of_a_version_is_refused(content, refusal, version):
    assert refusal(with_state(content, format=version)) is not None


CHANGES = {
    "other sizes": {"sizes": [3, 3, 2]},
    "one layer more": {"sizes": [3, 2, 2, 2]},
    "one layer less": {"sizes": [3, 2]},
    "no sizes": {"sizes": None},
    "an unknown activation": {"hidden": ["selu"]},
    "too many activations": {"hidden": ["relu", "relu"]},
    "an unknown loss": {"loss": "hinge"},
    "a negative penalty": {"l2": -1},
    "a worded penalty": {"l2": "much"},
    "a record that is none": {"training": {"epochs": 3}},
    "a record that is a number": {"training": 5},
    "columns that are none": {"columns": {"names": ["a"]}},
    "columns in a list": {"columns": [1]},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_document_that_does_not_fit_is_refused(content, refusal, changes):
    text = refusal(with_state(content, **changes))
    assert "damaged" in text
    assert ".." not in text, "two full stops"
    assert text.count("Hint:") == 1, "two hints"


def test_parameters_that_are_not_finite_are_refused(content, refusal):
    assert "damaged" in refusal(content[:-8] + struct.pack("<d", np.nan))


@pytest.mark.parametrize("name", ["nowhere.safetensors", "no folder/n.safetensors"])
def test_a_missing_file_is_called_missing(tmp_path, name):
    with pytest.raises(FileError) as caught:
        culpa.load(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name} does not exist."


def test_a_folder_is_called_a_folder(tmp_path):
    with pytest.raises(FileError, match="is a folder, not a saved network"):
        culpa.load(tmp_path)


@pytest.mark.parametrize("path", ["a\0b", "a" * 5000, "file/below"])
def test_a_path_that_cannot_be_is_refused(tmp_path, path):
    (tmp_path / "file").write_bytes(b"")
    for act in (culpa.load, lambda place: culpa.save(Network.fresh([3, 2]), place)):
        with pytest.raises(FileError):
            act(f"{tmp_path}/{path}")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions bind neither Windows nor root")
def test_a_file_that_may_not_be_read_is_refused(tmp_path, content):
    path = tmp_path / "n.safetensors"
    path.write_bytes(content)
    path.chmod(0)
    with pytest.raises(FileError, match="cannot be read: Permission denied"):
        culpa.load(path)
