"""The records of runs: read from JSON and written back, and what comes of values that are not as they must be."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from emotion_core.errors import RunError
from emotion_core.runs.folder import read_json, read_metrics, read_run, verify_run
from emotion_core.runs.metrics import ClassScore, Score, Value
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Calibration
from emotion_core.runs.typed_json import from_json, json_text, to_json

FILE = Path("run.json")
OLD_EVALUATION = Path(__file__).parent / "runs_of_version_0_1" / "evaluation"


def record(**entries: Any) -> RunRecord:
    """The record of a run.json with these entries."""
    return RunRecord.from_json({"schema": 1, "kind": "train"} | entries, FILE)


@pytest.mark.parametrize("name", ["words", "better"])
def test_what_is_read_is_written_back_to_the_byte(runs, name):
    """The record and the metrics of a run, read and written, are the same files but for the order of the entries."""
    metrics = (runs[name] / "metrics.json").read_text(encoding="utf-8")
    assert json.dumps(to_json(read_metrics(runs[name])), indent=2, ensure_ascii=False) + "\n" == metrics
    assert read_run(runs[name]).to_json() == read_json(runs[name], "run.json")


def test_fields_that_are_not_known_survive():
    """Entries of a newer version or of one package come back where they were, also within others."""
    written = {
        "schema": 1,
        "kind": "train",
        "seed": None,
        "glove": None,
        "new": {"deep": [1]},
        "calibration": {"temperature": 2.0, "fitted_on": "validation", "method": "newer"},
    }
    read = RunRecord.from_json(written, FILE)
    assert (read.extra, read.calibration.extra) == ({"glove": None, "new": {"deep": [1]}}, {"method": "newer"})
    assert written.items() <= read.to_json().items()


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"kind": 3}, "run.json: kind: found 3, expected a text"),
        ({"kind": None}, "run.json: kind: found None, expected a text"),
        ({"seed": "one"}, "run.json: seed: found 'one', expected a list"),
        ({"parameters": 1.5}, "run.json: parameters: found 1.5, expected a whole number"),
        ({"parameters": True}, "run.json: parameters: found True, expected a whole number"),
        ({"hyperparameters": 3}, "run.json: hyperparameters: found 3, expected an object"),
        ({"calibration": None}, "run.json: calibration: found None, expected a value, or no such field"),
        ({"calibration": {}}, "run.json: has no 'calibration.temperature'"),
        ({"calibration": {"temperature": 0}}, "run.json: calibration.temperature: found 0, expected a number above 0"),
        ({"calibration": {"temperature": float("nan")}}, "run.json: calibration.temperature: found nan, expected"),
        ({"files": {"README.md": 5}}, "run.json: files.README.md: found 5, expected a text"),
        ({"members": ["seed-1", 2]}, "run.json: members[1]: found 2, expected a text"),
        (
            {"data": {"name": "mine", "splits": {"train": {"rows": 3}}}},
            "run.json: has no 'data.splits.train.fingerprint'",
        ),
        ({"command": "x" * 500}, "run.json: command: found 'xxx"),
    ],
)
def test_a_value_that_is_not_as_it_must_be_is_named_with_its_field(entries, message):
    """One message names the file, the field, what was found and what was expected; a long value is cut."""
    with pytest.raises(RunError, match=re.escape(message)) as caught:
        record(**entries)
    assert len(str(caught.value)) < 250


def test_a_figure_that_was_forged_is_named(runs, tmp_path):
    """In metrics.json, too, with the path of the file."""
    run = shutil.copytree(runs["words"], tmp_path / "run")
    metrics = read_json(run, "metrics.json")
    metrics["per_class"]["joy"]["f1"]["value"] = "high"
    (run / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    with pytest.raises(RunError, match=r"run/metrics\.json: per_class\.joy\.f1\.value: found 'high', expected a numb"):
        read_metrics(run)


def test_a_record_without_calibration_has_the_temperature_1():
    """A run that was never calibrated loads as it is."""
    assert (record().temperature, record(calibration={"temperature": 2.5}).temperature) == (1.0, 2.5)


def test_what_is_not_known_is_left_out_and_what_is_undefined_is_null():
    """A field that has no value is not written, but for the seed; a score that is undefined is written as null."""
    assert to_json(Calibration(2.0)) == {"temperature": 2.0, "fitted_on": "validation"}
    assert RunRecord(kind="train").to_json()["seed"] is None
    assert to_json(ClassScore(None, None, None)) == {"value": None, "low": None, "high": None}
    assert from_json(Score, {"value": 1, "low": 0.5, "high": 1}, FILE) == Score(1.0, 0.5, 1.0)


def test_an_evaluation_of_version_0_1_is_read(tmp_path):
    """Its files have their hashes, its metrics are written back to the byte, and what it was made of is known."""
    assert verify_run(OLD_EVALUATION) == []
    metrics = (OLD_EVALUATION / "metrics.json").read_text(encoding="utf-8")
    assert json.dumps(to_json(read_metrics(OLD_EVALUATION)), indent=2, ensure_ascii=False) + "\n" == metrics
    read = read_run(OLD_EVALUATION)
    assert (read.evaluated_run, read.model, read.definition) == ("gru", "gru", None)
    assert read.decided_by()["data"] == {"test": read_metrics(OLD_EVALUATION).data.fingerprint}


def test_what_is_no_finite_number_is_null_in_json() -> None:
    """NaN and infinity, in records, dictionaries and lists, are what JSON can say."""
    written = json_text({"a": float("nan"), "b": [float("-inf"), 1.5], "c": Value(float("inf"))})
    assert json.loads(written, parse_constant=pytest.fail) == {"a": None, "b": [None, 1.5], "c": {"value": None}}
