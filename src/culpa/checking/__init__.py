# SPDX-License-Identifier: MIT
"""Checking: is this gradient right, and if not, what is the mistake? Knows no training and no table."""
