# SPDX-License-Identifier: MIT
"""`culpa diagnose`: what it prints, its three hints, its exit codes, and that nothing a file does hurts."""

from pathlib import Path

import numpy as np
import pytest

import culpa
from culpa.cli import diagnose as module
from tests.cli.calling import call, called
from tests.cli.houses import rows, write

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "assignment.py")


@pytest.fixture(scope="module", autouse=True)
def diagnosed_once():
    """Every view of the example's diagnosis is of the same one, which takes seconds."""
    real, known = module.diagnose_file, {}

    def once(mine, **options):
        if (mine, options["network"], options["seconds"]) != (EXAMPLE, None, 20.0):
            return real(mine, **options)
        key = tuple(sorted(options.items(), key=str))
        if key not in known:
            known[key] = real(mine, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "diagnose_file", once)
        yield


def written(tmp_path, body, name="mine.py"):
    """A file whose gradient does something."""
    path = tmp_path / name
    path.write_text(f"import numpy as np\ndef gradient(weights, biases, X, y):\n    {body}\n", encoding="utf-8")
    return str(path)


def test_the_example_is_diagnosed_with_both_mistakes_and_exit_code_1():
    answer = called("diagnose", EXAMPLE)
    assert answer.code == 1
    assert "read as: 2 hidden layers of tanh, cross_entropy" in answer.out
    assert "2 mistakes: 1/n twice (b_3, b_2, b_1); g′ written in h, taken at a (δ_2, δ_1)" in answer.out
    assert "(1 - h[2] ** 2)" in answer.out
    assert answer.err == ""
    assert max(map(len, answer.out.replace(EXAMPLE, "mine.py").splitlines())) <= 80


def test_each_hint_says_more_than_the_one_before_and_names_the_next():
    one, two, three = (called("diagnose", EXAMPLE, "--hint", str(step)) for step in (1, 2, 3))
    assert {answer.code for answer in (one, two, three)} == {1}
    assert "b_3" in one.out
    assert "n = 11" not in one.out
    assert "--hint 2" in one.out
    assert "n = 11" in two.out
    assert "sum(axis=0)" not in two.out
    assert "delta[3].sum(axis=0) / n" in three.out
    assert "--hint" not in three.out


def test_the_evidence_shows_entries_beside_the_right_ones():
    out = called("diagnose", EXAMPLE, "--evidence").out
    lines = out[out.index("entry") :].splitlines()[1:4]
    for line in lines:
        name, yours, right, ratio = line.split()
        assert name.startswith("b_3[")
        assert float(yours) / float(right) == pytest.approx(float(ratio), rel=1e-4)
        assert float(ratio) == pytest.approx(1 / 11, rel=1e-5)


def test_the_json_document_holds_the_same():
    document = called("diagnose", EXAMPLE, "--json").json
    assert (document["schema"], document["command"], document["verdict"]) == (1, "diagnose", "mistake")
    assert document["read_as"]["hidden"] == ["tanh", "tanh"]
    assert [mistake["block"] for mistake in document["mistakes"]] == ["b_3", "δ_2", "b_2", "δ_1", "b_1"]
    assert document["mistakes"][0]["constants"] == {"factor": pytest.approx(1 / 11)}
    assert document["footer"]["reproduce"].startswith("culpa diagnose ")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while True: pass", "was not done within 1 s"),
        ("exit()", "exit()"),
        ("print('x' * 10**6)", "prints more than 64 kB"),
        ("input()", "reads from the terminal"),
        ("raise KeyError('boo')", "raises KeyError"),
        ("return [np.zeros(3)]", "for each of the 3 layers"),
        ("return np.zeros(10**11)", "needs more memory"),
        ("return None", "returns None"),
    ],
)
def test_a_bad_file_gives_one_clear_line_and_exit_code_2(tmp_path, body, words):
    answer = call("diagnose", written(tmp_path, body), "--seconds", 1, "--hidden-layers", 2, "--loss", "cross_entropy")
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    assert words in answer.err


