# SPDX-License-Identifier: MIT
"""The argument, part by part: forward, output layer, hidden layers, parameters, and all examples together."""
