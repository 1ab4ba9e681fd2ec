"""The forms in which a run holds its model."""

from __future__ import annotations

import pytest

from emotion_core.errors import RunError
from emotion_core.runs.layouts import KERAS, LAYOUTS, layout_of
from emotion_core.runs.record import RunRecord


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_model_folder_has_the_layout_that_its_run_states(tmp_path, layout):
    """The layout is found by package and format, and the files that it lacks are named."""
    record = RunRecord(kind="train", package=layout.package, format=layout.name)
    with pytest.raises(RunError, match=f"cannot be loaded \\({', '.join(layout.files)} is missing"):
        layout_of(record, tmp_path)
    for name in layout.files:
        (tmp_path / name).touch()
    assert layout_of(record, tmp_path) is layout


def test_a_run_that_states_no_format_has_the_first_of_its_package(tmp_path):
    """Runs of ensembles, and those of the first versions, are such."""
    (tmp_path / "model.keras").touch()
    assert layout_of(RunRecord(kind="train", package="emotion-rnn"), tmp_path) is KERAS


def test_a_format_of_the_other_package_is_refused(tmp_path):
    """The message has what was found and what is known."""
    with pytest.raises(RunError, match="is in the format 'onnx', expected keras"):
        layout_of(RunRecord(kind="train", package="emotion-rnn", format="onnx"), tmp_path)
