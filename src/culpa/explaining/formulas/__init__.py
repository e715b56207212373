# SPDX-License-Identifier: MIT
"""The functions of the engine's tables as formulas, and the steps of the derivation in NumPy."""
