# SPDX-License-Identifier: MIT
"""Mistakes in a constant: a factor before an error, a dW or a db, and the weight decay. The choice is the constant."""

from collections.abc import Callable
from typing import Any

from culpa.checking.mistakes.lines import RIGHT_B, RIGHT_W
from culpa.checking.mistakes.scene import Scene, Slip

__all__ = ["DECAY", "FACTORS"]


def over_n(scene: Scene, k: int) -> tuple[float, ...]:
    """The factor between the sum over the examples and their mean."""
    return (float(scene.n), 1 / scene.n) if scene.n > 1 else ()


def over_units(scene: Scene, k: int) -> tuple[float, ...]:
    """One over the width."""
    return (1 / scene.width(k),) if scene.width(k) > 1 else ()


def penalised(scene: Scene, k: int) -> bool:
    """Whether there is a penalty."""
    return scene.network.l2 != 0


RIGHT_BLOCK = ("∇W_{k} = Σ_i w_i δ_{k},i h_{j},iᵀ + l2 W_{k}", "dW[{k}] = delta[{k}].T @ h[{j}]{over_n} + l2 * W[{k}]")


def factors(
    part: Any,
    name: str,
    line: str,
    code: str,
    applies: Callable[[Scene, int], bool] = lambda scene, k: True,
    tail: str = "",
) -> tuple[Slip, ...]:
    """The rows of the constants that may stand before an error, a dW or a db."""
    most: dict[str, Any] = {"part": part, "rule": None, "line": line, "code": code, "applies": applies}
    return (
        Slip(f"sign{tail}", sentence=f"{name} has the wrong sign.", choices=lambda scene, k: (-1.0,), **most),
        Slip(f"factor 2{tail}", sentence=f"{name} is {{c:.4g}} times what it should be.",
             choices=lambda scene, k: (2.0, 0.5), **most),
        Slip(f"1/n missing{tail}", sentence=f"{name} is n = {{n}} times what it should be{{missing}}.",
             choices=lambda scene, k: over_n(scene, k)[:1], **most),
        Slip(f"1/n twice{tail}", sentence=f"{name} is divided by n = {{n}} once too often{{twice}}.",
             choices=lambda scene, k: over_n(scene, k)[1:], **most),
        Slip(f"mean over the units{tail}", sentence=f"{name} is {{c:.4g}} times what it should be: the mean is taken "
             "over the layer's units too.", choices=over_units, **most),
        Slip(f"stray factor{tail}", sentence=f"{name} is {{c:.6g}} times what it should be.",
             choices=lambda scene, k: (3.7,), symbol="factor", **most),
    )  # fmt: skip


FACTORS = (
    *factors("error factor", "The error δ_{k}", "{delta}", "{delta_code}"),
    *factors("weight factor", "dW_{k}", *RIGHT_W),
    *factors("bias factor", "db_{k}", *RIGHT_B),
    *factors("block factor", "dW_{k}, its decay included,", *RIGHT_BLOCK, penalised, ", decay too"),
    Slip("sign of everything", "total", None, "The whole gradient has the wrong sign: this way leads uphill.",
         "θ − η ∇, where ∇ points uphill", "theta -= lr * gradient", choices=lambda scene, k: (-1.0,)),
    Slip("not zeroed", "total", None,
         "The whole gradient is {c:.4g} times what it should be, as when it is added to that of the call before.",
         "∇W_k and ∇b_k begin at zero in each call", "dW = [np.zeros_like(V) for V in W]",
         choices=lambda scene, k: (2.0,)),
)  # fmt: skip


RIGHT_DECAY = ("∇W_{k} of the objective = ∇W_{k} of the loss + l2 W_{k}", "dW[{k}] += l2 * W[{k}]")
DECAY = (
    Slip("decay missing", "decay", None, "The weight decay is missing from dW_{k}.", *RIGHT_DECAY, penalised,
         lambda scene, k: (0.0,)),
    Slip("decay's sign", "decay", None, "The weight decay is subtracted in dW_{k}.", *RIGHT_DECAY, penalised,
         lambda scene, k: (-scene.network.l2,)),
    Slip("decay's factor 2", "decay", None, "The weight decay in dW_{k} is {c:.4g} W_{k}: a factor 2 is off.",
         *RIGHT_DECAY, penalised, lambda scene, k: (2 * scene.network.l2, scene.network.l2 / 2)),
    Slip("decay over n", "decay", None, "The weight decay in dW_{k} is {c:.4g} W_{k}: a factor n = {n} is off.",
         *RIGHT_DECAY, penalised,
         lambda scene, k: tuple(c * scene.network.l2 for c in over_n(scene, k))),
    Slip("another decay", "decay", None, "The weight decay in dW_{k} is {c:.6g} W_{k}.", *RIGHT_DECAY,
         choices=lambda scene, k: (3.7 * scene.network.l2 or 0.037,), symbol="λ"),
    Slip("decay on biases", "bias decay", None, "db_{k} has a weight decay, {c:.6g} b_{k}; the penalty spares biases.",
         *RIGHT_B, choices=lambda scene, k: (scene.network.l2 or 0.1,), symbol="λ"),
)  # fmt: skip
