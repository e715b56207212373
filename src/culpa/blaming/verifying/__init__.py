# SPDX-License-Identifier: MIT
"""Proof on one's own table: wrong labels are planted in a copy, and the label report has to find them."""
