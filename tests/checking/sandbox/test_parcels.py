# SPDX-License-Identifier: MIT
"""Parcels: nests come out of a folder as they went in, and what is no number is refused by its place."""

from math import inf, nan

import numpy as np
import pytest

from culpa.checking.sandbox import parcels

NESTS = {
    "numbers": [1, -(2**900), 0.1, nan, inf, -inf, True, None, 1 - 2j],
    "scalars": (np.float32(0.1), np.float16(2), np.int8(-3), np.uint64(2**64 - 1), np.bool_(True), np.float64(nan)),
    "arrays": [np.zeros((0, 3), "f4"), np.array(1.5), np.arange(6).reshape(2, 3).T, np.array([1j]), np.array([True])],
    "nests": {"W": [(1, [2, ()]), {}], 7: {"ü\ud800\n": []}},
    "empty": [],
}


def through(folder, nest, **options):
    """A nest that went through a folder."""
    packer = parcels.Packer(**options)
    parcels.write(folder / "parcel", {"nest": packer.pack(nest)}, packer.arrays)
    document, arrays = parcels.read(folder / "parcel")
    return parcels.unpack(document["nest"], arrays)


def kinds(nest):
    """The types in a nest, and the dtypes of its arrays."""
    if isinstance(nest, dict):
        return {key: kinds(part) for key, part in nest.items()}
    if isinstance(nest, list | tuple):
        return type(nest), [kinds(part) for part in nest]
    return type(nest), getattr(nest, "dtype", None)


@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS)
def test_a_nest_comes_out_as_it_went_in(tmp_path, nest):
    found = through(tmp_path, nest)
    np.testing.assert_equal(found, nest)
    assert kinds(found) == kinds(nest)


def test_a_packed_array_is_a_copy_and_so_is_each_unpacked_one():
    array, packer = np.zeros(3), parcels.Packer()
    packed = packer.pack([array, array])
    array += 1
    first, second = parcels.unpack(packed, packer.arrays)
    first += 2
    np.testing.assert_array_equal([second, *parcels.unpack(packed, packer.arrays)], np.zeros((3, 3)))


def test_arrays_of_other_libraries_come_out_as_numpys(tmp_path):
    torch = pytest.importorskip("torch")
    tensor = torch.arange(3.0, requires_grad=True)
    np.testing.assert_array_equal(through(tmp_path, [tensor * 2])[0], np.array([0, 2, 4], "f4"), strict=True)


class Awkward:
    """Something that says it were an array."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError


@pytest.mark.parametrize(
    ("nest", "what", "where"),
    [
        ([1, {"b": "text"}], "text", "[1]['b']"),
        (np.array([1, None]), "an array of objects", ""),
        ((np.array(["a"]),), "an array of text", "[0]"),
        (np.zeros(2, "M8[s]"), "an array of datetime64[s]", ""),
        ([np.str_("a")], "text", "[0]"),
        (iter([1]), "an object of type list_iterator", ""),
        (Awkward(), "an object of type Awkward", ""),
        ({(1, 2): 3}, "a dictionary key of type tuple", ""),
        (10**400, "an object of type int", ""),
    ],
)
def test_what_is_no_number_is_refused_by_its_place(nest, what, where):
    with pytest.raises(parcels.Unsendable) as caught:
        parcels.Packer().pack(nest)
    assert (caught.value.what, caught.value.where) == (what, where)


@pytest.mark.parametrize("nest", [np.zeros(200), [np.zeros(100), np.zeros(100)], [0.0] * 100])
def test_what_is_too_large_is_refused_and_what_just_fits_is_not(nest):
    with pytest.raises(parcels.Unsendable, match="too much"):
        parcels.Packer(room=1600).pack(nest)
    parcels.Packer(room=3300).pack(nest)
