"""The ends of rows that COPY wrote."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from valeo_erp.exporting.copying import LineEnds

CELLS = st.text(st.sampled_from('a"\n,'), max_size=4)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6), st.integers(1, 7))
def test_rows_end_as_the_csv_module_ends_them_wherever_the_parts_are_cut(
    rows: list[tuple[str, str]], size: int
) -> None:
    copied, wanted = io.StringIO(newline=""), io.StringIO(newline="")
    csv.writer(copied, lineterminator="\n").writerows(rows)
    csv.writer(wanted, lineterminator="\r\n").writerows(rows)
    data, ends = copied.getvalue().encode(), LineEnds()

    written = b"".join(ends(data[start : start + size]) for start in range(0, len(data), size))

    assert written == wanted.getvalue().encode()
