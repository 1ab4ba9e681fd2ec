"""Labels of other sets."""

import json

import pytest

from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.label_map import LabelMap
from emotion_core.data.labelled.rows import read_labelled
from emotion_core.errors import DataError


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("map.json", '{"Happiness": "joy", "7": 3, "neutral": "DROP"}'),
        ("map.csv", "happiness,joy\n7,anger\nneutral,drop\n"),
        ("map.csv", "\ufefftheirs,ours\r\nhappiness,Joy\r\n\r\n7,3\r\nneutral,drop\r\n"),
        ("map.csv", "label;emotion\nhappiness;joy\n7;anger\nneutral;drop\n"),
        ("map.tsv", "happiness\tjoy\n7\tanger\nneutral\tdrop\n"),
    ],
)
def test_a_map_is_json_or_csv_with_or_without_a_header(tmp_path, name, content):
    """Case, white space and the form of numbers do not count; labels that it does not name are the six."""
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    labels = LabelMap.read(tmp_path / name)
    found = [labels.find(label) for label in (" HAPPINESS ", 7, "7.0", 7.0, "Neutral", "fear", "4")]
    assert found == [1, 3, 3, 3, None, 4, 4]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("map.json", "{", "not valid JSON"),
        ("map.json", "[]", "holds no label"),
        ("map.json", '["joy"]', "found no JSON object"),
        (
            "map.json",
            '{"calm": "serenity"}',
            "of the label 'calm' found 'serenity', expected an id",
        ),
        ("map.json", '{"calm": ["joy", "love"]}', r"of the label 'calm' found \['joy', 'love'\]"),
        ("map.json", '{"calm": "joy", "Calm": "love"}', "the label 'Calm' has two meanings"),
        ("map.csv", "calm,joy,1\n", "row 1: found 3 cells"),
        ("map.csv", "label,emotion\n", "holds no label"),
        ("map.yaml", "calm: joy\n", "found the ending '.yaml'"),
        ("nosuch.json", None, "cannot be read"),
    ],
)
def test_a_map_that_is_none_is_told(tmp_path, name, content, message):
    """The message names the file and what is wrong with it."""
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        LabelMap.read(tmp_path / name)


def test_ids_of_another_set_are_not_taken_for_ours():
    """Where the map gives an id another meaning, the ids that it does not name are unknown."""
    theirs = LabelMap.of([(0, "anger"), (1, "joy")])
    with pytest.raises(ValueError, match="found label '4', which the label map does not name"):
        theirs.find("4")
    assert LabelMap.of([(6, "drop")]).find("4") == 4


def test_rows_are_mapped_left_out_and_counted(tmp_path, write_rows):
    """Rows that the map leaves out are no bad rows, and labels that stand for nothing can be mapped."""
    rows = [{"text": f"text {label}", "label": label} for label in ("calm", "neutral", "None", "fear", "neutral")]
    path = write_rows(tmp_path / "data.csv", rows)
    labels = LabelMap.of([("calm", "joy"), ("neutral", "drop"), ("none", "drop")])
    split, dropped, kept, _ = read_labelled(path, Columns(label_map=labels))
    assert (split.labels.tolist(), list(kept)) == ([1, 4], [0, 3])
    assert dropped.reasons == {"label map": {"neutral": 2, "None": 1}}


def test_the_set_of_unknown_labels_is_told(tmp_path, write_rows):
    """With numbers of rows, the most frequent first; very many are a sign of another column."""
    path = write_rows(tmp_path / "data.csv", [{"text": "so", "label": label} for label in ("worry", "hate", "worry")])
    with pytest.raises(DataError, match=r"Unknown labels, with their rows: worry 2, hate 1\. Say with"):
        read_labelled(path)
    path = write_rows(tmp_path / "data.csv", [{"text": "so", "label": f"sentence {n}"} for n in range(99)])
    with pytest.raises(DataError, match="sentence 4 1 and 94 more labels"):
        read_labelled(path)


@pytest.mark.parametrize("missing", ["NULL", "None", "<NA>", "#N/A", "N/A", "NaN", "nan", "#VALUE!", " null "])
def test_what_stands_for_a_missing_value_is_no_text(tmp_path, missing):
    """Spreadsheets, databases and pandas write these; a longer text that holds one is a text."""
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"text": missing, "label": 1}), encoding="utf-8")
    with pytest.raises(DataError, match="which stands for a missing value"):
        read_labelled(path)
    path.write_text(json.dumps({"text": f"{missing} again", "label": 1}), encoding="utf-8")
    assert len(read_labelled(path).split) == 1
