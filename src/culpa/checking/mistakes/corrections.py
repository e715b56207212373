# SPDX-License-Identifier: MIT
"""What stands in the places of a mistake's sentence and its corrected line: the layer, its slope, the loss's error."""

from typing import Any

from culpa.checking.mistakes.scene import Scene, Step

__all__ = ["places_of"]

SLOPES = {
    "identity": "1",
    "logistic": "h[{k}] * (1 - h[{k}])",
    "tanh": "(1 - h[{k}] ** 2)",
    "relu": "(a[{k}] > 0)",
    "leaky_relu": "np.where(a[{k}] > 0, 1, 0.01)",
}
"""The slopes that are short enough to be written out in a corrected statement."""
ERRORS = {
    "huber": ("h_{k} − y, held to [−1, 1]", "delta[{k}] = np.clip(h[{k}] - Y, -1, 1)"),
    "logistic_squared_error": (
        "(h_{k} − y) ⊙ h_{k} ⊙ (1 − h_{k})",
        "delta[{k}] = (h[{k}] - Y) * h[{k}] * (1 - h[{k}])",
    ),
    "softmax_squared_error": (
        "h_{k} ⊙ (r − Σ_c h_{k},c r_c), r = h_{k} − y",
        "r = h[{k}] - Y; delta[{k}] = h[{k}] * (r - (h[{k}] * r).sum(axis=1, keepdims=True))",
    ),
}
"""The error at the output, in the notation and in NumPy, where it is not simply h_L − y."""
PLAIN_ERROR = ("h_{k} − y", "delta[{k}] = h[{k}] - Y")


def places_of(step: Step, scene: Scene) -> dict[str, Any]:
    """The values of all places, by name."""
    k, summed = step.k, scene.is_summed
    slope = SLOPES.get(scene.g(k).name, "g_prime(a[{k}])").format(k=k)
    error, error_code = (text.format(k=k) for text in ERRORS.get(scene.network.loss.name, PLAIN_ERROR))
    hidden = (f"∂ℓ/∂h_{k} ⊙ g_{k}′(a_{k})", f"delta[{k}] = (delta[{k + 1}] @ W[{k + 1}]) * {slope}")
    delta, delta_code = (error, error_code) if k == scene.depth else hidden
    return {
        "k": k,
        "j": k - 1,
        "m": k + 1,
        "n": scene.n,
        "c": short_choice(step.choice),
        "slope": slope,
        "error": error,
        "error_code": error_code,
        "delta": f"δ_{k} = {delta}",
        "delta_code": delta_code,
        "over_n": "" if summed else " / n",
        "once": "" if summed else "  # the 1/n once: here, or in delta",
        "missing": "" if summed else ": it is not divided by n",
        "twice": ": the loss is a sum" if summed else ": a mean of what is divided already",
    }


def short_choice(choice: Any) -> Any:
    """A choice as it stands in a sentence: of many coefficients the first few."""
    if not isinstance(choice, tuple):
        return choice
    return ", ".join(f"{c:.4g}" for c in choice[:8]) + (", …" if len(choice) > 8 else "")
