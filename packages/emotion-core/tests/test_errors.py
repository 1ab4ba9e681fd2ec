"""Our errors, and what becomes of Arrow's."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import emotion_core.errors
from emotion_core.data.readers import open_table
from emotion_core.errors import DataError, EmotionError
from emotion_core.inference.predict import checked_table, predict_table
from library_errors import check_rows, errors_in, not_mapped


def tree(error, depth=0):
    """The names of a class and those below it that the module of errors states, each with its depth."""
    below = [each for each in error.__subclasses__() if each.__module__ == emotion_core.errors.__name__]
    return [(depth, error.__name__), *(line for each in below for line in tree(each, depth + 1))]


def test_the_module_of_errors_opens_with_their_tree():
    """The picture in the docstring has each of our errors, below the one that it is a kind of."""
    drawn = re.findall(r"^    ([ │├└─]*)(\w+Error)\b", emotion_core.errors.__doc__, re.MULTILINE)
    assert [(len(branch) // 4, name) for branch, name in drawn] == tree(EmotionError)


def test_every_error_of_arrow_is_turned_into_one_of_ours():
    """The places that call Arrow catch the class above all of them; its queues are not used."""
    check_rows("emotion-core")
    assert not_mapped("emotion-core", errors_in(pa.lib)) == {"Empty"}


def test_arrow_cannot_read(tmp_path):
    """What is no parquet file, and one whose data are damaged, are told with the file."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(DataError, match=r"a\.parquet: not a readable parquet file"):
        open_table(path)
    pq.write_table(pa.table({"text": ["a long text " * 99]}), path, compression="none", use_dictionary=False)
    path.write_bytes(path.read_bytes().replace(b"a long text ", b"\xff" * 12).replace(b"\x15", b"\x16", 1))
    with pytest.raises(DataError, match=r"a\.parquet, after row 0: "):
        list(open_table(path))


def test_arrow_cannot_write(tmp_path, write_rows, classifier):
    """Cells that one column of parquet cannot hold together are told with the file that they come from."""
    source = write_rows(tmp_path / "a.jsonl", [{"text": "a", "x": 1}, {"text": "b", "x": "one"}])
    with pytest.raises(DataError, match=r"a\.jsonl: the column 'x' holds values that parquet cannot store together"):
        predict_table(classifier, checked_table(source, "text"), tmp_path / "b.parquet")
