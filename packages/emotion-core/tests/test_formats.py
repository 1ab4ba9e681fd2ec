"""What we write is read back cell for cell, and so is what other programs write."""

import csv
import gzip
import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_core import Classifier, Columns, load_dataset
from emotion_core.data.formats.table import FORMAT_NAMES, Reading
from emotion_core.data.formats.writing import write_rows as write_delimited
from emotion_core.data.readers import open_table
from emotion_core.errors import DataError
from emotion_core.inference.predict import checked_table, predict_table

HARD = st.text(
    st.one_of(st.sampled_from("\r\n\"',;\t|\0 a\u2028\x85\ufeff"), st.characters(codec="utf-8")), max_size=12
)
TEXT_FORMATS = [name for name in FORMAT_NAMES if name != "parquet"]
ROWS = st.lists(st.tuples(HARD, HARD), min_size=1, max_size=6)
NO_LONE_CR = ROWS.map(lambda rows: [tuple(cell.replace("\r", "\n") for cell in row) for row in rows])
"""Python's own writer leaves a lone carriage return bare before 3.11.9, and so do the programs that use it."""


class Uniform(Classifier):
    """A classifier that knows nothing and costs nothing."""

    def raw_probabilities(self, texts, progress):
        """Probabilities, shape (n, 6)."""
        return np.full((len(texts), 6), 1 / 6, dtype=np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that the examples of one test may write to again and again."""
    return tmp_path_factory.mktemp("formats")


def cells(path, *columns, **reading):
    """The cells of these columns, row by row; no row has a problem."""
    rows = list(open_table(path, Reading(**reading)))
    assert [row.problem for row in rows] == [None] * len(rows)
    return [tuple(row.cells[name] for name in columns) for row in rows]


# What we write


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize("marked", [False, True])
@given(rows=ROWS)
def test_every_cell_that_is_written_is_read_back(folder, suffix, marked, rows):
    """By our reader, which finds a mark again, and by pandas."""
    path = folder / f"own{suffix}"
    write_delimited(path, ("id", "text"), rows, marked=marked)
    assert cells(path, "id", "text") == rows
    assert open_table(path).marked == marked
    if int(pd.__version__.partition(".")[0]) < 3 and any("\0" in cell for row in rows for cell in row):
        return  # which earlier versions of pandas end a cell at
    read = pd.read_csv(path, sep="," if suffix == ".csv" else "\t", dtype=str, keep_default_na=False)
    assert list(read.itertuples(index=False, name=None)) == rows


@pytest.mark.parametrize("target", [".csv", ".tsv", ".jsonl", ".parquet"])
@given(rows=ROWS)
@settings(max_examples=50)
def test_every_cell_that_is_predicted_is_read_back(folder, target, rows):
    """From jsonl, which can hold every text, into each format."""
    source, output = folder / "in.jsonl", folder / f"out{target}"
    source.write_text("".join(json.dumps({"id": id_, "text": text}) + "\n" for id_, text in rows), encoding="utf-8")
    predict_table(Uniform(), checked_table(source, "text"), output, force=True)
    assert cells(output, "id", "text") == rows


# What pandas, Python, Excel and LibreOffice write

PANDAS = {
    "csv": {},
    "csv, numbered": {"index": True},
    "csv, all quoted": {"quoting": csv.QUOTE_ALL},
    "csv with a mark": {"encoding": "utf-8-sig"},
    "csv, UTF-16": {"encoding": "utf-16"},
    "csv, semicolons": {"sep": ";"},
    "csv, bars": {"sep": "|", "lineterminator": "\r\n"},
    "tsv": {"sep": "\t"},
    "csv.gz": {"compression": "gzip"},
}


@pytest.mark.parametrize("form", PANDAS)
@given(rows=NO_LONE_CR)
@settings(max_examples=50)
def test_csv_of_pandas_is_read(folder, form, rows):
    """With its usual options, whatever the delimiter, the encoding and the quotes."""
    suffix = form.partition(",")[0].partition(" ")[0]
    path = folder / f"pandas.{suffix}"
    pd.DataFrame(rows, columns=["id", "text"]).to_csv(path, **({"index": False} | PANDAS[form]))
    assert cells(path, "id", "text") == rows


SPREADSHEETS = {
    "Excel, CSV UTF-8": ("csv", "utf-8-sig", {"dialect": "excel"}),
    "Excel, CSV UTF-8 with semicolons": ("csv", "utf-8-sig", {"dialect": "excel", "delimiter": ";"}),
    "Excel, Unicode text": ("tsv", "utf-16", {"dialect": "excel-tab"}),
    "LibreOffice": ("csv", "utf-8", {"dialect": "unix", "quoting": csv.QUOTE_MINIMAL}),
    "LibreOffice, quote all text cells": ("csv", "utf-8", {"dialect": "unix", "quoting": csv.QUOTE_NONNUMERIC}),
    "LibreOffice, UTF-16": ("csv", "utf-16-le", {"dialect": "unix", "delimiter": ";", "quoting": csv.QUOTE_ALL}),
}


@pytest.mark.parametrize("program", SPREADSHEETS)
@pytest.mark.parametrize("empty", [0, 3])
@given(rows=NO_LONE_CR)
@settings(max_examples=50)
def test_csv_of_spreadsheets_is_read(folder, program, empty, rows):
    """In the forms that they document, with empty columns at the end or without."""
    form, encoding, options = SPREADSHEETS[program]
    path = folder / "sheet.txt"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **options).writerows([*row, *[""] * empty] for row in [("id", "text"), *rows])
    assert cells(path, "id", "text", format=form) == rows


ORIENTS = {
    "array": {"orient": "records"},
    "array, indented": {"orient": "records", "indent": 2},
    "lines": {"orient": "records", "lines": True},
    "columns": {"orient": "columns"},
    "columns, indented": {"orient": "columns", "indent": 2},
    "index": {"orient": "index"},
    "split": {"orient": "split"},
    "table": {"orient": "table"},
}


@pytest.mark.parametrize("form", ORIENTS)
@pytest.mark.parametrize("ending", ["json", "jsonl", "json.gz"])
@given(rows=ROWS)
@settings(max_examples=20)
def test_json_of_pandas_is_read(folder, form, ending, rows):
    """As an array, as lines and by column, whatever the ending."""
    path = folder / f"pandas.{ending}"
    pd.DataFrame(rows, columns=["id", "text"]).to_json(path, force_ascii=False, **ORIENTS[form])
    assert cells(path, "id", "text") == rows


@given(rows=ROWS)
@settings(max_examples=20)
def test_parquet_of_pandas_is_read(folder, rows):
    """Compressed once more, too."""
    path, packed = folder / "pandas.parquet", folder / "pandas.parquet.gz"
    pd.DataFrame(rows, columns=["id", "text"]).to_parquet(path)
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert cells(path, "id", "text") == cells(packed, "id", "text") == rows


# csv: delimiter, header, empty columns


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text;label\nso glad, so very glad;joy\n", "semicolons"),
        ("text|label\nso glad; so very glad|joy\n", "vertical bars"),
        ("sep=;\r\ntext;label\r\nso glad;joy\r\n", "semicolons"),
        ("\ufeffsep=|\ntext|label\nso glad|joy\n", "vertical bars"),
        ("text;label\n", "semicolons"),
    ],
)
def test_another_delimiter_is_found_and_said(tmp_path, suffix, content, said):
    """The note names it, and the columns are those of the header."""
    path = tmp_path / f"data{suffix}"
    path.write_bytes(content.encode())
    table = open_table(path)
    assert table.columns == ("text", "label")
    assert [row.cells["label"] for row in table] == ["joy"] * ("glad" in content)
    assert len(table.notes) == 1
    assert table.notes[0].startswith(f"{path}: the cells are separated by {said}, not by ")


@pytest.mark.parametrize("content", ["text\none; two\n", "text\na|b\nc|d\n", "text,label\na;b,joy\nc;d,fear\n"])
def test_the_usual_delimiter_stays_where_the_header_has_no_other(tmp_path, content):
    """Semicolons and bars in texts are parts of the texts."""
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    table = open_table(path)
    assert (table.columns[0], table.notes) == ("text", ())
    assert all(";" in row.cells["text"] or "|" in row.cells["text"] for row in table)


@pytest.mark.parametrize(
    "content",
    [
        "text,label,,,\nso glad,joy,,,\nlost,sadness,,,\n",
        "text,label\nso glad,joy,,\nlost,sadness,\n",
        "text,label,\nso glad,joy\nlost,sadness,,\n",
        ",,\ntext,label,\nso glad,joy,\nlost,sadness,\n",
    ],
)
def test_empty_cells_at_the_end_of_rows_are_left_out(tmp_path, content):
    """Of the header, of the rows, or of both; a cell that holds something there is a fault of its row."""
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    assert open_table(path).columns == ("text", "label")
    assert cells(path, "text", "label") == [("so glad", "joy"), ("lost", "sadness")]
    path.write_text(f"{content}so,sad,really\n", encoding="utf-8")
    assert "found 3 cells, expected 2" in list(open_table(path))[-1].problem


def test_columns_without_a_name_are_told_apart(tmp_path):
    """pandas writes the levels of a MultiIndex so; a single one keeps its empty name."""
    path = tmp_path / "data.csv"
    index = pd.MultiIndex.from_product([["a"], [1, 2]])
    pd.DataFrame({"text": ["so glad", "lost"]}, index=index).to_csv(path)
    assert open_table(path).columns == ("Unnamed: 0", "Unnamed: 1", "text")
    pd.DataFrame({"text": ["so glad", "lost"]}).to_csv(path)
    assert open_table(path).columns == ("", "text")


@pytest.mark.parametrize(
    "row",
    ["i feel so very lost,sadness", "lost,sadness", "7,so glad today", "one text in a file of texts", "so glad,1"],
)
def test_a_file_without_a_header_is_told_before_a_row_is_lost(tmp_path, row):
    """Its first line is shown, and the advice is a header and not a column with the name of a text."""
    path = tmp_path / "data.csv"
    path.write_text(f"{row}\n" * 3, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.csv, line 1: found '.*', which looks like a row\. Put a line of"):
        checked_table(path, "text")


def test_the_cells_of_a_first_row_are_no_names_of_columns(tmp_path):
    """Nobody loses the first row by naming its cells as the columns."""
    path = tmp_path / "data.csv"
    path.write_text("so glad today,joy\nlost,sadness\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.csv, line 1: found 'so glad today', 'joy', which looks like a row"):
        load_dataset(path, Columns("so glad today", "joy"))


@pytest.mark.parametrize("names", ["tweet,feeling", "0,1", "Tweet text,mood", "id,joy,anger"])
def test_column_names_do_not_look_like_a_row(tmp_path, names):
    """A missing column is told with those that there are."""
    path = tmp_path / "data.csv"
    path.write_text(f"{names}\n", encoding="utf-8")
    with pytest.raises(DataError, match="the column 'text' is missing, found '"):
        checked_table(path, "text")


# Quotation marks


@pytest.mark.parametrize(
    "content",
    [
        'text,label\na fine day,joy\n"so this is it,sadness\nno more words,sadness\nhe left",joy\nlater,fear\n',
        'id,text\n1,"what a day\n2,the train never came\n3,my boss shouted again\n4,he left"\n5,i am alone\n',
        'day,user,text\n2026-01-01,u1,"well\n2026-01-02,u7,no\n2026-01-03,u9,yes"\n',
        'text,label\r\n"one,0\r\ntwo",3\r\n',
    ],
)
def test_a_quoted_cell_that_swallows_rows_is_told(tmp_path, content):
    """The lines are named; read without quotation marks each is a row, and whoever means the cell gets it."""
    path = tmp_path / "data.csv"
    path.write_bytes(content.encode())
    with pytest.raises(DataError, match=r"data\.csv, line \d: a quoted cell goes on to line \d.*--quoting none"):
        list(open_table(path))
    lines = len(content.splitlines()) - 1
    assert len(list(open_table(path, Reading(quoting="none")))) == lines
    assert len(list(open_table(path, Reading(quoting="standard")))) < lines


@pytest.mark.parametrize(
    "text", ["we won, we\nactually won", "Dear all,\nthanks, and\nbye", "1, 2\n3, 4", "a\n7,b", 'he said "no,1"\n7,b']
)
def test_a_text_of_several_lines_is_no_swallowed_row(tmp_path, text):
    """Commas in its lines do not make rows of them."""
    path = tmp_path / "data.csv"
    pd.DataFrame({"id": [5], "text": [text], "label": ["joy"]}).to_csv(path, index=False)
    assert cells(path, "text") == [(text,)]


def test_quotation_marks_can_be_parts_of_the_texts(tmp_path):
    """With quoting none, as SemEval and GoEmotions are given away; without it the message says so."""
    path = tmp_path / "data.tsv"
    path.write_text('text\tlabel\n"Second day\tsadness\nThird "best" day\tjoy\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.tsv, line 2: .*read the file with --quoting none"):
        list(open_table(path))
    assert cells(path, "text", quoting="none") == [('"Second day',), ('Third "best" day',)]


# What is something else


@pytest.mark.parametrize("name", TEXT_FORMATS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n", "is a pointer of Git LFS"),
        (b"\n<!DOCTYPE html>\n<html lang=en>", r"is a web page \(HTML\)"),
        (b"\xef\xbb\xbf<HTML><head>", r"is a web page \(HTML\)"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is XML"),
        (b"PK\x03\x04\x14\x00", "is an Excel workbook or another zip archive"),
        (b"PAR1\x15\x04", "is a parquet file, expected text"),
        (gzip.compress(b"text,label\n" * 99, mtime=0)[:-12], "the gzip file is damaged or incomplete"),
        (b"", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
    ],
)
def test_what_is_no_text_is_called_what_it_is(tmp_path, name, content, message):
    """One message names the file, what it is and what helps."""
    path = tmp_path / f"data.{name}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"data\.{name}: .*{message}"):
        list(open_table(path))


@pytest.mark.parametrize(
    "content", [b"version https://git-lfs.github.com/spec/v1\n", b"<!doctype html>", b"text,label"]
)
def test_what_is_no_parquet_file_is_told(tmp_path, content):
    """A pointer of Git LFS as such, all else as unreadable."""
    path = tmp_path / "data.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"data\.parquet: (the file is a pointer of Git LFS|not a readable parquet)"):
        open_table(path)


@pytest.mark.parametrize(
    "content",
    ['[{"text": "a"} {"text": "b"}]', '[{"text": "a"}', '[{"text": "a"}] x', '["a"]', "[1]", "[", "[]", "3", "{}"],
)
def test_json_that_holds_no_rows_is_told(tmp_path, content):
    """With the line or row where it goes wrong."""
    path = tmp_path / "data.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.json(, (line|row) 1)?: "):
        list(open_table(path))


# Streams


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_a_named_pipe_is_read_once(tmp_path, write_rows, form):
    """What its format is, its ending or --format says; its rows come as often as they are asked for."""
    data = write_rows(tmp_path / f"data.{form}", [{"text": "so glad"}])
    for name, reading in ((f"pipe.{form}", {}), ("pipe", {"format": form})):
        os.mkfifo(tmp_path / name)
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit((tmp_path / name).write_bytes, data.read_bytes())
            table = open_table(tmp_path / name, Reading(**reading))
            assert written.result()
        assert [row.cells for row in table] == [row.cells for row in table] == [{"text": "so glad"}]


def test_a_stream_without_a_format_is_asked_for_one(tmp_path):
    """Its name says nothing, and the message names the option."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"pipe: found no ending, .*say with --format what it is"):
        open_table(tmp_path / "pipe")


# parquet


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HARD,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(first=NESTED, last=NESTED, before=st.sampled_from([1, 5000]))
@settings(max_examples=60)
def test_values_of_json_come_through_parquet_unchanged_or_are_refused(folder, first, last, before):
    """Also those far from the first rows; an object may gain keys without a value."""
    source, output = folder / "nested.jsonl", folder / "nested.parquet"
    lines = [json.dumps({"text": "a", "u": value}) + "\n" for value in (first, last)]
    source.write_text(lines[0] * before + lines[1], encoding="utf-8")
    try:
        predict_table(Uniform(), checked_table(source, "text"), output, force=True)
    except DataError as error:
        assert "values that parquet cannot store together" in str(error)  # noqa: PT017
        return
    stored = pq.read_table(output)["u"]
    assert unchanged(first, stored[0].as_py())
    assert unchanged(last, stored[-1].as_py())


def unchanged(before, after):
    """Whether a value is what it was, but for keys without a value."""
    if isinstance(before, dict):
        return all(unchanged(before.get(key), after[key]) for key in after) and set(before) <= set(after)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(unchanged, before, after))
    return (before == after and isinstance(before, bool) == isinstance(after, bool)) or before != before != after


