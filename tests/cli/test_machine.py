# SPDX-License-Identifier: MIT
"""What `culpa info` says of a machine: the hints, each shown a machine that has the fault and one that has not."""

import pytest

from culpa.cli import machine
from culpa.cli.machine import blas_pools, hints, product_speeds
from culpa.training.threads import core_count

GOOD = {"library": "openblas", "version": "0.3", "architecture": "SkylakeX", "threads": 2}
OLD = {**GOOD, "architecture": "Nehalem"}
FAST = {"1": 100.0, "2": 190.0}


@pytest.mark.parametrize(
    ("pools", "cores", "speeds", "environment", "words"),
    [
        ([GOOD], 2, FAST, {"OPENBLAS_CORETYPE": "Haswell"}, "env -u OPENBLAS_CORETYPE"),
        ([GOOD], 2, FAST, {"OPENBLAS_L2_SIZE": "1"}, "env -u OPENBLAS_L2_SIZE"),
        ([GOOD], 8, FAST, {"OMP_NUM_THREADS": "2"}, "holds BLAS to 2 of 8 cores"),
        ([GOOD], 1, FAST, {}, "2 threads on 1 core, "),
        ([OLD], 2, FAST, {}, "Nehalem kernel"),
        ([GOOD], 2, {"1": 100.0, "2": 99.0}, {}, "slower than one"),
        ([], 2, {"1": 100.0}, {}, "no number of threads"),
    ],
)
def test_a_fault_gives_one_hint(pools, cores, speeds, environment, words, monkeypatch):
    monkeypatch.setattr(machine, "processor_flags", lambda: {"avx2"})
    (hint,) = hints(pools, cores, speeds, environment)
    assert words in hint


def test_a_good_machine_gives_none(monkeypatch):
    monkeypatch.setattr(machine, "processor_flags", lambda: {"avx2"})
    assert hints([GOOD], 2, FAST, {"PATH": "/bin", "OPENBLAS_CORETYPE": ""}) == []
    monkeypatch.setattr(machine, "processor_flags", set)
    assert hints([OLD], 2, FAST, {}) == []


def test_what_is_measured_is_a_speed():
    assert list(product_speeds(1)) == ["1"]
    assert all(speed > 0 for speed in product_speeds(2).values())
    assert core_count() >= 1
    assert all(pool["threads"] >= 1 for pool in blas_pools())
