// SPDX-License-Identifier: MIT
// The laboratory's arithmetic: a network's loss, and its gradient by backpropagation, in double precision.
//
//   network = {layers: [{W, b, activation}], loss, l2, X, T, w}     W[i][j] leads from unit j into unit i; b may be null
//   L(θ)    = Σ_m w_m ℓ(a_L(x_m), t_m) + ½ l2 Σ ‖W_k‖²
//
// Every formula is the one of the Python engine, in the form that keeps its digits far from zero. Knows no page.

const culpaLaboratory = (() => {
  "use strict";

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const argmax = (numbers) => numbers.reduce((best, number, c) => (number > numbers[best] ? c : best), 0);

  // --- Activations: each g with its slope g′ ---

  // exp is only ever asked for −|a|, so that it cannot overflow.
  const decay = (a) => Math.exp(-Math.abs(a));
  const logistic = (a) => (a > 0 ? 1 : decay(a)) / (1 + decay(a));
  const logisticSlope = (a) => decay(a) / (1 + decay(a)) ** 2;
  const softplus = (a) => Math.max(0, a) + Math.log1p(decay(a));

  // 1 − erf(x). Near zero the series has terms of one sign only; far out its digits would be lost in 1 − erf, and the
  // continued fraction (Abramowitz and Stegun 7.1.14) keeps them.
  function erfc(x) {
    if (x < 0) return 2 - erfc(-x);
    const bell = Math.exp(-x * x) / Math.sqrt(Math.PI);
    if (x < 2) {
      let term = x;
      let series = x;
      for (let n = 1; term > series * 1e-17; n += 1) series += term *= (2 * x * x) / (2 * n + 1);
      return 1 - 2 * bell * series;
    }
    let fraction = x;
    for (let n = 100; n > 0; n -= 1) fraction = x + n / 2 / fraction;
    return bell / fraction;
  }

  const normalCdf = (a) => erfc(-a / Math.SQRT2) / 2;
  const normalDensity = (a) => Math.exp((-a * a) / 2) / Math.sqrt(2 * Math.PI);

  const activations = {
    identity: { value: (a) => a, slope: () => 1 },
    logistic: { value: logistic, slope: logisticSlope },
    tanh: { value: Math.tanh, slope: (a) => 4 * logisticSlope(2 * a) },
    relu: { value: (a) => Math.max(0, a), slope: (a) => (a > 0 ? 1 : 0) },
    leaky_relu: { value: (a) => (a > 0 ? a : a * 0.01), slope: (a) => (a > 0 ? 1 : 0.01) },
    elu: { value: (a) => (a > 0 ? a : Math.expm1(a)), slope: (a) => (a > 0 ? 1 : Math.exp(a)) },
    gelu: { value: (a) => a * normalCdf(a), slope: (a) => normalCdf(a) + a * normalDensity(a) },
    silu: { value: (a) => a * logistic(a), slope: (a) => logistic(a) * (1 + a * logistic(-a)) },
    softplus: { value: softplus, slope: logistic },
  };

  // --- Losses: each example's ℓ of the logits a_L, and its delta ∂ℓ/∂a_L ---

  // p and 1 − p. The largest p's complement is the sum of the others, because 1 − p would lose its digits.
  function softmax(a) {
    const largest = argmax(a);
    const shift = a.map((logit) => logit - a[largest]);
    const e = shift.map(Math.exp);
    const rest = sum(e.filter((_, c) => c !== largest));
    const p = e.map((part) => part / (1 + rest));
    const complement = p.map((part, c) => (c === largest ? rest / (1 + rest) : 1 - part));
    return { p, complement, largest, shift, logSum: Math.log1p(rest) };
  }

  // p·mass − t, written so that nothing cancels.
  const softmaxError = ({ p, complement }, t, mass) =>
    p.map((part, c) => part * (mass - t[c]) - t[c] * complement[c]);
  // σ(a) − t, likewise.
  const logisticError = (a, t) => a.map((logit, c) => (1 - t[c]) * logistic(logit) - t[c] * logistic(-logit));
  const halfSquare = (residual) => sum(residual.map((r) => r * r)) / 2;
  const difference = (a, t) => a.map((logit, c) => logit - t[c]);

  function softmaxSquaredDelta(a, t) {
    const found = softmax(a);
    const residual = softmaxError(found, t, 1);
    // A constant may be taken from every r; taken at the largest p, nothing cancels.
    const relative = residual.map((r) => r - residual[found.largest]);
    const mean = sum(relative.map((r, c) => r * found.p[c]));
    return relative.map((r, c) => found.p[c] * (r - mean));
  }

  const losses = {
    cross_entropy: {
      value: (a, t) => {
        const { shift, logSum } = softmax(a);
        return sum(shift.map((part, c) => t[c] * (logSum - part)));
      },
      delta: (a, t) => softmaxError(softmax(a), t, sum(t)),
    },
    binary_cross_entropy: {
      value: (a, t) => sum(a.map((logit, c) => t[c] * softplus(-logit) + (1 - t[c]) * softplus(logit))),
      delta: logisticError,
    },
    squared_error: { value: (a, t) => halfSquare(difference(a, t)), delta: difference },
    huber: {
      value: (a, t) => sum(difference(a, t).map((r) => (Math.abs(r) <= 1 ? (r * r) / 2 : Math.abs(r) - 0.5))),
      delta: (a, t) => difference(a, t).map((r) => Math.min(1, Math.max(-1, r))),
    },
    poisson: {
      value: (a, t) => sum(a.map((logit, c) => t[c] * (Math.log(t[c] || 1) - logit - 1) + Math.exp(logit))),
      delta: (a, t) => a.map((logit, c) => Math.exp(logit) - t[c]),
    },
    logistic_squared_error: {
      value: (a, t) => halfSquare(logisticError(a, t)),
      delta: (a, t) => logisticError(a, t).map((r, c) => r * logisticSlope(a[c])),
    },
    softmax_squared_error: {
      value: (a, t) => halfSquare(softmaxError(softmax(a), t, 1)),
      delta: softmaxSquaredDelta,
    },
  };

  // --- The passes ---

  const affine = ({ W, b }, h) => W.map((row, i) => sum(row.map((w, j) => w * h[j])) + (b ? b[i] : 0));

  // a_k and h_k of every layer. The last layer's own function belongs to the loss, which is computed from a_L.
  function forward(layers, x) {
    const steps = [];
    let h = x;
    for (const layer of layers) {
      const a = affine(layer, h);
      const rule = activations[layer.activation];
      const below = h;
      h = rule ? a.map(rule.value) : a;
      steps.push({ layer, rule, below, a, h });
    }
    return steps;
  }

  const squares = (W) => sum(W.map((row) => sum(row.map((w) => w * w))));

  function objective({ layers, loss, l2, X, T, w }) {
    const each = X.map((x, m) => w[m] * losses[loss].value(forward(layers, x).at(-1).a, T[m]));
    return sum(each) + (l2 / 2) * sum(layers.map(({ W }) => squares(W)));
  }

  // δ_L, …, δ_1 of one example, first layer first: down through W, times the slope.
  function deltas(steps, deltaOut) {
    const found = [deltaOut];
    for (let k = steps.length - 1; k > 0; k -= 1) {
      const { rule, a } = steps[k - 1];
      const W = steps[k].layer.W;
      found.unshift(a.map((value, j) => sum(W.map((row, i) => found[0][i] * row[j])) * rule.slope(value)));
    }
    return found;
  }

  // ∂L/∂W_k and ∂L/∂b_k of every layer: the examples' outer products δ hᵀ, and the penalty's part.
  function gradient({ layers, loss, l2, X, T, w }) {
    const total = layers.map(({ W, b }) => ({ W: W.map((row) => row.map((v) => l2 * v)), b: b && b.map(() => 0) }));
    X.forEach((x, m) => {
      const steps = forward(layers, x);
      deltas(steps, losses[loss].delta(steps.at(-1).a, T[m])).forEach((delta, k) => {
        delta.forEach((d, i) => {
          steps[k].below.forEach((h, j) => { total[k].W[i][j] += w[m] * d * h; });
          if (total[k].b) total[k].b[i] += w[m] * d;
        });
      });
    });
    return total;
  }

  // --- One parameter: [k, i, j] is a weight, [k, i] a bias, all counted from 1 ---

  const read = (layers, [k, i, j]) => (j === undefined ? layers[k - 1].b[i - 1] : layers[k - 1].W[i - 1][j - 1]);
  const put = (list, index, change) => list.map((entry, here) => (here === index - 1 ? change(entry) : entry));

  // The same network with another number in one place.
  function withValue(network, [k, i, j], value) {
    const changed = (layer) =>
      j === undefined
        ? { ...layer, b: put(layer.b, i, () => value) }
        : { ...layer, W: put(layer.W, i, (row) => put(row, j, () => value)) };
    return { ...network, layers: put(network.layers, k, changed) };
  }

  const lossAt = (network, place, value) => objective(withValue(network, place, value));
  const slopeAt = (network, place, value) => read(gradient(withValue(network, place, value)), place);

  // The slope of the secant between w − h and w + h.
  function centralDifference(network, place, value, h) {
    const [before, after] = [value - h, value + h].map((at) => lossAt(network, place, at));
    return { before, after, slope: (after - before) / (2 * h) };
  }

  return { activations, losses, objective, gradient, read, lossAt, slopeAt, centralDifference };
})();

if (typeof module === "object") module.exports = culpaLaboratory;
