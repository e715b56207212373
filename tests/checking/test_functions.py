# SPDX-License-Identifier: MIT
"""`check_function`: right gradients are never wrong, and wrong ones never right.

The oracle is the derivative written out; each function is also shown to the check with a planted error.
"""

import math

import numpy as np
import pytest

import culpa
from culpa import check_function

RANDOM = np.random.default_rng(3)
THETA = RANDOM.normal(size=6)
M = RANDOM.normal(size=(6, 6))


def loop(x):
    total = 0.0
    for k in range(len(x)):
        total += math.sin(x[k]) * (k + 1)
    return total


def buffered(x):
    store = np.zeros(6)
    store[:] = x**2
    return store.sum()


def asserted(x):
    cost = np.sum(np.exp(x))
    assert isinstance(cost, float)
    return cost


def in_place(x):
    x *= 2
    x += 1
    return np.sum(x**3)


def compared(x):
    return np.sum(np.where(x > 0, x**2, 3 * x**2))


def clipped(x):
    return float(np.clip(x, -0.6, 0.6) @ np.arange(6.0)) + x @ x


def undefined(x):
    return np.sum(x**2) * (complex(1, np.nan) if np.iscomplexobj(x) else 1)


def lasso(x):
    return np.sum(np.sin(200 * x)) + 1e-8 * np.abs(x).sum()


RIGHT = {
    "a polynomial": (lambda x: np.sum(x**3), lambda x: 3 * x**2),
    "a quadratic form": (lambda x: x @ M @ x, lambda x: (M + M.T) @ x),
    "log of a sum": (lambda x: np.log(np.exp(x).sum()), lambda x: np.exp(x) / np.exp(x).sum()),
    "a norm": (lambda x: np.linalg.norm(x), lambda x: x / np.linalg.norm(x)),
    "|x|": (lambda x: np.abs(x).sum() + x @ x, lambda x: np.sign(x) + 2 * x),
    "|x| of a weight that nobody sees": (lasso, lambda x: 200 * np.cos(200 * x) + 1e-8 * np.sign(x)),
    "a real buffer": (buffered, lambda x: 2 * x),
    "assert isinstance(cost, float)": (asserted, np.exp),
    "in-place changes of theta": (in_place, lambda x: 6 * (2 * x + 1) ** 2),
    "math.sin in a loop": (loop, lambda x: np.cos(x) * np.arange(1, 7)),
    "branches": (compared, lambda x: np.where(x > 0, 2 * x, 6 * x)),
    "NaN for complex numbers": (undefined, lambda x: 2 * x),
    "np.clip": (clipped, lambda x: np.arange(6.0) * (np.abs(x) < 0.6) + 2 * x),
    "float32 inside": (lambda x: float(np.sum(np.tanh(np.float32(x)))), lambda x: 1 / np.cosh(x) ** 2),
    "a float32 gradient": (lambda x: np.sum(np.sin(x)), lambda x: np.cos(x).astype(np.float32)),
    "a gradient rounded to float32": (lambda x: np.sum(np.sin(x)), lambda x: np.float64(np.float32(np.cos(x)))),
    "real parts taken on the way": (lambda x: np.sum(np.real(x) ** 2), lambda x: 2 * x),
    "an answer of shape (1,)": (lambda x: np.array([x @ x]), lambda x: 2 * x),
}


@pytest.mark.parametrize(("f", "gradient"), RIGHT.values(), ids=RIGHT)
def test_a_right_gradient_is_right_of_a_function_with(f, gradient):
    before = THETA.copy()
    found = check_function(f, gradient, THETA)
    assert [block[:2] for block in found.blocks] == [("theta", "right")]
    assert found.ok
    np.testing.assert_array_equal(THETA, before)


WRONG = {
    "a thousandth too steep": lambda g: 1.001 * g,
    "minus": lambda g: -g,
    "all zero": lambda g: 0 * g,
    "one entry": lambda g: g + np.eye(6)[2] * 0.01 * np.abs(g).max(),
    "reversed": lambda g: g[::-1],
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("f", "gradient"), RIGHT.values(), ids=RIGHT)
def test_a_wrong_gradient_is_wrong_of_a_function_with(f, gradient, change):
    found = check_function(f, lambda x: change(gradient(x)), THETA)
    assert [block.verdict for block in found.blocks] == ["wrong"]
    assert not found.ok


