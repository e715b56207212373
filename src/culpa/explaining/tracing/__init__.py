# SPDX-License-Identifier: MIT
"""One number alone: where it comes from, what carries it, and who else finds it."""
