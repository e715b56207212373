# SPDX-License-Identifier: MIT
"""The NumPy of a notation: what things are called there, and how its products, sums and means are written.

    at_layer(STYLES["ng"], 2)        {"a": "Z2", "h": "A2", "below": "A1", "above": "dZ3", …}
    anywhere(STYLES["note"], "k")    {"a": "a[k]", "h": "h[k]", "below": "h[k - 1]", …}

A template such as "{a} = np.dot({W}, {below})" is filled with these names. Knows no network and no derivation.
"""

from dataclasses import dataclass

__all__ = ["STYLES", "Style", "anywhere", "at_layer"]

ROLES = ("a", "h", "delta", "W", "b", "dh", "dW", "db")
"""What has a name in every layer; dh is ∂ℓ/∂h, and dW and db are the derivatives by W and b."""


@dataclass(frozen=True, slots=True)
class Style:
    """A notation's names in NumPy, and its statements.

    Args:
        names: What each of `ROLES` is called.
        given: What the inputs are called.
        inputs: What stands for the outputs of layer 0; the inputs themselves, if they have no other name.
        targets: What the targets are called.
        axis: Along which axis the outputs lie.
        start: What comes first.
        product, back: W_k h_{k−1}, and ∂ℓ/∂h_k from the layer above.
        share: What is done with δ_L when it is made.
        one, one_bias: One example's derivatives by W and b, the example being `{m}`.
        every, every_bias: Those of all examples together.
        losses, cost: Each example's loss from what `{each}` output adds, and what becomes of them.
        first: What the first layer of weights is called.
    """

    names: tuple[str, ...]
    given: str
    inputs: str
    targets: str
    axis: int
    start: tuple[str, ...]
    product: str
    back: str
    one: str
    one_bias: str
    every: str
    every_bias: str
    losses: str
    cost: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    first: int = 1


STYLES: dict[str, Style] = {
    "note": Style(
        names=("a", "h", "delta", "W", "b", "dh", "dW", "db"),
        given="X",
        inputs="X",
        targets="Y",
        axis=1,
        start=("n = len(X)",),
        product="{below} @ {W}.T",
        back="{above} @ {W_above}",
        one="{one_dW} = np.outer({delta}[{m}], {below}[{m}])",
        one_bias="{one_db} = {delta}[{m}]",
        every="{dW} = (w[:, None] * {delta}).T @ {below}",
        every_bias="{db} = w @ {delta}",
        losses="losses = np.sum({each}, axis=1)",
        cost=("w = np.full(n, 1 / n)", "loss = w @ losses"),
    ),
    "ng": Style(
        names=("Z", "A", "dZ", "W", "b", "dA", "dW", "db"),
        given="X",
        inputs="X",
        targets="Y",
        axis=0,
        start=("m = X.shape[1]",),
        product="np.dot({W}, {below})",
        back="np.dot({W_above}.T, {above})",
        one="{one_dW} = np.dot({delta}[:, [{m}]], {below}[:, [{m}]].T)",
        one_bias="{one_db} = {delta}[:, [{m}]]",
        every="{dW} = np.dot({delta}, {below}.T) / m",
        every_bias="{db} = np.sum({delta}, axis=1, keepdims=True) / m",
        losses="losses = np.sum({each}, axis=0)",
        cost=("loss = np.sum(losses) / m",),
    ),
    "cs231n": Style(
        names=("s", "h", "ds", "W", "b", "dh", "dW", "db"),
        given="X",
        inputs="X",
        targets="Y",
        axis=1,
        start=("N = X.shape[0]",),
        product="{below}.dot({W})",
        back="{above}.dot({W_above}.T)",
        one="{one_dW} = N * np.outer({below}[{m}], {delta}[{m}])",
        one_bias="{one_db} = N * {delta}[{m}]",
        every="{dW} = {below}.T.dot({delta})",
        every_bias="{db} = {delta}.sum(axis=0)",
        losses="losses = np.sum({each}, axis=1)",
        cost=("loss = np.sum(losses) / N",),
        share=("{delta} /= N",),
    ),
    "nielsen": Style(
        names=("z", "a", "delta", "w", "b", "da", "nabla_w", "nabla_b"),
        given="x",
        inputs="a1",
        targets="y",
        axis=0,
        start=(),
        product="np.dot({W}, {below})",
        back="np.dot({W_above}.transpose(), {above})",
        one="{dW} = np.dot({delta}, {below}.transpose())",
        one_bias="{db} = {delta}",
        every="{dW} = sum({kept} for one in each) / n",
        every_bias="{db} = sum({kept_bias} for one in each) / n",
        losses="loss = np.sum({each})",
        first=2,
    ),
}


def at_layer(style: Style, k: int) -> dict[str, str]:
    """The names of a layer's things, and of those of the layers beside it: a2, h1, delta3."""
    here = k + style.first - 1
    names = {role: f"{name}{here}" for role, name in zip(ROLES, style.names, strict=True)}
    _, h, delta, W, *_ = style.names
    beside = {
        "below": style.inputs if k == 1 else f"{h}{here - 1}",
        "above": f"{delta}{here + 1}",
        "W_above": f"{W}{here + 1}",
        "g": f"g{here}",
        "slope": f"g{here}_slope",
        "one_dW": f"{names['dW']}_one",
        "one_db": f"{names['db']}_one",
        "kept": f'one["{names["dW"]}"]',
        "kept_bias": f'one["{names["db"]}"]',
    }
    return {**names, **beside, "y": style.targets, "axis": str(style.axis)}


def anywhere(style: Style, layer: str) -> dict[str, str]:
    """The names of any layer's things, and of those of the layers beside it: a[k], h[k - 1], delta[k + 1]."""
    names = {role: f"{name}[{layer}]" for role, name in zip(ROLES, style.names, strict=True)}
    _, h, delta, W, _, _, dW, db = style.names
    beside = {
        "below": f"{h}[{layer} - 1]",
        "above": f"{delta}[{layer} + 1]",
        "W_above": f"{W}[{layer} + 1]",
        "g": f"g[{layer}]",
        "slope": f"g_slope[{layer}]",
        "one_dW": f"{dW}_one[{layer}]",
        "one_db": f"{db}_one[{layer}]",
        "kept": f'one["{dW}"][{layer}]',
        "kept_bias": f'one["{db}"][{layer}]',
    }
    return {**names, **beside, "y": style.targets, "axis": str(style.axis)}
