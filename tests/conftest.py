# SPDX-License-Identifier: MIT
"""What every test may use: the import path of the helpers, Hypothesis' profile, and the array libraries as a fixture.

The helpers are imported as `tests.cases` and `tests.oracles.…`, from the root of the repository. The folder `tests`
itself must not be on the path: without PyTorch installed, a folder `tests/torch` there would pass for `torch`, and what
ought to be skipped would run and fail.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from culpa import Gradient

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

# No deadline, because no test measures time; derandomised, so that a run of the suite can be repeated.
settings.register_profile("culpa", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("culpa")


@dataclass(frozen=True, slots=True)
class ArrayLibrary:
    """One library of arrays: its way in from NumPy, and what its own arrays are."""

    name: str
    array: Callable[[Any], Any]
    kind: type

    def __repr__(self) -> str:
        return self.name

    def gradient(self, g: Gradient) -> Gradient:
        """The same gradient with every factor as an array of this library."""
        w = self.array(g.w)
        layers = (
            replace(layer, **{name: self.array(getattr(layer, name)) for name in ("delta", "h", "W")}, w=w)
            for layer in g.layers
        )
        return Gradient(self.array(g.losses), w, tuple(layers))

    def numpy(self, answer: object) -> np.ndarray:
        """An answer of this library as a NumPy array; an answer of another kind is refused."""
        assert isinstance(answer, self.kind), f"expected {self.kind}, got {type(answer)}"
        return np.asarray(answer)


@pytest.fixture(params=["numpy", "torch"])
def arrays(request: pytest.FixtureRequest) -> ArrayLibrary:
    """Each library of arrays on which the factors' formulas must run."""
    if request.param == "numpy":
        return ArrayLibrary("numpy", np.array, np.ndarray)
    torch = pytest.importorskip("torch", reason="the factors on tensors need PyTorch")
    return ArrayLibrary("torch", lambda array: torch.from_numpy(np.array(array)), torch.Tensor)
