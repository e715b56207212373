# SPDX-License-Identifier: MIT
"""The laboratory at the end of a small network's page: one weight to turn beside its loss curve."""
