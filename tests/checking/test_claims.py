# SPDX-License-Identifier: MIT
"""Claims: a gradient is read in every form in which people keep one, and what is none is refused in one sentence."""

import re
from itertools import chain

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.checking.claims import read_claim, read_data, rounded
from culpa.errors import CulpaError
from tests.checking.planting import PROBES, asked, given, planted, to_digits

AT = PROBES["tanh"]
RIGHT = planted(AT)
FLAT = np.concatenate([part.ravel() for layer in RIGHT for part in layer])


def by(W, b, start=1, blocks=RIGHT):
    """A dict with these names for the layers' parts, counted from `start`."""
    pairs = ((W.format(k), dW, b.format(k), db) for k, (dW, db) in enumerate(blocks, start))
    return {name: part for W_k, dW, b_k, db in pairs for name, part in ((W_k, dW), (b_k, db))}


UNREAD = pytest.mark.xfail(strict=True, reason="a name that ends in `grad`, or begins with `dLd`, is not read yet")
STYLES = [
    ("dW{}", "db{}"),
    ("dW_{}", "db_{}"),
    ("dw{}", "dB{}"),
    ("W{}", "b{}"),
    ("W.{}", "b.{}"),
    ("W_{}", "b_{}"),
    ("W[{}]", "b[{}]"),
    ("grad_W{}", "grad_b{}"),
    ("gradW{}", "gradb{}"),
    ("∇W_{}", "∇b_{}"),
    ("nabla_w{}", "nabla_b{}"),
    ("weights[{}]", "biases[{}]"),
    ("weight{}", "bias{}"),
    ("{}.weight", "{}.bias"),
    ("net.{}.weight", "net.{}.bias"),
    ("fc{}.weight", "fc{}.bias"),
    ("layer{}.W", "layer{}.b"),
    ("layer{}_W", "layer{}_b"),
    pytest.param("layers.{}.weight.grad", "layers.{}.bias.grad", marks=UNREAD),
    pytest.param("W{}_grad", "b{}_grad", marks=UNREAD),
    pytest.param("dLdW{}", "dLdb{}", marks=UNREAD),
]


@pytest.mark.parametrize("start", [0, 1, 7])
@pytest.mark.parametrize(("W", "b"), STYLES)
def test_a_dict_by_name_is_read_whatever_the_names_are(W, b, start):
    assert asked(AT, by(W, b, start)).verdict == "right"


def test_a_state_dict_counts_the_activations_in_between():
    mine = {
        f"{2 * k}.{name}": part
        for k, layer in enumerate(RIGHT)
        for name, part in zip(("weight", "bias"), layer, strict=True)
    }
    assert asked(AT, mine).verdict == "right"


def test_layers_are_sorted_by_number_and_not_by_letter():
    at = given((3,) * 12)
    mine = by("dW{}", "db{}", blocks=planted(at))
    assert asked(at, dict(sorted(mine.items()))).verdict == "right"
    assert asked(at, dict(reversed(mine.items()))).verdict == "right"


FORMS = {
    "pairs": RIGHT,
    "tuples of pairs": tuple(map(tuple, RIGHT)),
    "two lists": tuple(map(list, zip(*RIGHT, strict=True))),
    "a flat list": list(chain.from_iterable(RIGHT)),
    "weights and biases": dict(zip(("weights", "biases"), map(list, zip(*RIGHT, strict=True)), strict=True)),
    "a vector": FLAT,
    "nested lists": [[dW.tolist(), db.tolist()] for dW, db in RIGHT],
    "db as a column": [(dW, db[:, None]) for dW, db in RIGHT],
    "db as a row": [(dW, db[None]) for dW, db in RIGHT],
    "a gradient of ours": culpa.gradient(*AT),
    "every dW transposed": [(dW.T, db) for dW, db in RIGHT],
    "every dW transposed, by name": by("dW{}", "db{}", blocks=[(dW.T, db) for dW, db in RIGHT]),
    "Fortran order": [(np.asfortranarray(dW), db) for dW, db in RIGHT],
    "every other entry of a longer array": [
        tuple(np.repeat(part, 2, axis=0)[::2] for part in layer) for layer in RIGHT
    ],
}


