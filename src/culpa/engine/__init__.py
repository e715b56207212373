# SPDX-License-Identifier: MIT
"""The engine: exact gradients of a feed-forward network, kept as outer products. This page is the notation.

    i = 1 … n      examples; in arrays they are rows
    k = 1 … L      layers; d_k is the width of layer k, d_0 the number of inputs
    h_0 = X        the inputs                                              X (n, d_0)
    W_k, b_k       weights (d_k, d_{k−1}) and biases (d_k,)                layer.W, layer.b
    a_k            = W_k h_{k−1} + b_k, pre-activations                    step.a (n, d_k)
    h_k            = g_k(a_k), outputs of layer k                          step.h (n, d_k)
    ℓ_i            example i's own loss, ℓ(a_L, y)                         losses (n,)
    w_i            its weight: s_i/Σs for the mean, s_i for the sum        w (n,)
    loss           Σ_i w_i ℓ_i                                             g.loss
    δ_k            = ∂ℓ/∂a_k, each row that example's own                  delta (n, d_k)
    ∂ℓ/∂h_k        = δ_{k+1} W_{k+1}                                       g.hidden(k) (n, d_k)
    ∂ℓ/∂W_k        = δ_k h_{k−1}ᵀ, for one example                         layers[k-1].per_example()
    ∂ℓ/∂b_k        = δ_k, for one example                                  layers[k-1].delta
    ∇W_k           = Σ_i w_i δ_{k,i} h_{k−1,i}ᵀ                            layers[k-1].weight (d_k, d_{k−1})
    ∇b_k           = Σ_i w_i δ_{k,i}                                       layers[k-1].bias (d_k,)
    penalty        = ½ l2 Σ_k ‖W_k‖², objective = loss + penalty           g.penalty, g.objective
    θ              all parameters: W_1 row by row, b_1, W_2, …             flatten(network) (p,)

No other letters are used. Layers and units are counted from 1 in whatever a person reads, from 0 in Python.
Read the files in this order: activations, losses, network, forward, output, hidden, factors, gradient.
"""
