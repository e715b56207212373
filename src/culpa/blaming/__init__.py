# SPDX-License-Identifier: MIT
"""Blame: which layers and which training examples carry the loss. Computes from gradients; draws for terminals."""
