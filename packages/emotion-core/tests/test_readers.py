"""Reading rows of every form, with their places in the file."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.data.formats.txt import NO_LABEL
from emotion_core.data.readers import FORMATS, open_table
from emotion_core.errors import DataError

ROWS = [{"text": "so glad, so very glad", "label": "joy"}, {"text": 'he said "no"', "label": "anger"}]
any_text = st.text()
one_line_text = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that the examples of one test may write to again and again."""
    return tmp_path_factory.mktemp("readers")


def cells(table):
    """The cells of all rows."""
    return [row.cells for row in table]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_form_yields_the_same_rows(tmp_path, write_rows, suffix):
    """The same rows come out of each form, under the same column names, as often as they are asked for."""
    table = open_table(write_rows(tmp_path / f"data{suffix}", ROWS), labelled=True)
    assert table.columns == ("text", "label")
    assert cells(table) == ROWS
    assert cells(table) == ROWS


@pytest.mark.parametrize("suffix", [".CSV", ".Tsv", ".JSONL"])
def test_the_case_of_the_ending_does_not_matter(tmp_path, write_rows, suffix):
    """DATA.CSV is read like data.csv."""
    lower = write_rows(tmp_path / f"data{suffix.lower()}", ROWS)
    assert cells(open_table(lower.rename(tmp_path / f"DATA{suffix}"))) == ROWS


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@given(texts=st.lists(any_text, min_size=1, max_size=5))
def test_any_text_comes_back_from_a_delimited_file(folder, suffix, texts):
    """Delimiters, quotes, line ends, NUL and every plane survive in a quoted cell."""
    path = folder / f"any{suffix}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if suffix == ".tsv" else ",", quoting=csv.QUOTE_ALL)
        writer.writerows([["text", "label"], *([text, "joy"] for text in texts)])
    rows = list(open_table(path))
    assert [row.cells["text"] for row in rows] == texts
    assert [row.problem for row in rows] == [None] * len(texts)


@given(texts=st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=5), ascii_only=st.booleans())
def test_any_text_comes_back_from_a_jsonl_file(folder, texts, ascii_only):
    """Every text survives, a lone surrogate too when it is escaped."""
    path = folder / "any.jsonl"
    escape = ascii_only or any(0xD800 <= ord(char) <= 0xDFFF for text in texts for char in text)
    lines = [json.dumps({"text": text}, ensure_ascii=escape) + "\n" for text in texts]
    path.write_bytes("".join(lines).encode("utf-8"))
    assert [row.cells["text"] for row in open_table(path)] == texts


@given(texts=st.lists(one_line_text, min_size=1, max_size=5))
def test_any_line_comes_back_from_a_labelled_txt_file(folder, texts):
    """A text may hold semicolons, for the last one separates the label."""
    path = folder / "any.txt"
    path.write_bytes("".join(f"{text};joy\n" for text in ["first", *texts]).encode("utf-8"))
    assert cells(open_table(path, labelled=True))[1:] == [{"text": text, "label": "joy"} for text in texts]


@given(texts=st.lists(any_text, min_size=1, max_size=5))
def test_any_text_comes_back_from_a_parquet_file(folder, texts):
    """Every text survives."""
    path = folder / "any.parquet"
    pq.write_table(pa.table({"text": texts}), path)
    assert [row.cells["text"] for row in open_table(path)] == texts


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".txt"])
def test_a_byte_order_mark_is_no_part_of_the_data(tmp_path, write_rows, suffix):
    """Files that spreadsheets save as UTF-8 with a mark read as others do."""
    table = open_table(write_rows(tmp_path / f"data{suffix}", ROWS, encoding="utf-8-sig"), labelled=True)
    assert table.marked
    assert table.columns == ("text", "label")
    assert cells(table) == ROWS


def test_a_row_is_placed_by_the_line_on_which_it_starts(tmp_path):
    """Line ends inside quotes and blank lines between rows count."""
    path = tmp_path / "data.csv"
    path.write_text('text,label\n"one\ntwo",joy\n\nthree,fear\n', encoding="utf-8")
    assert [(row.line, row.cells["text"]) for row in open_table(path)] == [(2, "one\ntwo"), (5, "three")]


def test_a_blank_line_of_a_file_with_one_column_is_an_empty_text(tmp_path):
    """So that predictions stay in step with the lines."""
    path = tmp_path / "data.csv"
    path.write_text("text\none\n\nthree\n", encoding="utf-8")
    assert [row.cells["text"] for row in open_table(path)] == ["one", "", "three"]


def test_rows_of_jsonl_are_placed_by_line_and_blank_lines_are_passed_over(tmp_path):
    """A blank line holds no row, and is counted."""
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "one"}\n\n{"text": "two"}\n', encoding="utf-8")
    assert [(row.line, row.cells["text"]) for row in open_table(path)] == [(1, "one"), (3, "two")]


