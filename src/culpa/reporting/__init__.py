# SPDX-License-Identifier: MIT
"""Primitives for showing things: progress, terminal tables, frames of results. Knows no verb and no network."""
