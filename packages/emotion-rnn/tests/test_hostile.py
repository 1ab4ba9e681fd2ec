"""Runs that were altered or forged are refused, and nothing that they carry is executed."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from emotion_core.errors import RunError
from emotion_rnn.classifier import MODEL_FILE, RNNClassifier
from shared_checks import flip_a_bit, renew_hashes


@pytest.fixture
def forged(gru_run: Path, tmp_path: Path) -> Path:
    """A copy of a run, to be altered."""
    return shutil.copytree(gru_run, tmp_path / "forged")


@pytest.mark.parametrize("position", [0.0, 0.3, 0.7, 1.0])
def test_a_flipped_bit_in_the_model_is_named(forged: Path, position: float) -> None:
    """The message has the file and the way out."""
    flip_a_bit(forged / "model" / MODEL_FILE, position)
    with pytest.raises(RunError, match=rf"model/{MODEL_FILE}: was altered.*Copy the run again"):
        RNNClassifier.load(forged)


@pytest.mark.parametrize(
    ("position", "reason"),
    [(0.0, "Bad magic number"), *((place, "Bad CRC-32") for place in (0.2, 0.4, 0.6, 0.8, 0.99))],
)
def test_a_damaged_file_with_forged_hashes_ends_in_one_message(forged: Path, position: float, reason: str) -> None:
    """Where the hashes in the record do not tell of damage, those in the archive do."""
    flip_a_bit(forged / "model" / MODEL_FILE, position)
    renew_hashes(forged)
    with pytest.raises(RunError, match=rf"cannot be loaded \({reason}.*emotion-core verify"):
        RNNClassifier.load(forged)


def test_damage_that_nothing_reads_changes_nothing(gru_run: Path, forged: Path) -> None:
    """The last byte of an archive belongs to the length of its comment."""
    flip_a_bit(forged / "model" / MODEL_FILE, 1.0)
    renew_hashes(forged)
    expected, found = (RNNClassifier.load(run).predict_proba(["what a day"]) for run in (gru_run, forged))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("member", "position"),
    [("config.json", 0.0), ("config.json", 0.5), ("model.weights.h5", 0.0)],
)
def test_a_damaged_member_of_a_whole_archive_ends_in_one_message(forged: Path, member: str, position: float) -> None:
    """Neither the record nor the archive tells of the damage, and nothing but a RunError comes out."""
    file = forged / "model" / MODEL_FILE
    (forged / "member").write_bytes(rewrite(file)[member])
    flip_a_bit(forged / "member", position)
    rewrite(file, **{member: (forged / "member").read_bytes()})
    renew_hashes(forged)
    with pytest.raises(RunError, match=r"cannot be loaded .*emotion-core verify"):
        RNNClassifier.load(forged)


def test_code_in_a_lambda_layer_is_not_executed(forged: Path, tmp_path: Path) -> None:
    """A model with a Lambda layer, whose code makes a file where safe mode is off, is refused."""
    marker = tmp_path / "marker"
    path = str(marker)
    text = keras.Input(shape=(6,))
    evil = keras.layers.Lambda(lambda values: (open(path, "w").close(), values)[1], output_shape=(6,))
    file = forged / "model" / MODEL_FILE
    keras.Model(text, evil(text)).save(file)
    marker.unlink(missing_ok=True)
    renew_hashes(forged)
    with pytest.raises(RunError, match="cannot be loaded"):
        RNNClassifier.load(forged)
    assert not marker.exists()
    keras.saving.load_model(file, safe_mode=False)(keras.ops.zeros((1, 6)))
    assert marker.exists()


def rewrite(file: Path, config: dict[str, object] | None = None, **members: bytes) -> dict[str, bytes]:
    """Write a .keras file anew, with another configuration or further members; returns the members it had."""
    with zipfile.ZipFile(file) as archive:
        had = {name: archive.read(name) for name in archive.namelist()}
    changed = {} if config is None else {"config.json": json.dumps(config).encode()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (had | changed | members).items():
            archive.writestr(name, data)
    return had


@pytest.mark.filterwarnings("ignore:Skipping invalid path:UserWarning")  # Keras says which members it leaves
def test_an_archive_does_not_write_outside_itself(
    forged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members of a .keras file whose names lead elsewhere are written nowhere when the model is loaded."""
    unpacked = tmp_path / "deep" / "er" / "temporary"
    unpacked.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(unpacked))
    names = ["../escaped", "assets/../../../escaped", f"{tmp_path}/escaped"]
    rewrite(forged / "model" / MODEL_FILE, **dict.fromkeys(names, b"x"))
    renew_hashes(forged)
    RNNClassifier.load(forged)
    assert list(tmp_path.rglob("escaped")) == []


def test_a_vocabulary_is_not_read_from_elsewhere(forged: Path, tmp_path: Path) -> None:
    """A model whose vocabulary is a path to a file of the user is refused."""
    secret, file = tmp_path / "secret.txt", forged / "model" / MODEL_FILE
    secret.write_text("alpha\nbeta\n", encoding="utf-8")
    config = json.loads(rewrite(file)["config.json"])
    for layer in config["config"]["layers"]:
        if layer["class_name"] == "TextVectorization":
            layer["config"]["vocabulary"] = str(secret)
    assert str(secret) in json.dumps(config)
    rewrite(file, config)
    renew_hashes(forged)
    with pytest.raises(RunError, match="cannot be loaded"):
        RNNClassifier.load(forged)


def test_a_link_out_of_the_run_is_refused(forged: Path, tmp_path: Path) -> None:
    """The model may not lie elsewhere, though its hash is right."""
    file = forged / "model" / MODEL_FILE
    shutil.move(file, tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="is a link to something outside"):
        RNNClassifier.load(forged)
