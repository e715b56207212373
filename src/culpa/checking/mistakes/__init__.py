# SPDX-License-Identifier: MIT
"""Mistakes: a dictionary of what people write wrongly in a backward pass, and the search for what explains a gradient.

Read in this order: scene (the pass with its lines replaced), lines and constants (the rows), dictionary, claims
(somebody's gradient), reading, cases, fitting, layers, mixing, searching, objectives, diagnosing; then
probes, calling, joining and files, for functions in place of arrays.
"""
