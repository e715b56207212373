# SPDX-License-Identifier: MIT
"""Stated shapes are true: what an annotation of the engine calls Signals, Values, Matrix, Vector or Flat has that shape.

Every public function, method, property and field of the engine whose annotation holds one of the five words is found by
walking the modules, called on a network whose sizes are all different, and measured; its dtype is the network's. One
that is found and not in the table of calls fails, so that no claim can be added without being held.
"""

import collections.abc
import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, NamedTuple, Protocol, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

import culpa
import culpa.engine
from culpa import ACTIVATIONS, LOSSES
from culpa.engine import arrays
from culpa.engine.arrays import Flat, Matrix, Signals, Values, Vector
from culpa.engine.factored import Gradient
from culpa.engine.factors import OuterProduct
from culpa.engine.forward import Step, forward
from culpa.engine.hidden import hidden_deltas
from culpa.engine.losses import softmax
from culpa.engine.output import output_delta

N, SIZES = 7, (5, 4, 3)  # n, d_0, d_1, d_2: all different
P = 4 * 5 + 4 + 3 * 4 + 3
WORDS = {Signals: "Signals", Values: "Values", Matrix: "Matrix", Vector: "Vector", Flat: "Flat"}
DTYPES = ["float32", "float64"]
MODULES = [importlib.import_module(f"culpa.engine.{module.name}") for module in pkgutil.iter_modules(culpa.engine.__path__)]


def meaning(word, k, width):
    """The shape that a word stands for in layer k = 1, 2, where a row of signals has `width` entries."""
    return {
        "Signals": (N, width),
        "Values": (N,),
        "Matrix": (SIZES[k], SIZES[k - 1]),
        "Vector": (SIZES[k],),
        "Flat": (P,),
    }[word]


def words_in(hint):
    """The words of an annotation, from left to right: those of a union, a tuple, a named tuple, a callable's answer."""
    if get_origin(hint) is Annotated:
        return [WORDS[hint]] if hint in WORDS else words_in(hint.__origin__)
    if get_origin(hint) is collections.abc.Callable:
        return words_in(get_args(hint)[-1])
    if get_origin(hint) in (Union, UnionType, tuple):
        return [word for part in get_args(hint) for word in words_in(part)]
    if inspect.isclass(hint) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return [word for part in get_type_hints(hint, include_extras=True).values() for word in words_in(part)]
    return []


def answer_of(thing):
    """The annotation of what a function or property gives; None for anything else."""
    function = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
    return get_type_hints(function, include_extras=True).get("return") if inspect.isfunction(function) else None


def claims_of(thing):
    """What a public function or class claims: name -> words."""
    if not inspect.isclass(thing):
        return {thing.__name__: words_in(answer_of(thing))}
    members = {name: answer_of(member) for name, member in vars(thing).items()}
    if is_dataclass(thing) or hasattr(thing, "_fields"):
        members |= get_type_hints(thing, include_extras=True)
    return {f"{thing.__name__}.{name}": words_in(hint) for name, hint in members.items() if not name.startswith("_")}


def public_things():
    """Every public function and class that a module of the engine defines; protocols hold no code."""
    for module in MODULES:
        for thing in (getattr(module, name) for name in module.__all__):
            defined_there = getattr(thing, "__module__", "") == module.__name__
            if defined_there and (inspect.isfunction(thing) or inspect.isclass(thing)) and Protocol not in thing.__mro__ if inspect.isclass(thing) else defined_there and inspect.isfunction(thing):
                yield thing
