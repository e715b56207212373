# SPDX-License-Identifier: MIT
"""What the examples in docstrings may use without importing it."""

import numpy as np
import pytest

import culpa


@pytest.fixture(autouse=True)
def names_of_examples(doctest_namespace):
    doctest_namespace["np"] = np
    doctest_namespace["culpa"] = culpa