def test_complex_steps_are_used_only_where_they_agree_with_differences():
    methods = {name: check_function(*pair, THETA).method for name, pair in RIGHT.items()}
    assert {name for name, method in methods.items() if method == "complex steps"} == {
        "a polynomial",
        "a quadratic form",
        "log of a sum",
        "branches",
        "in-place changes of theta",
        "a float32 gradient",
        "a gradient rounded to float32",
        "an answer of shape (1,)",
        "|x| of a weight that nobody sees",
    }


def test_where_complex_steps_refuse_a_claim_differences_decide():
    """What they do not see here, |x|, is too small for the trial to notice and too large for their own bar."""
    found = check_function(*RIGHT["|x| of a weight that nobody sees"], THETA)
    assert (found.method, found.blocks[0].verdict) == ("complex steps", "right")
    assert found.blocks[0].bar > 1e-11


@pytest.mark.parametrize("scale", [1e-100, 1e-9, 1e9])
@pytest.mark.parametrize(("f", "gradient"), RIGHT.values(), ids=RIGHT)
def test_another_unit_of_f_changes_no_verdict(f, gradient, scale):
    for factor, verdict in ((1.0, "right"), (1.01, "wrong")):
        found = check_function(lambda x: scale * f(x), lambda x, c=factor: c * scale * np.float64(gradient(x)), THETA)
        assert [block.verdict for block in found.blocks] == [verdict]


@pytest.mark.parametrize(
    ("factor", "note"),
    [
        (2.0, "2 times the derivative"),
        (-1.0, "minus the derivative"),
        (0.0, "all zero"),
        (1 / 60, "1/60 of the derivative"),
        (-0.5, "−1/2 of the derivative"),
        (1.25, "1.25 times the derivative"),
        (1.0001, "1.0001 times the derivative"),
    ],
)
def test_a_constant_factor_is_named(factor, note):
    found = check_function(lambda x: np.sum(np.sin(x)), lambda x: factor * np.cos(x), THETA)
    assert found.blocks[0].note == note


def test_what_is_no_constant_factor_is_named_none():
    assert check_function(lambda x: np.sum(np.sin(x)), lambda x: np.cos(2 * x), THETA).blocks[0].note == ""


def random_problem(random):
    """A smooth function of a few numbers with its gradient, and a point."""
    p, k = random.integers(1, 5), random.integers(1, 6)
    A, b, c = random.normal(size=(k, p)), random.normal(size=k), random.normal(size=k)
    scale = 10 ** random.uniform(-6, 6)
    g, slope = [
        (np.tanh, lambda a: 1 / np.cosh(a) ** 2),
        (np.sin, np.cos),
        (lambda a: a**3, lambda a: 3 * a**2),
        (np.exp, np.exp),
        (lambda a: np.log1p(np.exp(-a)), lambda a: -1 / (1 + np.exp(a))),
    ][random.integers(5)]
    theta = random.normal(size=p) * 10 ** random.uniform(-2, 1)
    return (lambda x: scale * (c @ g(A @ x + b))), (lambda x: scale * (c * slope(A @ x + b)) @ A), theta


@pytest.mark.parametrize("way", ["complex", "real"])
def test_a_thousand_random_functions_are_never_wrong_and_a_thousandth_is_never_right(way):
    random = np.random.default_rng(11)
    counts = {"right": 0, "not testable": 0}
    for seed in range(500):
        f, gradient, theta = random_problem(random)
        asked = f if way == "complex" else lambda x, f=f: float(f(x))
        for factor in (1.0, 1.001):
            found = check_function(asked, lambda x, g=gradient, c=factor: c * g(x), theta, seed=seed).blocks[0]
            assert found.verdict != ("wrong" if factor == 1 else "right")
            counts[found.verdict] = counts.get(found.verdict, 0) + 1
    assert counts["right"] > 450
    assert counts["wrong"] > 450


