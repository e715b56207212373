# SPDX-License-Identifier: MIT
"""The label report: which rows' labels, or target values, look wrong, why, and how many they are."""
