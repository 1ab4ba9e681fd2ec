"""Runs that were altered or forged are refused, and nothing that they carry is executed."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emotion_bert.loading import load_run
from emotion_core.errors import RunError
from emotion_core.run_folder import read_run
from emotion_core.testing import flip_a_bit, renew_hashes


@pytest.fixture
def forged(run: Path, tmp_path: Path) -> Path:
    """A copy of a run, to be altered."""
    return shutil.copytree(run, tmp_path / "forged")


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._marker,)


@pytest.mark.parametrize("position", [0.0, 0.3, 0.7, 1.0])
def test_a_flipped_bit_in_any_file_of_the_model_is_named(forged: Path, position: float) -> None:
    """The message has the file and the way out; nothing is loaded of a model that is not the one that was saved."""
    for path in sorted((forged / "model").iterdir()):
        whole = path.read_bytes()
        flip_a_bit(path, position)
        with pytest.raises(RunError, match=rf"model/{path.name}: was altered.*Copy the run again"):
            load_run(forged)
        path.write_bytes(whole)
    load_run(forged)


@pytest.mark.parametrize(
    "record", [{"text_cleaning": "shred"}, {"hyperparameters": None}, {"hyperparameters": {}}, {"files": None}]
)
def test_a_record_that_lacks_something_is_told(forged: Path, record: dict[str, object]) -> None:
    """A run.json without what loading needs ends with one message that names it."""
    (forged / "run.json").write_text(json.dumps(read_run(forged) | record), encoding="utf-8")
    with pytest.raises(RunError, match=r"run\.json"):
        load_run(forged)


def test_code_in_a_folder_is_not_executed(forged: Path, tmp_path: Path) -> None:
    """A config that points to Python code in its folder is read without that code, though it would run."""
    marker, model = tmp_path / "marker", forged / "model"
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Config: pass\nclass Model: pass\n"
    (model / "evil.py").write_text(code, encoding="utf-8")
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    pointers = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    for change in ({"auto_map": pointers}, {"auto_map": pointers, "model_type": "evil"}):
        (model / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
        renew_hashes(forged)
        if "model_type" in change:
            with pytest.raises(RunError, match="cannot be loaded"):
                load_run(forged)
        else:
            load_run(forged)
    assert not marker.exists()
    subprocess.run([sys.executable, model / "evil.py"], check=True)
    assert marker.exists()


def test_a_pickle_in_the_place_of_weights_is_not_read(forged: Path, tmp_path: Path) -> None:
    """Neither under its own name nor under that of safetensors does a pickle get to run."""
    marker, model = tmp_path / "marker", forged / "model"
    payload = pickle.dumps(Payload(marker))
    (model / "model.safetensors").unlink()
    for name in ("pytorch_model.bin", "model.safetensors"):
        (model / name).write_bytes(payload)
        renew_hashes(forged)
        with pytest.raises(RunError, match="cannot be loaded"):
            load_run(forged)
    assert not marker.exists()
    pickle.loads(payload)
    assert marker.exists()


def test_members_are_not_sought_outside_the_run(run: Path, forged: Path) -> None:
    """An ensemble that names a folder elsewhere as a member is refused, though a model lies there."""
    elsewhere = shutil.copytree(run / "model", forged.parent / "elsewhere")
    for name in ("../../elsewhere", str(elsewhere)):
        renew_hashes(forged, members=[name])
        with pytest.raises(RunError, match="cannot be loaded"):
            load_run(forged)
