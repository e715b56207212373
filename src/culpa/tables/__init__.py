# SPDX-License-Identifier: MIT
"""Tables: from data with names to arrays, and back to names. Knows no network."""