@pytest.mark.parametrize("mine", FORMS.values(), ids=FORMS)
def test_every_form_of_a_gradient_is_read(mine):
    assert asked(AT, mine).verdict == "right"


@pytest.mark.parametrize("mine", FORMS.values(), ids=FORMS)
def test_in_every_form_a_mistake_is_seen(mine):
    if isinstance(mine, culpa.Gradient):
        mine = mine.total()
    wrong = spoilt(mine)
    found = asked(AT, wrong)
    assert (found.verdict, found.guilty) == ("unknown", "W_1")


def spoilt(mine):
    """The same form, with its very first number changed."""
    if isinstance(mine, dict):
        first, *_ = mine
        return {**mine, first: spoilt(mine[first])}
    if isinstance(mine, np.ndarray):
        wrong = mine.copy()
        wrong.flat[0] += 0.5
        return wrong
    if isinstance(mine, list | tuple):
        return type(mine)([spoilt(mine[0]), *mine[1:]])
    return mine + 0.5


@pytest.mark.parametrize(
    "two", [given((4, 6, 3)), given((3, 3, 3)), given((3, 1, 2))], ids=lambda at: str(at.network.sizes)
)
def test_with_two_layers_pairs_and_two_lists_are_told_apart(two):
    right = planted(two)
    for mine in (right, list(zip(*right, strict=True)), list(chain.from_iterable(right))):
        assert asked(two, mine).verdict == "right"


def columns(at):
    """The layers' parts with each db as a column, as courses have it."""
    return [(dW, db[:, None]) for dW, db in planted(at)]


SINGLE = given((4, 6, 1), loss="squared_error")


def test_with_two_layers_and_columns_pairs_and_two_lists_are_told_apart():
    two = given((4, 6, 3))
    assert asked(two, columns(two)).verdict == "right"
    assert asked(two, list(zip(*columns(two), strict=True))).verdict == "right"
    assert asked(SINGLE, columns(SINGLE)).verdict == "right"


@pytest.mark.xfail(strict=True, reason="dW2 as a row is taken for db1")
def test_also_where_there_is_one_output():
    assert asked(SINGLE, list(zip(*columns(SINGLE), strict=True))).verdict == "right"


def test_a_single_outputs_targets_may_be_a_row_or_a_column_or_flat():
    for y in (SINGLE.y, SINGLE.y.T, SINGLE.y.ravel()):
        assert asked(SINGLE._replace(y=y), planted(SINGLE)).verdict == "right"


def test_one_layer_may_come_as_a_pair_or_in_lists():
    one = given((4, 3))
    ((dW, db),) = planted(one)
    for mine in ([(dW, db)], [dW, db], ([dW], [db]), {"W": [dW], "dW1": dW, "db1": db}, {"dW1": dW.T, "db1": db}):
        assert asked(one, mine).verdict == "right"


def test_arrays_of_pytorch_are_read_with_and_without_their_history():
    torch = pytest.importorskip("torch", reason="its tensors")
    tensors = [tuple(map(torch.tensor, layer)) for layer in RIGHT]
    tracked = [tuple(part.clone().requires_grad_() * 1 for part in layer) for layer in tensors]
    for mine in (tensors, tracked, by("{}.weight", "{}.bias", 0, tensors), torch.tensor(FLAT)):
        assert asked(AT, mine).verdict == "right"


@pytest.mark.parametrize("kind", [str, None])
def test_an_npz_is_read(tmp_path, kind):
    path = tmp_path / "mine.npz"
    np.savez(path, **by("dW{}", "db{}"))
    assert asked(AT, path if kind is None else kind(path)).verdict == "right"
    np.savez_compressed(path, **by("dW{}", "db{}", blocks=spoilt(RIGHT)))
    assert asked(AT, path).verdict == "unknown"