def test_a_large_theta_is_looked_at_along_directions_and_at_single_entries():
    theta = {"W": RANDOM.normal(size=(40, 30)), "b": RANDOM.normal(size=40)}
    asked = []

    def f(t):
        asked.append(t["W"] - theta["W"])
        return np.sum(np.tanh(t["W"])) + np.sum(t["b"] ** 3)

    def gradient(t, factor=1.0):
        return {"W": 1 / np.cosh(t["W"]) ** 2, "b": factor * 3 * t["b"] ** 2}

    found = check_function(f, gradient, theta)
    assert [block[:2] for block in found.blocks] == [("W", "right"), ("b", "right")]
    moved = {np.count_nonzero(change) for change in asked}
    assert moved >= {0, 1, 1200}
    found = check_function(f, lambda t: gradient(t, 1.01), theta)
    assert [block.verdict for block in found.blocks] == ["right", "wrong"]


def kept(value, way):
    """The value as it is, or only if it is real."""
    return value if way is complex else float(value)


def relu_of(W, V):
    """A network without biases, its loss and its gradient; the slope at the kink is 0."""

    def f(t, X, y):
        return np.sum((np.maximum(0, X @ t["W"] + t["b"]) @ t["V"] - y) ** 2)

    def gradient(t, X, y):
        a = X @ t["W"] + t["b"]
        r = 2 * (np.maximum(0, a) @ t["V"] - y)
        d = (r @ t["V"].T) * (a > 0)
        return {"W": X.T @ d, "b": d.sum(0), "V": np.maximum(0, a).T @ r}

    return f, gradient, {"W": W, "b": np.zeros(W.shape[1]), "V": V}


@pytest.mark.parametrize("zero_rows", [1, 5, 8])
@pytest.mark.parametrize("seed", range(6))
def test_units_at_their_kink_never_make_a_right_gradient_wrong(seed, zero_rows):
    random = np.random.default_rng(seed)
    f, gradient, theta = relu_of(random.normal(size=(3, 5)), random.normal(size=(5, 2)))
    X, y = random.normal(size=(8, 3)), random.normal(size=(8, 2))
    X[:zero_rows] = 0
    for way in (complex, float):
        found = check_function(lambda t, way=way: kept(f(t, X, y), way), lambda t: gradient(t, X, y), theta, seed=seed)
        verdicts = {block.name: block.verdict for block in found.blocks}
        assert "wrong" not in verdicts.values()
        assert verdicts["b"] == "not testable"
        assert found.blocks[1].note == "a kink lies here"


def test_far_outside_the_one_sided_slopes_is_wrong_at_a_kink_too():
    def f(x):
        return np.abs(x).sum()

    def verdict(claim):
        return check_function(f, claim, np.zeros(4)).blocks[0].verdict

    assert [verdict(np.full(4, c)) for c in (0.0, 1.0, -1.0, 0.3)] == ["not testable"] * 4
    assert verdict(np.full(4, 1e3)) == "wrong"


def test_a_constant_is_not_testable_and_a_claim_about_it_is_wrong():
    assert check_function(lambda x: 2.0 + 0 * x[0], lambda x: 0 * x, THETA).blocks[0].verdict == "not testable"
    assert check_function(lambda x: 2.0, lambda x: x, THETA).blocks[0].verdict == "wrong"


def test_numbers_lists_and_nests_are_points_too():
    assert check_function(lambda t: math.exp(t), lambda t: math.exp(t), 0.3).ok
    assert check_function(lambda t: t[0] * t[1] ** 2, lambda t: [t[1] ** 2, 2 * t[0] * t[1]], [1.0, 2.0]).ok
    assert not check_function(lambda t: t[0] * t[1] ** 2, lambda t: [t[1] ** 2, t[0] * t[1]], [1.0, 2.0]).ok
    nest = [{"a": np.ones(2)}, (np.full(3, 0.5), 2.0)]
    found = check_function(
        lambda t: t[0]["a"].sum() ** 2 * t[1][1] + np.sin(t[1][0]).sum(),
        lambda t: [{"a": 2 * t[0]["a"].sum() * t[1][1] * np.ones(2)}, (np.cos(t[1][0]), t[0]["a"].sum() ** 3)],
        nest,
    )
    assert [block[:2] for block in found.blocks] == [("[0].a", "right"), ("[1][0]", "right"), ("[1][1]", "wrong")]


