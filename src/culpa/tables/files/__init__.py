# SPDX-License-Identifier: MIT
"""Files of tables: opened, recognised, read as they are, and written. Knows no kind of a column and no role."""
