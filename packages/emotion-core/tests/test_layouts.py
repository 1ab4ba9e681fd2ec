"""The forms in which a run holds its model."""

from __future__ import annotations

import json

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
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert layout_of(record, tmp_path) is layout


def test_a_run_that_states_no_format_has_the_first_of_its_package(tmp_path):
    """Runs of ensembles, and those of the first versions, are such."""
    (tmp_path / "model.keras").touch()
    assert layout_of(RunRecord(kind="train", package="emotion-rnn"), tmp_path) is KERAS


def test_a_format_of_the_other_package_is_refused(tmp_path):
    """The message has what was found and what is known."""
    with pytest.raises(RunError, match="is in the format 'transformers', expected keras or onnx"):
        layout_of(RunRecord(kind="train", package="emotion-rnn", format="transformers"), tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("name", ["adapter_config.json", "modeling.py", "pytorch_model.bin", "folder/config.json"])
def test_a_file_that_a_format_does_not_need_is_refused(tmp_path, layout, name):
    """A library might follow what it says; hidden files and those of file managers do no harm."""
    record = RunRecord(kind="train", package=layout.package, format=layout.name)
    for needed in (*layout.files, ".hidden", "Thumbs.db"):
        (tmp_path / needed).write_text("{}", encoding="utf-8")
    layout_of(record, tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(RunError, match=f"holds {name.partition('/')[0]}, which the format '{layout.name}'"):
        layout_of(record, tmp_path)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("tokenizer_config.json", {"vocab_file": "/etc/passwd"}),
        ("tokenizer_config.json", {"tokenizer_file": "../tokenizer.json"}),
        ("tokenizer_config.json", {"merges_file": "missing.txt"}),
        ("tokenizer_config.json", {"fast_tokenizer_files": ["tokenizer.json", "../tokenizer.4.json"]}),
        ("tokenizer_config.json", {"sudachi_kwargs": {"sudachi_config_path": "/tmp/config.json"}}),
        ("config.json", {"transformers_weights": "../other.safetensors"}),
        ("config.json", {"attn_implementation": "somebody/attention"}),
        ("config.json", {"text_config": {"_attn_implementation": "somebody/attention"}}),
    ],
    ids=str,
)
def test_a_configuration_that_leads_out_of_the_folder_is_refused(tmp_path, file, said):
    """The message has the file, the key and the value; names of files in the folder, and remarks, are let through."""
    record = RunRecord(kind="train", package="emotion-bert", format="transformers")
    harmless = {"tokenizer_file": "tokenizer.json", "vocab_file": None, "name_or_path": "some/model", "mask_token": "/"}
    (tmp_path / "tokenizer.json").touch()
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / file).write_text(json.dumps(harmless), encoding="utf-8")
    layout_of(record, tmp_path)
    (tmp_path / file).write_text(json.dumps(harmless | said), encoding="utf-8")
    with pytest.raises(RunError, match=rf"{file}: \w+ names '.*', which is no file of this folder"):
        layout_of(record, tmp_path)
