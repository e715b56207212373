# SPDX-License-Identifier: MIT
"""`check_vjp`: textbook layers in the style of the courses, each right, and each with one planted error.

The layers are written out here as students write them; a planted error must be found in the gradient that it spoils,
and in no other.
"""

import numpy as np
import pytest

from culpa import check_vjp
from culpa.errors import DataError, OptionError, ShapeError

RANDOM = np.random.default_rng(2)
X, W, B = RANDOM.normal(size=(5, 4)), RANDOM.normal(size=(4, 3)), RANDOM.normal(size=3)


def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def batchnorm_forward(x, gamma, beta, parameters):
    mean, var = x.mean(axis=0), x.var(axis=0)
    if parameters["mode"] == "train":
        parameters["running_mean"] = 0.9 * parameters.get("running_mean", 0) + 0.1 * mean
    std = np.sqrt(var + parameters["eps"])
    normed = (x - mean) / std
    return gamma * normed + beta, (normed, gamma, std)


def batchnorm_backward(dout, cache):
    normed, gamma, std = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - normed * (d * normed).mean(axis=0)) / std
    return dx, (dout * normed).sum(axis=0), dout.sum(axis=0)


def batchnorm_without_the_variance(dout, cache):
    normed, gamma, std = cache
    d = dout * gamma
    return (d - d.mean(axis=0)) / std, (dout * normed).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, parameters):
    mask = (np.random.default_rng(parameters["seed"]).random(x.shape) < parameters["p"]) / parameters["p"]
    return x * mask, (mask, parameters["p"])