def test_data_with_examples_in_columns_are_turned_and_it_is_said():
    at = AT
    onehot = np.eye(3)[at.y]
    for X, y, notes in (
        (at.X, onehot, []),
        (at.X.T, onehot.T, ["X was read with examples in columns", "y was read with examples in columns"]),
        (at.X.T, at.y, ["X was read with examples in columns"]),
        (at.X, onehot.T, ["y was read with examples in columns"]),
    ):
        found = asked(at._replace(X=X, y=y), RIGHT)
        assert (found.verdict, list(found.notes)) == ("right", notes)
    found = asked(at._replace(X=at.X.T, y=onehot.T), [(dW.T, db[:, None]) for dW, db in RIGHT])
    assert (found.verdict, found.notes[-1]) == ("right", "every dW was read transposed, (inputs, outputs)")


def test_square_data_are_taken_as_they_are():
    at = PROBES["square"]
    assert read_data(at.network, at.X, at.y)[2] == []
    assert asked(at, planted(at)).verdict == "right"
    assert asked(at._replace(X=at.X.T), planted(at)).verdict != "right"


def test_one_dw_transposed_among_others_is_a_mistake_and_no_layout():
    mine = [list(layer) for layer in RIGHT]
    mine[1][0] = mine[1][0].T
    found = asked(AT, mine)
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [("dW transposed", "W_2")]


# --- the precision that numbers show ---


def claim_of(mine):
    return read_claim(mine, AT.network, len(AT.X))


def test_float32_is_recognised_also_where_it_was_widened():
    narrow = [[part.astype("float32") for part in layer] for layer in RIGHT]
    wide = [[part.astype("float64") for part in layer] for layer in narrow]
    assert claim_of(narrow).relative == claim_of(wide).relative > 1000 * claim_of(RIGHT).relative
    assert asked(AT, narrow).verdict == asked(AT, wide).verdict == "right"


def test_an_error_that_float32_could_explain_is_one_in_float64():
    mine = [[dW * (1 + 1e-6), db] for dW, db in RIGHT]
    assert asked(AT, mine).verdict == "mistake"
    assert asked(AT, [[part.astype("float32") for part in layer] for layer in mine]).verdict == "right"


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_entries_rounded_to_significant_digits_are_recognised(digits):
    mine = to_digits(RIGHT, digits)
    assert (rounded(claim_of(mine)).digits, rounded(claim_of(mine)).decimals) == (digits, None)
    found = asked(AT, mine)
    assert found.verdict == "right"
    assert found.notes[-1] == f"the entries were read as rounded to {digits} significant digits"


@pytest.mark.xfail(strict=True, reason="entries below 1 with so many decimals are taken for as many digits")
@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_entries_rounded_to_decimals_are_recognised(decimals):
    mine = [[np.round(part, decimals) for part in layer] for layer in RIGHT]
    assert rounded(claim_of(mine)).decimals == decimals
    found = asked(AT, mine)
    assert (found.verdict, found.notes[-1]) == ("right", f"the entries were read as rounded to {decimals} decimals")


def test_entries_above_1_rounded_to_decimals_are_recognised():
    at = PROBES["mixed"]
    found = asked(at, [[np.round(part, 4) for part in layer] for layer in planted(at)])
    assert (found.verdict, found.notes[-1]) == ("right", "the entries were read as rounded to 4 decimals")


def test_entries_with_all_their_digits_are_not_rounded():
    assert rounded(claim_of(RIGHT)) is None


def test_an_entry_off_by_two_units_of_its_last_digit_is_not_right():
    mine = to_digits(RIGHT, 4)
    place = np.abs(mine[1][0]).argmax()
    mine[1][0].flat[place] *= 1.01
    assert asked(AT, mine).verdict == "unknown"


# --- what is no gradient ---

