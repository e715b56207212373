# SPDX-License-Identifier: MIT
"""A mixed table as people have them: gaps everywhere, ids, dates, awkward names and values. Knows no command."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

N = 120
HEADER = ["house", "size, m²", "city", "built", "garden", '<i>"notes"</i>', "country", "price"]
CITIES = ["Köln", "São, Paulo", '<b>語</b> "x"']
LACKING = 21
"""This row has no price."""


def rows(n: int = N) -> list[list[str]]:
    """The rows, each a list of texts; a gap in every column but the id and the country."""
    random = np.random.default_rng(5)
    size, city = random.gamma(6, 15, n).round(1), random.integers(0, 3, n)
    garden, days = random.integers(0, 2, n), random.integers(0, 9000, n)
    price = (1000 * size + 20_000 * (city == 1) + 15_000 * garden + random.normal(0, 4000, n)).round(-2).astype(int)
    made = [
        [
            f"H-{i:03d}",
            f"{size[i]}",
            CITIES[city[i]],
            str(date(1990, 1, 1) + timedelta(int(days[i]))),
            ["no", "yes"][garden[i]],
            f"number {i} in a very quiet street",
            "DE",
            str(price[i]),
        ]
        for i in range(n)
    ]
    for column in (1, 2, 3, 4, 5):
        made[7 * column][column] = ""
    made[LACKING][-1] = ""
    return made


def write(path: Path, lines: list[list[str]], header: list[str] | None = None) -> Path:
    """A CSV file of them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header or HEADER, *lines])
    return path
