# SPDX-License-Identifier: MIT
"""Training: optimisers, the loop, how rows are split, and the record that a training leaves. Knows no table."""
