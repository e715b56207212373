# SPDX-License-Identifier: MIT
"""culpa: where does this gradient come from, is it right, and who is to blame for the loss?"""

from culpa.blaming.account import Blame
from culpa.blaming.accounting import blame
from culpa.blaming.investigating import Investigation, investigate
from culpa.blaming.verifying.verification import Verification
from culpa.blaming.verifying.verifying import verify
from culpa.checking.asserting import assert_gradient
from culpa.checking.functions import check_function
from culpa.checking.mistakes.diagnosing import diagnose
from culpa.checking.mistakes.diagnosis import Diagnosis, Mistake
from culpa.checking.networks import check
from culpa.checking.pullbacks import check_vjp
from culpa.checking.verdicts import Check
from culpa.engine.activations import ACTIVATIONS, Activation
from culpa.engine.factored import Gradient, NoiseScale
from culpa.engine.gradient import gradient, gradients, pull_back
from culpa.engine.losses import LOSSES, Loss
from culpa.engine.network import Layer, Network, flatten, unflatten
from culpa.engine.predicting import classes, predict, score
from culpa.errors import (
    CulpaError,
    CulpaWarning,
    DataError,
    FileError,
    NumericalError,
    OptionError,
    ShapeError,
    UnfinishedError,
)
from culpa.explaining.derivation import Explanation
from culpa.explaining.exercising import Exercise, exercise
from culpa.explaining.explaining import explain
from culpa.storing import load, save
from culpa.tables.columns import Columns
from culpa.tables.looking import Look, look
from culpa.tables.table import Table, read_table
from culpa.tables.truths.truth import Truth
from culpa.training.fitting import fit
from culpa.training.many import fit_many
from culpa.training.record import Training
from culpa.training.schedules import Schedule

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "Blame",
    "Check",
    "Columns",
    "CulpaError",
    "CulpaWarning",
    "DataError",
    "Diagnosis",
    "Exercise",
    "Explanation",
    "FileError",
    "Gradient",
    "Investigation",
    "Layer",
    "Look",
    "Loss",
    "Mistake",
    "Network",
    "NoiseScale",
    "NumericalError",
    "OptionError",
    "Schedule",
    "ShapeError",
    "Table",
    "Training",
    "Truth",
    "UnfinishedError",
    "Verification",
    "assert_gradient",
    "blame",
    "check",
    "check_function",
    "check_vjp",
    "classes",
    "diagnose",
    "exercise",
    "explain",
    "fit",
    "fit_many",
    "flatten",
    "gradient",
    "gradients",
    "investigate",
    "load",
    "look",
    "predict",
    "pull_back",
    "read_table",
    "save",
    "score",
    "unflatten",
    "verify",
]
