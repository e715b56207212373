# SPDX-License-Identifier: MIT
"""`python -m culpa` is the command `culpa`."""

import sys

from culpa.cli import main

if __name__ == "__main__":
    sys.exit(main())
