# SPDX-License-Identifier: MIT
"""Every case of the registry against PyTorch's autograd in float64, from the parameters to the inputs.

The network is rewritten in PyTorch's own functions (see `oracles/autograd`), so that the forward pass is tested too.
Without PyTorch all of this is skipped, and says so.
"""

import numpy as np
import pytest

import culpa
from culpa.engine.forward import forward
from tests.cases import CASES, PLAIN, each, gradient_of
from tests.oracles import dense
from tests.oracles.comparing import assert_same, assert_zeros

pytest.importorskip("torch", reason="autograd as an oracle needs PyTorch")

from tests.oracles import autograd  # it needs PyTorch to be imported at all


@each(CASES)
def test_the_forward_pass_and_the_losses_are_those_of_pytorch(case):
    theirs = autograd.run(case)
    steps = forward(case.network, case.X)
    for step, a in zip(steps, theirs.a, strict=True):
        assert_same(step.a, a.detach().numpy())
    for step, h in zip(steps[:-1], theirs.h[1:], strict=True):
        assert_same(step.h, h.detach().numpy())
    assert_same(culpa.predict(case.network, case.X), theirs.output.detach().numpy())
    # 1e-11: PyTorch's Poisson deviance is put together from terms that cancel, of which ½ is what remains of hundreds.
    assert_same(gradient_of(case).losses, theirs.losses.detach().numpy(), within=1e-11)


@each(CASES)
def test_the_gradient_of_loss_and_objective_is_that_of_autograd(case):
    g = gradient_of(case)
    for mine, theirs in ((g.flat(), autograd.loss_gradient(case)), (g.total(), autograd.objective_gradient(case))):
        assert_same(mine, theirs)
        assert_zeros(mine, theirs)


@each(CASES)
def test_every_delta_is_the_derivative_by_its_pre_activation(case):
    for layer, theirs in zip(gradient_of(case).layers, autograd.deltas(case), strict=True):
        assert_same(layer.delta, theirs)
        assert_zeros(layer.delta, theirs)


@each(CASES)
def test_hidden_is_the_derivative_by_every_layers_output_and_by_the_input(case):
    g = gradient_of(case)
    for k, theirs in enumerate(autograd.hidden(case)):
        assert_same(g.hidden(k), theirs)


@each(CASES)
def test_every_example_has_the_gradient_that_a_pass_of_its_own_gives(case):
    G, g = autograd.per_example(case), gradient_of(case)
    for layer, theirs in zip(g.layers, dense.layers(case.network, G), strict=True):
        within = 1e-12 * np.linalg.norm(G)
        assert np.linalg.norm(layer.per_example() - theirs.weight) <= within
        assert (layer.bias is None) == (theirs.bias is None)
        assert theirs.bias is None or np.linalg.norm(layer.delta - theirs.bias) <= within
    assert_same(g.norms(), dense.norms(G))


@each(CASES)
def test_norms_gram_and_moments_are_those_of_autograds_dense_gradients(case):
    G, g = autograd.per_example(case), gradient_of(case)
    assert_same(g.gram(), dense.gram(G, G))
    assert_same(g.second_moment(), dense.second_moment(G, g.w))
    bound = float(np.median(g.norms())) or 1.0
    assert_same(g.clipped(bound * 1.01).flat(), dense.clipped(G, g.w, bound * 1.01).flat)
    direction = np.random.default_rng(3).normal(size=case.network.n_parameters)
    assert np.linalg.norm(g.dot(direction) - G @ direction) <= 1e-12 * np.linalg.norm(G) * np.linalg.norm(direction)


@each(CASES)
def test_pull_back_is_autograds_gradient_of_any_function_of_the_logits(case):
    random = np.random.default_rng(5)
    rows = random.normal(size=(len(case.X), case.network.sizes[-1]))
    s = random.uniform(0.1, 2, len(case.X))
    a = forward(case.network, case.X)[-1].a
    g = culpa.pull_back(case.network, case.X, rows * np.cos(a), weights=s)
    assert_same(g.flat(), autograd.logits_gradient(case, rows, s))
    assert g.losses is None


def test_autograd_refuses_the_pull_back_of_another_function():
    rows, s = np.ones((5, 3)), np.ones(5)
    a = forward(PLAIN.network, PLAIN.X)[-1].a
    answer = autograd.logits_gradient(PLAIN, rows, s)
    assert_same(culpa.pull_back(PLAIN.network, PLAIN.X, rows * np.cos(a)).flat(), answer)
    for planted in (rows * np.sin(a), rows, -rows * np.cos(a), rows * np.cos(a) * (1 + 1e-9)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(culpa.pull_back(PLAIN.network, PLAIN.X, planted).flat(), answer)


def test_autograd_refuses_hidden_derivatives_and_deltas_of_the_neighbouring_layer():
    g, theirs = gradient_of(PLAIN), autograd.hidden(PLAIN)
    for k, answer in enumerate(theirs):
        for planted in (g.hidden((k + 1) % 3), g.hidden(k)[::-1], g.hidden(k) * (1 + 1e-9), g.layers[k].delta):
            with pytest.raises(AssertionError):
                assert_same(planted, answer)
    for layer, answer in zip(g.layers, autograd.deltas(PLAIN), strict=True):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(layer.delta * g.w[:, None], answer)
