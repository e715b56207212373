# SPDX-License-Identifier: MIT
"""Findings: what the numbers of a blame prove, in sentences, each with its evidence, a remedy and the next command."""