HALF = [[RIGHT[0][0], RIGHT[0][1]]]
NAN = spoilt(RIGHT)
NAN[0][0][1, 2] = np.nan
FINITE = "DataError: `dW1` must be finite; entry [1, 2] is nan."
REFUSED = {
    "too few layers": (
        RIGHT[:2],
        "ShapeError: The gradient must hold a pair (dW, db) for each of the 3 layers; got a list of 2. "
        "Hint: first layer first: [(dW1, db1), (dW2, db2), …].",
    ),
    "nothing": (
        [],
        "ShapeError: The gradient must hold a pair (dW, db) for each of the 3 layers; got a list of 0. "
        "Hint: first layer first: [(dW1, db1), (dW2, db2), …].",
    ),
    "an empty dict": (
        {},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got nothing. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a dict of other things": (
        {"loss": 1.0, "accuracy": 0.5},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got loss, accuracy. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a missing dW": (
        {name: part for name, part in by("dW{}", "db{}").items() if name != "dW2"},
        "ShapeError: The gradient must name a dW for each of the 3 layers; got dW1, db1, db2, dW3, db3. "
        "Hint: call them dW1, db1, dW2, db2, ….",
    ),
    "a missing db": (
        {name: part for name, part in by("dW{}", "db{}").items() if name != "db2"},
        "ShapeError: The gradient has no db2, but layer 2 has 5 biases.",
    ),
    "no biases": ([dW for dW, _ in RIGHT], "ShapeError: The gradient has no db1, but layer 1 has 6 biases."),
    "a dW of another shape": (
        [(np.ones((6, 3)), RIGHT[0][1]), *RIGHT[1:]],
        "ShapeError: dW1 must be (6, 4), because W_1 is; got (6, 3).",
    ),
    "a db of another shape": (
        [(RIGHT[0][0], np.ones(7)), *RIGHT[1:]],
        "ShapeError: db1 must be (6,), because b_1 is; got (7,).",
    ),
    "a db that is a matrix": (
        [(RIGHT[0][0], np.ones((6, 9))), *RIGHT[1:]],
        "ShapeError: db1 must be (6,), because b_1 is; got (6, 9).",
    ),
    "an empty dW": (
        [(np.ones((0, 4)), RIGHT[0][1]), *RIGHT[1:]],
        "ShapeError: dW1 must be (6, 4), because W_1 is; got (0, 4).",
    ),
    "a short vector": (
        FLAT[:-1],
        "ShapeError: The gradient must hold 83 numbers, one for each weight and bias; got (82,). "
        "Hint: or give it by layer: a list of (dW, db), or a dict with dW1, db1, ….",
    ),
    "a number": (
        3.0,
        "ShapeError: The gradient must hold 83 numbers, one for each weight and bias; got (). "
        "Hint: or give it by layer: a list of (dW, db), or a dict with dW1, db1, ….",
    ),
    "NaN": (NAN, FINITE),
    "NaN by name": (by("dW{}", "db{}", blocks=NAN), FINITE),
    "infinity in a vector": (
        np.where(np.arange(83) == 5, np.inf, FLAT),
        "DataError: `the gradient` must be finite; entry [5] is inf.",
    ),
    "complex numbers": (
        [(dW + 1j, db) for dW, db in RIGHT],
        "DataError: `dW1` must hold real numbers; got dtype complex128.",
    ),
}  # fmt: skip
KINDLY = {
    "None": None,
    "text in an array": [(np.full((6, 4), "a"), RIGHT[0][1]), *RIGHT[1:]],
    "None in a pair": [(None, RIGHT[0][1]), *RIGHT[1:]],
    "a list of words": ["dW1", "db1", "dW2", "db2", "dW3", "db3"],
    "a ragged matrix": [([[1.0], [1.0, 2.0]], RIGHT[0][1]), *RIGHT[1:]],
    "an object": object(),
    "a set": {1.0, 2.0},
    "a dict of text": dict.fromkeys(by("dW{}", "db{}"), "no"),
    "numbers in a list": FLAT.tolist(),
    "two lists of unequal length": ([dW for dW, _ in RIGHT], [db for _, db in RIGHT[:2]]),
    "names with the same number": {"a.dW1": RIGHT[0][0], "b.dW1": RIGHT[1][0], "dW3": RIGHT[2][0]},
}


