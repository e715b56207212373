# SPDX-License-Identifier: MIT
"""Truths about a table that need no network: about its columns, its numbers, its rows, its target, and what leaks."""
