# SPDX-License-Identifier: MIT
"""The accounts that blame keeps: running sums over the rows, and tables of layers, units, weights and columns."""
