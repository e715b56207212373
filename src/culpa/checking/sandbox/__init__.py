# SPDX-License-Identifier: MIT
"""The sandbox: somebody's function runs in a process of its own, and only numbers come back. Knows no gradient."""