@pytest.fixture
def saved(tmp_path):
    """A network with data in files, and its gradient."""
    random = np.random.default_rng(0)
    X, y = random.normal(size=(12, 4)), np.arange(12) % 3
    network = culpa.Network.fresh([4, 5, 3], hidden="tanh", l2=0.1, seed=1, dtype="float64")
    culpa.save(network, tmp_path / "net.safetensors")
    np.savez(tmp_path / "data.npz", X=X, y=y)
    gradient = culpa.gradient(network, X, y)
    arrays = {}
    for k, layer in enumerate(gradient.layers, 1):
        arrays |= {f"dW{k}": layer.weight + layer.decay, f"db{k}": layer.bias}
    return network, arrays, [tmp_path / "net.safetensors", tmp_path / "data.npz"]


def test_arrays_are_diagnosed_beside_their_network_and_data(tmp_path, saved):
    _, arrays, files = saved
    mine = tmp_path / "mine.npz"
    np.savez(mine, **arrays)
    right = call("diagnose", mine, *files)
    assert (right.code, right.err) == (0, "")
    assert "right: this is the gradient" in right.out
    np.savez(mine, **{**arrays, "dW1": -arrays["dW1"]})
    wrong = call("diagnose", mine, *files)
    assert wrong.code == 1
    assert "W_1" in wrong.out


def test_a_saved_network_tells_what_a_function_computes(saved):
    _, _, (net, _) = saved
    answer = call("diagnose", EXAMPLE, net)
    assert answer.code == 1
    assert "read as: 1 hidden layer of tanh" in answer.out


def test_what_does_not_go_together_is_refused(tmp_path, saved):
    _, arrays, (net, data) = saved
    mine = tmp_path / "mine.npz"
    np.savez(mine, **arrays)
    for words, said in (
        ([mine], "needs the network and the data"),
        ([mine, net], "needs the network and the data"),
        ([mine, net, data, "--loss", "cross_entropy"], "--loss cannot stand here"),
        ([EXAMPLE, net, data], "DATA plays no part"),
        ([EXAMPLE, net, "--activation", "relu"], "--activation cannot stand here"),
        ([EXAMPLE, "--activation", "rleu"], "did you mean 'relu'?"),
        ([EXAMPLE, "--loss", "mse"], "Unknown loss 'mse'"),
        ([EXAMPLE, "--hint", "4"], "--hint"),
        ([EXAMPLE, "--seconds", "0"], "`seconds` must be"),
        ([tmp_path / "none.py"], "does not exist"),
    ):
        answer = call("diagnose", *words)
        assert (answer.code, answer.out) == (2, ""), words
        assert said in answer.err


@pytest.mark.filterwarnings("ignore:.* set aside:culpa.errors.CulpaWarning")
def test_a_gradient_on_a_table_is_diagnosed_with_what_is_said_of_the_table(tmp_path):
    """The right gradient is right; with one layer doubled it is not."""
    table = write(tmp_path / "houses.csv", rows())
    words = ("--target", "price", "--id", "house", "--epochs", 1, "--score", "none", "--hidden", "4")
    assert call("blame", table, *words, "--save", tmp_path / "n.st").code == 0
    network = culpa.load(tmp_path / "n.st")
    read = culpa.read_table(table, "price", columns=network.columns, dtype="float64")
    g = culpa.gradient(network.astype("float64"), read.X, read.y)
    mine = {f"dW{k}": layer.weight + layer.decay for k, layer in enumerate(g.layers, 1)}
    mine |= {f"db{k}": layer.bias for k, layer in enumerate(g.layers, 1)}
    np.savez(tmp_path / "right.npz", **mine)
    np.savez(tmp_path / "wrong.npz", **{**mine, "dW2": 2 * mine["dW2"]})
    codes = [call("diagnose", tmp_path / f"{name}.npz", tmp_path / "n.st", table).code for name in ("right", "wrong")]
    assert codes == [0, 1]
    idle = call("diagnose", tmp_path / "mine.py", "--target", "price")
    assert (idle.code, idle.out) == (2, "")
    assert "--target says how DATA is read, and there is none" in idle.err
