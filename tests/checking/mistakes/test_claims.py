# SPDX-License-Identifier: MIT
"""Claims: a gradient is read in every form in which people keep one, and what is none is refused in one sentence."""

from itertools import chain

import numpy as np
import pytest

import culpa
from culpa.checking.mistakes.claims import rounded
from culpa.checking.mistakes.reading import read_claim, read_data
from tests.checking.mistakes.planting import PROBES, asked, given, planted, to_digits

AT = PROBES["tanh"]
RIGHT = planted(AT)
FLAT = np.concatenate([part.ravel() for layer in RIGHT for part in layer])


def by(W, b, start=1, blocks=RIGHT):
    """A dict with these names for the layers' parts, counted from `start`."""
    pairs = ((W.format(k), dW, b.format(k), db) for k, (dW, db) in enumerate(blocks, start))
    return {name: part for W_k, dW, b_k, db in pairs for name, part in ((W_k, dW), (b_k, db))}


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
    ("layers.{}.weight.grad", "layers.{}.bias.grad"),
    ("W{}_grad", "b{}_grad"),
    ("dLdW{}", "dLdb{}"),
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