def beyond_python():
    """A table with values that Python cannot hold, or would cut."""
    large = pa.array([2**62, None, 5], pa.int64())
    columns = {
        "text": ["a", None, "c"],
        "length": large.cast(pa.duration("ms")),
        "time": large.cast(pa.timestamp("us", "UTC")),
        "clock": pa.array([1, None, 1001], pa.int64()).cast(pa.time64("ns")),
        "times": pa.array([[2**62], None, []], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("ms"))),
        "day": pa.array([2**31 - 1, None, 0], pa.int32()).cast(pa.date32()),
        "kind": pa.array(["x", None, "y"]).dictionary_encode(),
        "pairs": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    }
    return pa.table(columns)


def test_columns_of_parquet_pass_through_as_they_are(tmp_path):
    """Whatever their types: no value has to become one of Python, however many rows there are."""
    table = pa.concat_tables([beyond_python()] * 4000).unify_dictionaries()
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3001)
    predict_table(Uniform(), checked_table(tmp_path / "a.parquet", "text"), tmp_path / "b.parquet")
    written = pq.read_table(tmp_path / "b.parquet")
    assert written.select(table.column_names).equals(table)
    assert written["predicted_emotion"].null_count == 4000


@pytest.mark.parametrize("target", ["csv", "jsonl"])
def test_values_beyond_python_become_numbers_in_text(tmp_path, target):
    """A date beyond its years is the number that Arrow holds, a time keeps its nanoseconds."""
    pq.write_table(beyond_python(), tmp_path / "a.parquet")
    predict_table(Uniform(), checked_table(tmp_path / "a.parquet", "text"), tmp_path / f"b.{target}")
    first = next(iter(open_table(tmp_path / f"b.{target}"))).cells
    assert (str(first["time"]), first["clock"], str(first["day"])) == (str(2**62), "00:00:00.000000001", str(2**31 - 1))
    assert json.loads(str(first["times"])) == [2**62]