def conv_forward(x, w, b, options):
    """Naive: x (n, c, h, w), filters (f, c, 3, 3), one row and column of zeros around."""
    pad = options["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, _, height, width = x.shape
    out = np.zeros((n, len(w), height, width), x.dtype)
    for i in range(height):
        for j in range(width):
            out[:, :, i, j] = np.einsum("ncij,fcij->nf", padded[:, :, i : i + 3, j : j + 3], w) + b
    return out, (padded, w, pad)


def conv_backward(dout, cache, shift=0):
    padded, w, pad = cache
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    height, width = dout.shape[2:]
    for i in range(height):
        for j in range(width):
            dpadded[:, :, i : i + 3, j : j + 3] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
            dw += np.einsum("nf,ncij->fcij", dout[:, :, i, j], padded[:, :, i : i + 3, j : j + 3])
    return np.roll(dpadded[:, :, pad:-pad, pad:-pad], shift, axis=3), dw, dout.sum(axis=(0, 2, 3))


def softmax_forward(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dout, scores):
    p = softmax_forward(scores)
    return p * (dout - (p * dout).sum(axis=1, keepdims=True))


def pool_forward(x):
    n, width = x.shape
    parts = x.reshape(n, width // 2, 2)
    return parts.max(axis=2), (parts, parts.argmax(axis=2))


def pool_backward(dout, cache):
    parts, best = cache
    dparts = np.zeros(parts.shape)
    np.put_along_axis(dparts, best[..., None], dout[..., None], axis=2)
    return dparts.reshape(len(dparts), -1)


def embedding_forward(words, table):
    return table[words], (words, table.shape)


def embedding_backward(dout, cache):
    words, shape = cache
    dtable = np.zeros(shape)
    np.add.at(dtable, words, dout)
    return dtable


def embedding_without_repeats(dout, cache):
    words, shape = cache
    dtable = np.zeros(shape)
    dtable[words] = dout
    return dtable


NORM = ({"mode": "train", "eps": 1e-5}, RANDOM.normal(size=4), RANDOM.normal(size=4))
CONV = (RANDOM.normal(size=(2, 2, 4, 4)), RANDOM.normal(size=(3, 2, 3, 3)), RANDOM.normal(size=3), {"pad": 1})
WORDS = np.array([[0, 2, 2], [1, 0, 2]])
LAYERS = {
    "affine, bias averaged": (
        affine_forward,
        affine_backward,
        lambda dout, cache: (*affine_backward(dout, cache)[:2], dout.mean(axis=0)),
        (X, W, B),
        {"b"},
    ),
    "affine, inputs of another batch": (
        affine_forward,
        affine_backward,
        lambda dout, cache: affine_backward(dout, (cache[0][::-1], *cache[1:])),
        (X, W, B),
        {"w"},
    ),
    "relu, mask inverted": (
        lambda x: (np.maximum(0, x), x),
        lambda dout, x: dout * (x > 0),
        lambda dout, x: dout * (x < 0),
        (X,),
        {"x"},
    ),
    "batch norm, the variance held fixed": (
        batchnorm_forward,
        batchnorm_backward,
        batchnorm_without_the_variance,
        (X, NORM[1], NORM[2], NORM[0]),
        {"x"},
    ),
    "dropout, not rescaled": (
        dropout_forward,
        lambda dout, cache: dout * cache[0],
        lambda dout, cache: dout * cache[0] * cache[1],
        (X, {"p": 0.6, "seed": 4}),
        {"x"},
    ),
    "convolution, one column off": (
        conv_forward,
        conv_backward,
        lambda dout, cache: conv_backward(dout, cache, shift=1),
        CONV,
        {"x"},
    ),
    "softmax without a cache, as p(1 − p)": (
        softmax_forward,
        softmax_backward,
        lambda dout, scores: dout * softmax_forward(scores) * (1 - softmax_forward(scores)),
        (X,),
        {"scores"},
    ),
    "max pooling, to both": (
        pool_forward,
        pool_backward,
        lambda dout, cache: np.repeat(dout, 2, axis=1),
        (X,),
        {"x"},
    ),
    "embedding, repeated words counted once": (
        embedding_forward,
        embedding_backward,
        embedding_without_repeats,
        (WORDS, RANDOM.normal(size=(4, 2))),
        {"table"},
    ),
}


@pytest.mark.parametrize(("forward", "right", "wrong", "inputs", "spoilt"), LAYERS.values(), ids=LAYERS)
def test_a_textbook_layer_is_right_and_its_planted_error_is_found(forward, right, wrong, inputs, spoilt):
    found = check_vjp(forward, right, *inputs)
    assert {block.verdict for block in found.blocks} == {"right"}
    found = check_vjp(forward, wrong, *inputs)
    assert {block.name for block in found.blocks if block.verdict == "wrong"} == spoilt
    assert {block.verdict for block in found.blocks if block.name not in spoilt} <= {"right"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(3))
def test_either_precision_and_any_seed_will_do(dtype, seed):
    inputs = [part.astype(dtype) for part in (X, W, B)]
    assert check_vjp(affine_forward, affine_backward, *inputs, seed=seed).ok
    found = check_vjp(affine_forward, LAYERS["affine, bias averaged"][2], *inputs, seed=seed)
    assert [block.verdict for block in found.blocks] == ["right", "right", "wrong"]
    assert found.blocks[2].note == "1/5 of the derivative"


def test_the_inputs_are_not_changed_and_running_means_are_not_kept():
    parameters = {"mode": "train", "eps": 1e-5}
    x = X.copy()

    def forward(x, gamma, beta, parameters):
        out = batchnorm_forward(x, gamma, beta, parameters)
        x *= 0
        return out

    assert check_vjp(forward, batchnorm_backward, x, *NORM[1:], parameters).ok
    assert parameters == {"mode": "train", "eps": 1e-5}
    np.testing.assert_array_equal(x, X)


def test_the_blocks_are_named_as_in_the_signature_of_forward():
    assert [block.name for block in check_vjp(affine_forward, affine_backward, X, W, B).blocks] == ["x", "w", "b"]
    found = check_vjp(lambda *inputs: affine_forward(*inputs), affine_backward, X, W, B)
    assert [block.name for block in found.blocks] == ["inputs[0]", "inputs[1]", "inputs[2]"]


def whole(dout, cache):
    return dict(zip("xwb", affine_backward(dout, cache), strict=True))


@pytest.mark.parametrize(
    "backward",
    [
        whole,
        lambda dout, cache: {f"d{name}": part for name, part in whole(dout, cache).items()},
        lambda dout, cache: list(affine_backward(dout, cache)),
        lambda dout, cache: dict(reversed(whole(dout, cache).items())),
    ],
)
def test_gradients_may_come_as_a_dict_or_a_list(backward):
    found = check_vjp(affine_forward, backward, X, W, B)
    assert [block.verdict for block in found.blocks] == ["right"] * 3


def test_None_is_not_judged():
    found = check_vjp(affine_forward, lambda dout, cache: (affine_backward(dout, cache)[0], None, None), X, W, B)
    assert [block[:2] for block in found.blocks] == [("x", "right")]


def test_numbers_among_the_inputs_are_judged_where_something_is_said_of_them():
    def scaled(x, factor):
        return x * factor, (x, factor)

    def backward(dout, cache):
        return dout * cache[1], (dout * cache[0]).sum()

    assert [block[:2] for block in check_vjp(scaled, backward, X, 0.7).blocks] == [("x", "right"), ("factor", "right")]
    assert [block[:2] for block in check_vjp(scaled, lambda d, c: backward(d, c)[0], X, 0.7).blocks] == [("x", "right")]


def test_tensors_go_through_as_tensors():
    torch = pytest.importorskip("torch")

    def forward(x, w):
        return torch.tanh(x @ w), (x, w)

    def backward(dout, cache, factor=1.0):
        x, w = cache
        d = dout * (1 - torch.tanh(x @ w) ** 2)
        return d @ w.T, factor * x.T @ d

    for dtype in (torch.float32, torch.float64):
        inputs = torch.tensor(X, dtype=dtype), torch.tensor(W, dtype=dtype)
        assert [block.verdict for block in check_vjp(forward, backward, *inputs).blocks] == ["right", "right"]
        found = check_vjp(forward, lambda dout, cache: backward(dout, cache, 1.01), *inputs)
        assert [block.verdict for block in found.blocks] == ["right", "wrong"]


def test_arrays_of_jax_go_through_as_such():
    jax = pytest.importorskip("jax")

    def forward(x, w):
        out, pull = jax.vjp(lambda x, w: jax.numpy.tanh(x @ w), x, w)
        return out, pull

    found = check_vjp(forward, lambda dout, pull: pull(dout), jax.numpy.asarray(X), jax.numpy.asarray(W))
    assert "wrong" not in {block.verdict for block in found.blocks}
    found = check_vjp(
        forward, lambda dout, pull: tuple(1.1 * d for d in pull(dout)), jax.numpy.asarray(X), jax.numpy.asarray(W)
    )
    assert {block.verdict for block in found.blocks} == {"wrong"}


def test_a_relu_at_its_kink_is_not_testable_and_never_wrong():
    found = check_vjp(lambda x: (np.maximum(0, x), x), lambda dout, x: dout * (x > 0), np.round(X))
    assert found.blocks[0].verdict == "not testable"
    assert not found.ok


def two(dout, cache):
    return affine_backward(dout, cache)[:2]


REFUSED = {
    "too few gradients": (affine_forward, two, ShapeError, "one gradient for each floating input, x, w, b; it gives 2"),
    "a dict that leaves one out": (
        affine_forward,
        lambda d, c: dict(zip("xw", two(d, c), strict=True)),
        ShapeError,
        "none for b",
    ),
    "a stranger": (affine_forward, lambda d, c: {**whole(d, c), "gamma": 1}, DataError, "'gamma', which is no input"),
    "nothing but None": (affine_forward, lambda d, c: (None, None, None), DataError, "at least"),
    "transposed": (
        affine_forward,
        lambda d, c: (affine_backward(d, c)[0], affine_backward(d, c)[1].T, d.sum(axis=0)),
        ShapeError,
        "`w` must have its shape.*transposed",
    ),
    "a backward that raises": (affine_forward, lambda d, c: c[7], DataError, "`backward` raises IndexError"),
    "a forward that raises": (lambda x, w, b: x @ x, affine_backward, DataError, "`forward` raises ValueError"),
    "three things": (lambda x, w, b: (x, w, b), affine_backward, ShapeError, "3 things"),
}


@pytest.mark.parametrize(("forward", "backward", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_is_refused(forward, backward, error, text):
    with pytest.raises(error, match=text):
        check_vjp(forward, backward, X, W, B)


def test_randomness_without_a_seed_is_named():
    def forward(x):
        mask = np.random.default_rng().random(x.shape) < 0.5
        return x * mask, mask

    with pytest.raises(DataError, match="fix the seed inside `forward`"):
        check_vjp(forward, lambda dout, mask: dout * mask, X)


def test_options_are_those_of_check_function():
    with pytest.raises(OptionError):
        check_vjp(affine_forward, affine_backward, X, W, B, directions=0)
