# SPDX-License-Identifier: MIT
"""The corrected NumPy statement of every mistake is run, and gives the right block.

Its arrays are W[k], b[k], a[k], h[k] and delta[k] by layer, with h[0] = X and no 1/n in delta, as the statements say.
"""

import numpy as np
import pytest

from culpa.checking.mistakes.diagnosis import mistake_of
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.scene import backward, errors_of
from culpa.engine.losses import LOSSES
from tests.checking.mistakes.planting import PROBES, given

SCENES = {name: probe.scene for name, probe in PROBES.items()}
SCENES |= {loss: given((4, 5, 3), "logistic", loss).scene for loss in LOSSES}

RUN = {
    "output",
    "slope",
    "back",
    "weight",
    "weight factor",
    "bias",
    "bias factor",
    "decay",
    "bias decay",
    "block factor",
}
"""The lines whose statement stands for itself; the others speak of a loop or of the whole gradient."""
NOT_RUN = {"one example missing", "= in place of +=", "mix of examples", "not zeroed", "sign of everything"}


def names_at(scene, k):
    """Everything that a statement may use at layer k, with the blocks there left empty."""
    layers = range(1, scene.depth + 1)
    deltas = dict(enumerate(errors_of(scene), 1))
    h = dict(enumerate(scene.h))
    return {
        "np": np,
        "n": scene.n,
        "l2": scene.network.l2,
        "X": scene.X,
        "y": scene.targets,
        "Y": scene.rows,
        "W": {j: scene.W(j) for j in layers},
        "b": {j: scene.b(j) for j in layers},
        "a": dict(enumerate(scene.a)),
        "h": h,
        "delta": {j: delta for j, delta in deltas.items() if j > k},
        "dW": {},
        "db": {},
        "r": h[scene.depth] - scene.rows,
        "g_prime": scene.g(k).slope,
    }


def corrected(scene, step):
    """What the corrected statement gives at the layer where a mistake was made."""
    names, k, part = names_at(scene, step.k), step.k, step.slip.part
    code = mistake_of(step, scene).code
    if part not in ("output", "slope", "back"):
        names["delta"][k] = errors_of(scene)[k - 1]
    if part == "decay":
        names["dW"][k] = scene.w * names["delta"][k].T @ scene.h[k - 1]
    exec(code, names)
    made = "delta" if part in ("output", "slope", "back") else "db" if part.startswith("bias") else "dW"
    return names[made][k]


def right(scene, step):
    """What should be there: the engine's."""
    part, k = step.slip.part, step.k
    dW, db = backward(scene)[k - 1]
    if part in ("output", "slope", "back"):
        return errors_of(scene)[k - 1]
    if part in ("decay", "block factor"):
        return dW
    return db if part.startswith("bias") else dW - scene.network.l2 * scene.W(k)


@pytest.mark.parametrize("name", SCENES)
def test_the_corrected_statement_of_every_mistake_gives_the_right_block(name):
    scene = SCENES[name]
    steps = [step for step in plantable(scene) if step.slip.part in RUN]
    assert len(steps) > 50
    for step in steps:
        found = corrected(scene, step)
        np.testing.assert_allclose(found, right(scene, step), rtol=1e-10, atol=1e-14, err_msg=repr(step))


def test_what_is_not_run_is_only_what_speaks_of_everything():
    kinds = {
        step.slip.kind for probe in PROBES.values() for step in plantable(probe.scene) if step.slip.part not in RUN
    }
    factors = {
        step.slip.kind for step in plantable(PROBES[next(iter(PROBES))].scene) if step.slip.part == "error factor"
    }
    assert kinds - factors == NOT_RUN


def test_a_wrong_statement_would_be_noticed():
    scene = PROBES[next(iter(PROBES))].scene
    step = next(step for step in plantable(scene) if step.slip.kind == "g′ missing")
    names = names_at(scene, step.k)
    exec(f"delta[{step.k}] = delta[{step.k + 1}] @ W[{step.k + 1}]", names)
    assert not np.allclose(names["delta"][step.k], right(scene, step))