def refusal(call):
    """What a call is refused with, as a user reads it: one sentence, at most one hint."""
    with pytest.raises(CulpaError) as caught:
        call()
    assert re.fullmatch(r"[^\n]+\.( Hint: [^\n]+[.?])?", str(caught.value))
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.mark.parametrize(("mine", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_gradient_of_this_network_is_refused_in_one_sentence(mine, expected):
    assert refusal(lambda: asked(AT, mine)) == expected


@pytest.mark.parametrize("mine", KINDLY.values(), ids=KINDLY)
def test_what_is_no_gradient_at_all_is_refused_as_kindly(mine):
    assert refusal(lambda: asked(AT, mine)).startswith(("ShapeError: ", "DataError: ", "OptionError: "))


@pytest.mark.xfail(strict=True, raises=(ValueError, TypeError), reason="zip's own errors reach the user")
@pytest.mark.parametrize("biases", [[RIGHT[0][1]], None], ids=["too few", "none"])
def test_weights_and_biases_of_unequal_length_are_refused(biases):
    assert refusal(lambda: asked(AT, {"weights": [dW for dW, _ in RIGHT], "biases": biases})).startswith("ShapeError: ")


def files(folder):
    """Files that hold no gradient, with what is said of each."""
    (folder / "text.npz").write_text("dW1", encoding="utf-8")
    (folder / "empty.npz").write_bytes(b"")
    np.savez(folder / "whole.npz", **by("dW{}", "db{}"))
    (folder / "cut.npz").write_bytes((folder / "whole.npz").read_bytes()[:300])
    np.savez(folder / "pickled.npz", dW1=np.array([object()], dtype=object))
    np.save(folder / "one.npy", FLAT)
    (folder / "folder.npz").mkdir()
    plain = "it is no .npz of plain arrays. Hint: write it with numpy.savez."
    return {
        "text.npz": f"cannot be read: {plain}",
        "empty.npz": f"cannot be read: {plain}",
        "cut.npz": f"cannot be read: {plain}",
        "pickled.npz": f"cannot be read: {plain}",
        "one.npy": "holds one array; the gradient needs an .npz with dW1, db1, ….",
        "missing.npz": "cannot be read: No such file or directory. Hint: write it with numpy.savez.",
        "folder.npz": "cannot be read: Is a directory. Hint: write it with numpy.savez.",
    }


LEAKS = "an error of zipfile's or NumPy's reaches the user"
UNREADABLE = [
    "text.npz",
    "empty.npz",
    "pickled.npz",
    "missing.npz",
    "folder.npz",
    pytest.param("one.npy", marks=pytest.mark.xfail(strict=True, reason=LEAKS)),
    # Not run, because the file that it leaves open would stop the whole run.
    pytest.param("cut.npz", marks=pytest.mark.xfail(run=False, reason=LEAKS)),
]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_holds_no_gradient_is_refused_with_its_path(tmp_path, name):
    said = files(tmp_path)[name]
    assert refusal(lambda: asked(AT, tmp_path / name)) == f"FileError: {tmp_path / name} {said}"


DATA = {
    "rows of X and y": (AT._replace(y=AT.y[:-1]), "DataError: "),
    "columns of X": (AT._replace(X=AT.X[:, :3]), "ShapeError: "),
    "NaN in X": (AT._replace(X=AT.X * np.nan), "DataError: "),
    "text as X": (AT._replace(X="digits"), "DataError: "),
    "a class too many": (AT._replace(y=AT.y + 1), "DataError: "),
    "no examples": (AT._replace(X=AT.X[:0], y=AT.y[:0]), "DataError: "),
    "a complex network": (AT._replace(network=AT.network.astype("complex128")), "OptionError: "),
}


@pytest.mark.parametrize(("at", "kind"), DATA.values(), ids=DATA)
def test_data_that_do_not_fit_are_refused_as_by_gradient(at, kind):
    assert refusal(lambda: asked(at, RIGHT)) == refusal(lambda: culpa.gradient(*at))
    assert refusal(lambda: asked(at, RIGHT)).startswith(("ShapeError: ", "DataError: ", "OptionError: "))


def test_an_unknown_reduction_is_refused():
    assert refusal(lambda: asked(AT, RIGHT, reduction="meen")).startswith("OptionError: Unknown reduction 'meen'")


def test_a_network_that_overflows_on_the_data_is_refused():
    network = Network.from_arrays([[[1e200]], [[1e200]]], hidden="identity", loss="squared_error")
    said = refusal(lambda: culpa.diagnose(network, [[1e200]], [[0.0]], np.zeros(2), show_progress=False))
    assert said.startswith("NumericalError: ")