@pytest.mark.parametrize("splits", ["train", "train validation test"])
def test_json_with_lists_below_names_is_told(tmp_path, splits):
    """Splits in one document are no columns, also if they are equally long; the lists are named."""
    path = tmp_path / "data.json"
    path.write_text(json.dumps({split: [{"text": "a", "label": 1}] for split in splits.split()}), encoding="utf-8")
    with pytest.raises(DataError, match=rf"data\.json: holds its rows in lists below {splits.replace(' ', ', ')},"):
        open_table(path)


def test_labelled_text_between_tabs_is_told_how_it_is_read(tmp_path):
    """A spreadsheet's "Unicode text" ends in .txt and has cells between tabs."""
    path = tmp_path / "data.txt"
    path.write_text("text\tlabel\nso glad\tjoy\n", encoding="utf-16")
    with pytest.raises(DataError, match=r"data\.txt, line 1: .* Tabs divide 2 of them: .* add --format tsv\."):
        load_dataset(path)


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_a_key_that_stands_twice_in_an_object_is_told(tmp_path, form):
    """Python's parser would keep the last value and drop the others."""
    path, row = tmp_path / f"data.{form}", '{"text": "a", "text": "b"}'
    path.write_text(f"[{row}]" if form == "json" else row, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.\w+, (line|row) 1: .*the key 'text' stands twice in one object"):
        list(open_table(path))