def test_a_gradient_may_be_given_as_numbers_instead_of_a_function():
    assert check_function(lambda x: np.sum(x**3), 3 * THETA**2, THETA).ok
    assert check_function(lambda x: np.sum(x**3), (3 * THETA**2).astype("float32"), THETA).ok
    assert not check_function(lambda x: np.sum(x**3), 3.001 * THETA**2, THETA).ok


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensors_and_autograd_are_checked_as_they_are(dtype):
    torch = pytest.importorskip("torch")
    theta = torch.tensor(THETA, dtype=getattr(torch, dtype))

    def f(t):
        assert isinstance(t, torch.Tensor)
        return torch.tanh(t).sum() ** 2

    def gradient(t):
        t.requires_grad_()
        return torch.autograd.grad(f(t), t)[0]

    found = check_function(f, gradient, theta)
    assert (found.ok, found.method) == (True, "complex steps")
    assert found.digits >= 12
    assert not check_function(f, lambda t: 1.001 * gradient(t), theta).ok
    assert check_function(f, gradient, theta.requires_grad_()).ok


def test_a_float32_layer_that_refuses_float64_is_checked_in_float32():
    torch = pytest.importorskip("torch")
    weights = torch.tensor(M[:3], dtype=torch.float32)
    theta = {"x": torch.tensor(THETA, dtype=torch.float32)}

    def f(t):
        return torch.tanh(weights @ t["x"]).sum()

    def gradient(t, factor=1.0):
        t["x"].requires_grad_()
        return {"x": factor * torch.autograd.grad(f(t), t["x"])[0]}

    found = check_function(f, gradient, theta)
    assert (found.blocks[0].verdict, found.method) == ("right", "central differences")
    assert check_function(f, lambda t: gradient(t, 1.02), theta).blocks[0].verdict == "wrong"


def test_arrays_of_jax_and_its_grad_are_checked_as_they_are():
    jax = pytest.importorskip("jax")
    theta = {"a": jax.numpy.asarray(THETA), "b": jax.numpy.asarray(0.5)}

    def f(t):
        return jax.numpy.sum(jax.numpy.sin(t["a"]) * t["b"])

    found = check_function(f, jax.grad(f), theta)
    assert [block[:2] for block in found.blocks] == [("a", "right"), ("b", "right")]
    wrong = check_function(f, lambda t: {"a": jax.grad(f)(t)["a"], "b": 1.02 * jax.grad(f)(t)["b"]}, theta)
    assert [block[:2] for block in wrong.blocks] == [("a", "right"), ("b", "wrong")]


def test_a_function_that_fails_beside_theta_is_asked_elsewhere():
    def f(x):
        if x[0] > THETA[0] + 1e-3 * abs(THETA[0]):
            raise ValueError("outside")
        return float(np.sum(x**2))

    assert check_function(f, lambda x: 2 * x, THETA).ok
    assert not check_function(f, lambda x: 2.1 * x, THETA).ok


def test_a_function_with_a_fixed_seed_inside_is_not_random():
    def f(x):
        return np.sum(x**2 * np.random.default_rng(0).normal(size=6))

    assert check_function(f, lambda x: 2 * x * np.random.default_rng(0).normal(size=6), THETA).ok


def test_the_same_seed_gives_the_same_check():
    def checked(seed):
        return culpa.check_function(lambda x: np.sum(np.sin(x)), np.cos, RANDOM_THETA, seed=seed)

    assert checked(1) == checked(1)
    assert checked(1) != checked(2)


RANDOM_THETA = np.random.default_rng(5).normal(size=300)


def test_the_table_reads_well_and_the_short_form_is_short():
    found = check_function(
        lambda t: t["W"].sum() ** 2 + np.abs(t["b"]).sum(),
        lambda t: {"W": t["W"], "b": t["b"]},
        {"W": np.ones((2, 2)), "b": np.zeros(2)},
    )
    text = str(found)
    assert text.splitlines()[0] == f"gradient WRONG in W, 1 of 2 blocks, by {found.method}"
    assert "1/8 of the derivative" in text
    assert "a kink lies here" in text
    assert max(map(len, text.splitlines())) <= 80
    assert repr(found) == f"Check(1 wrong, 1 not testable; {found.method})"
