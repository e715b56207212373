# SPDX-License-Identifier: MIT
"""Deciding: the list of suspects goes out, a person's decisions come back, and the corrected table is measured."""
