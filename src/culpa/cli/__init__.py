# SPDX-License-Identifier: MIT
"""The command line: words become calls of the library's functions. Results on stdout, everything else on stderr.

Exit codes: 0 fine, 1 checked and found wrong, 2 bad input, 3 a fault of ours, 130 interrupted.
"""

from culpa.cli.entry import main

__all__ = ["main"]
