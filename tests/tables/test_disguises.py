# SPDX-License-Identifier: MIT
"""Disguises: texts that are numbers but for something are refused with what mends it, and codes and words are not."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.errors import DataError
from culpa.tables.kinds import judge

N = 60
NUMBERS = [str(100 + 7 * i) for i in range(N)]
REFUSED = {
    "one word in five": (["unknown" if i % 5 == 0 else text for i, text in enumerate(NUMBERS)], "--missing unknown"),
    "two words": (["n/k" if i % 5 == 0 else "-" if i % 7 == 1 else text for i, text in enumerate(NUMBERS)],
                  "--missing n/k --missing=- reads them"),
    "percents": ([f"{text}%" for text in NUMBERS], "take '%' out"),
    "a unit": ([f"{text} km" for text in NUMBERS], "take 'km' out"),
    "dollars": ([f"${text},000" for text in NUMBERS], "take '$' out"),
    "euros behind": ([f"{text}.000 €" for text in NUMBERS], "take '€' out"),
    "blanks between thousands": ([f"{text} 577" for text in NUMBERS], "--thousands ' '"),
    "narrow blanks": ([f"{text}\u202f577" for text in NUMBERS], "--thousands ' '"),
    "apostrophes": ([f"{text}'577" for text in NUMBERS], "--thousands \"'\""),
}  # fmt: skip
TAKEN = {
    "codes among numbers": (["1", "2", "3", "A", "B"] * 12, "category"),
    "sizes in a unit": (["10 mg", "20 mg", "50 mg"] * 20, "category"),
    "many words among numbers": ([text if i % 3 else f"w{i}x" for i, text in enumerate(NUMBERS)], "id"),
    "codes of many units": ([f"{text}{'abcdef'[i % 6]}" for i, text in enumerate(NUMBERS)], "id"),
    "names": ([f"A{text}" for text in NUMBERS], "id"),
    "codes with zeros": ([f"{i:04}" for i in range(N)], "id"),
    "texts that are numbers": (NUMBERS, "number"),
    "texts that count": ([str(i) for i in range(N)], "id"),
    "few texts that are numbers": (["1", "2", "3"] * 20, "category"),
    "longer than 64 bits": ([f"9{i:030}" for i in range(N)], "id"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_numbers_in_disguise_are_refused_by_row_and_remedy(name):
    texts, hint = REFUSED[name]
    with pytest.raises(DataError, match=r"Row 0 of the column 'a b' holds .*, (where|a number with)") as caught:
        judge(pl.Series("a b", texts))
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", TAKEN)
def test_what_may_be_meant_so_is_taken(name):
    texts, kind = TAKEN[name]
    assert judge(pl.Series("a", texts)).kind == kind


def test_a_frame_of_texts_is_read_as_its_file_is(tmp_path):
    frame = pl.DataFrame({"a": NUMBERS, "y": [str(round(1.5 + i / 3, 3)) for i in range(N)]})
    frame.write_csv(tmp_path / "t.csv")
    from_file, from_frame = culpa.read_table(tmp_path / "t.csv", "y"), culpa.read_table(frame, "y")
    assert from_frame.raw.task == from_file.raw.task == "regression"
    np.testing.assert_array_equal(from_file.X, from_frame.X)
    np.testing.assert_array_equal(from_file.y, from_frame.y)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("task", [None, "regression"])
def test_no_hint_would_take_the_answers_of_a_target_away(name, task):
    with pytest.raises(DataError, match="Row 0 of the column 'y'") as caught:
        culpa.read_table({"x": np.arange(N) % 7, "y": REFUSED[name][0]}, "y", task=task)
    assert "--missing" not in caught.value.hint