def test_the_keys_of_all_jsonl_rows_are_columns(tmp_path):
    """A key that comes first in the last line is a column too."""
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two", "label": 1}\n', encoding="utf-8")
    assert open_table(path).columns == ("text", "label")


def test_rows_of_parquet_are_counted_across_batches(tmp_path):
    """Rows are numbered from 1 through the whole file, however it is cut into groups."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"text": [str(n) for n in range(1, 20_001)]}), path, row_group_size=3000)
    table = open_table(path)
    assert table.unit == "row"
    assert all(str(row.line) == row.cells["text"] for row in table)


def test_a_cell_may_be_longer_than_the_limit_of_the_csv_module(tmp_path, write_rows):
    """A text of a million characters is read."""
    path = write_rows(tmp_path / "data.csv", [{"text": "x" * 1_000_000, "label": "joy"}])
    assert len(cells(open_table(path))[0]["text"]) == 1_000_000


def test_the_limit_of_the_csv_module_fits_every_system():
    """It is a C long, which has 32 bits on Windows."""
    assert csv.field_size_limit() <= 2**31 - 1


@pytest.mark.parametrize("line", ["wait; what", "back soon <3;3", "my phone died; love", "text;joy"])
def test_each_line_of_a_txt_file_is_a_text(tmp_path, line):
    """Unless labels are asked for, a semicolon belongs to the text, whatever follows it."""
    path = tmp_path / "data.txt"
    path.write_text(f"{line}\nfine\n", encoding="utf-8")
    table = open_table(path)
    assert table.columns == ("text",)
    assert cells(table) == [{"text": line}, {"text": "fine"}]


def test_a_txt_line_without_a_label_is_a_bad_row_among_labelled_ones(tmp_path):
    """It keeps its line, and says which form was expected."""
    path = tmp_path / "data.txt"
    path.write_text("fine;joy\nno label here\nlost;sadness\n", encoding="utf-8")
    assert [(row.line, row.problem) for row in open_table(path, labelled=True) if row.problem] == [(2, NO_LABEL)]


def test_plain_texts_are_not_read_as_labelled_ones(tmp_path):
    """One line that ends like a label does not make a file of text;emotion; the first line that breaks it is named."""
    path = tmp_path / "data.txt"
    path.write_text("one;joy\n\ntwo\nthree\n", encoding="utf-8")
    table = open_table(path, labelled=True)
    assert table.columns == ("text",)
    assert table.lacks.startswith(f"{path}, line 3: found no ';emotion'")
    assert "2 of 3 lines have none" in table.lacks


def test_a_labelled_txt_line_without_a_text_has_an_empty_text(tmp_path):
    """The line ;joy is not taken for a text that reads ';joy'."""
    path = tmp_path / "data.txt"
    path.write_text("fine;joy\n;joy\n", encoding="utf-8")
    assert cells(open_table(path, labelled=True))[1] == {"text": "", "label": "joy"}


@pytest.mark.parametrize(
    ("line", "found"), [("one", "found 1 cells"), ("a,b,c", "found 3 cells"), ('a,"b"c,d', "expected after")]
)
def test_a_row_of_another_width_or_with_stray_quotes_is_told_with_its_line(tmp_path, line, found):
    """Such a row carries its problem, or stops the reading, and names its line either way."""
    path = tmp_path / "data.csv"
    path.write_text(f"text,label\nfine,joy\n{line}\n", encoding="utf-8")
    try:
        problem = f"line {list(open_table(path))[-1].line}: {list(open_table(path))[-1].problem}"
    except DataError as error:
        problem = str(error)
    assert "line 3: " in problem
    assert found in problem


def test_an_invalid_text_inside_a_parquet_file_is_told_as_such(tmp_path):
    """A string column with bytes that are not UTF-8 is refused without advice on saving a text file."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"text": pa.array([b"caf\xe9"], pa.binary()).view(pa.string())}), path)
    with pytest.raises(DataError, match=r"data\.parquet, after row 0: found a text with the byte 0xe9, expected UTF-8"):
        list(open_table(path))


def test_blank_lines_are_rows_of_plain_texts_only(tmp_path):
    """Blank lines count as rows in a txt file of plain texts and are passed over in one with labels."""
    plain, labelled = tmp_path / "plain.txt", tmp_path / "labelled.txt"
    plain.write_text("one\n\ntwo\n", encoding="utf-8")
    labelled.write_text("one;joy\n\ntwo;fear\n", encoding="utf-8")
    assert [row.cells["text"] for row in open_table(plain)] == ["one", "", "two"]
    assert [(row.line, row.cells["text"]) for row in open_table(labelled, labelled=True)] == [(1, "one"), (3, "two")]
