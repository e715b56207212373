# SPDX-License-Identifier: MIT
"""Large files are read some columns at a time: the same frame, and the same faults, as read at once."""

import polars as pl
import pytest

from culpa.errors import CulpaError
from culpa.tables.files import delimited
from culpa.tables.files.forms import read_frame
from culpa.tables.roles import Form

ROWS = ["0.5,4,Rome,u"] * 20
TEXTS = {
    "even": "\n".join(["a,b,c,y", *ROWS]) + "\n",
    "quotes": "\n".join(["a,b,c,y", *ROWS, '1,2,"Rome, IT",v', '1,2,"a\nb",v']) + "\n",
    "blank lines": "\n".join(["a,b,c,y", *ROWS, "", *ROWS, "", ""]),
    "gaps at the end": "\n".join(["a,b,c,y", *ROWS, "1,2,x,"]),
}
FAULTS = {
    "too many": "\n".join(["a,b,c,y", *ROWS, "0.126,4,Rome,u,x,9", *ROWS]),
    "too few": "\n".join(["a,b,c,y", *ROWS, "0.126,4,Rome", *ROWS]),
    "too many with quotes": "\n".join(["a,b,c,y", *ROWS, '0.126,4,"Ro,me",u,x', *ROWS]),
    "too few with quotes": "\n".join(["a,b,c,y", *ROWS, '0.126,"Ro,me",u', *ROWS]),
}


@pytest.fixture(params=[10**9, 300, 50], ids=["at once", "some", "one by one"])
def at_once(request, monkeypatch):
    monkeypatch.setattr(delimited, "AT_ONCE", request.param)


@pytest.mark.parametrize("name", TEXTS)
def test_the_frame_is_the_same(name, at_once, tmp_path):
    (tmp_path / "t.csv").write_text(TEXTS[name])
    frame = read_frame(str(tmp_path / "t.csv"), Form())[0]
    plain = pl.read_csv(TEXTS[name].encode()).filter(pl.col("b").is_not_null())
    assert frame.equals(plain)


@pytest.mark.parametrize("name", FAULTS)
def test_a_row_of_another_width_is_refused(name, at_once, tmp_path):
    (tmp_path / "t.csv").write_text(FAULTS[name])
    with pytest.raises(CulpaError, match=r"Row 20 \(line 22\) has [3-6] fields, where there are 4 names"):
        read_frame(str(tmp_path / "t.csv"), Form())
