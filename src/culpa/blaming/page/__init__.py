# SPDX-License-Identifier: MIT
"""The report as one page that needs nothing but a browser: what is wrong with which rows, why, and what to do."""
