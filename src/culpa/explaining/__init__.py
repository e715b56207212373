# SPDX-License-Identifier: MIT
"""Where does this number come from? The derivation of a network's gradient as a small tree, printed in five forms."""
