"""What was asked for is told from what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from emotion_core import RunError, load_dataset
from emotion_core.data.dataset import fingerprint
from emotion_core.runs.definition import data_definition, differing, is_complete, settings_definition
from emotion_core.runs.record import RunRecord
from emotion_core.runs.writer import RunWriter

WANTED = {"settings": {"epochs": 2, "units": 4}, "data": {"train": "a", "validation": "b"}, "seed": 1}


def recorded_splits(**fingerprints: str) -> dict[str, Any]:
    """What a run records of splits with these fingerprints."""
    return {name: {"rows": 1, "fingerprint": value} for name, value in fingerprints.items()}


def write_run(output, **record: Any) -> None:
    """Write a run with a record and without a model."""
    with RunWriter(output, "train") as run:
        run.record = RunRecord.from_json({"schema": 1, "kind": "train"} | record, output)


def test_definitions_differ_in_what_json_tells_apart() -> None:
    """Other values and what one lacks are told by name; a tuple is the list that it was read as, None is nothing."""
    recorded = {"seed": 1, "grid": [1, 2], "old": 0, "settings": {"epochs": 2, "units": 4}, "glove": None}
    wanted = {"seed": 2, "grid": (1, 2), "new": 0.5, "settings": {"epochs": 3, "units": 4}}
    assert differing(recorded, wanted) == [
        "new: found nothing, wanted 0.5",
        "old: found 0, wanted nothing",
        "seed: found 1, wanted 2",
        "settings.epochs: found 2, wanted 3",
    ]
    assert differing(recorded, dict(recorded)) == []


def test_what_one_definition_has_none_of_is_told_by_its_parts() -> None:
    """A mapping beside nothing is told part by part, with fingerprints shortened."""
    lines = ["glove.sha256: found " + "a" * 12 + "..., wanted nothing", "glove.words: found 3, wanted nothing"]
    assert differing({"glove": {"sha256": "a" * 64, "words": 3}}, {"glove": None}) == lines


def test_the_data_are_told_by_the_fingerprints_of_the_splits() -> None:
    """Each named split stands with its fingerprint."""
    sample = load_dataset("sample")
    expected = {name: fingerprint(sample.splits[name]) for name in ("train", "test")}
    assert data_definition(sample, "train", "test") == expected


@dataclass(frozen=True)
class WithTypos:
    """Settings of a training."""

    epochs: int = 3
    typos: float = 0.0


def test_a_setting_that_was_added_later_counts_only_if_it_is_used() -> None:
    """A run of a version that knew no typos is the one that is asked for without any, and no other."""
    assert settings_definition(WithTypos()) == {"epochs": 3}
    assert settings_definition(WithTypos(typos=0.1)) == {"epochs": 3, "typos": 0.1}


def test_a_folder_that_is_no_run_is_not_complete(tmp_path) -> None:
    """Neither an absent folder nor one without run.json is taken for a run."""
    assert not is_complete(tmp_path / "absent", WANTED)
    assert not is_complete(tmp_path, WANTED)


def test_a_run_of_the_same_definition_is_complete(tmp_path) -> None:
    """What is not part of the definition, such as the name of the data, may differ."""
    write_run(tmp_path / "run", definition=WANTED, data={"name": "other"})
    assert is_complete(tmp_path / "run", WANTED)


def test_a_run_of_another_definition_is_refused_or_counts_as_missing(tmp_path) -> None:
    """The message names what differs and both ways on; where the run may be replaced it is only not complete."""
    write_run(tmp_path / "run", definition=WANTED | {"seed": 2})
    with pytest.raises(RunError, match=r"run: is another run than .* \(seed: found 2, wanted 1\).*--output.*--force"):
        is_complete(tmp_path / "run", WANTED)
    assert not is_complete(tmp_path / "run", WANTED, replace=True)


@pytest.mark.parametrize(
    ("altered", "told"),
    [
        ({}, None),
        ({"seed": 2}, "seed: found 2, wanted 1"),
        ({"hyperparameters": {"epochs": 3, "units": 4}}, "settings.epochs: found 3, wanted 2"),
        ({"data": {"name": "mine", "splits": recorded_splits(train="c", validation="b")}}, "data.train"),
        ({"calibration": {"temperature": 1.5}}, "calibrated: found True, wanted False"),
        ({"members": ["seed-1"]}, "members"),
    ],
)
def test_a_run_without_a_definition_is_judged_by_its_record(
    tmp_path, altered: dict[str, Any], told: str | None
) -> None:
    """A run of version 0.1 is the one asked for unless what it records under the same names is something else."""
    splits = recorded_splits(train="a", validation="b", test="c")
    record = {
        "seed": 1,
        "hyperparameters": {"epochs": 2, "units": 4, "old": 0},
        "data": {"name": "mine", "splits": splits},
    }
    write_run(tmp_path / "run", **(record | altered))
    wanted = WANTED | {"calibrated": False, "unknown_then": 1, "members": {"seed-1": "hash"}}
    if told is None:
        assert is_complete(tmp_path / "run", wanted)
        return
    with pytest.raises(RunError, match=told):
        is_complete(tmp_path / "run", wanted)


def test_a_variant_without_a_definition_of_its_own_is_judged_by_that_of_its_compression(tmp_path) -> None:
    """In version 0.1 the options stood under "compression"; the train split, which they left out, is in the record."""
    splits = recorded_splits(train="a", validation="b")
    compression = {
        "technique": "prune",
        "of": "runs/mine",
        "definition": {"run": "r", "options": {"amount": 0.3}, "data": "b"},
    }
    write_run(tmp_path / "run", data={"name": "mine", "splits": splits}, compression=compression)
    wanted = {"run": "r", "options": {"amount": 0.3}, "data": {"train": "a", "validation": "b"}}
    assert is_complete(tmp_path / "run", wanted)
    with pytest.raises(RunError, match=r"data\.train"):
        is_complete(tmp_path / "run", wanted | {"data": {"train": "other", "validation": "b"}})
    with pytest.raises(RunError, match=r"options\.amount: found 0\.3, wanted 0\.5"):
        is_complete(tmp_path / "run", wanted | {"options": {"amount": 0.5}})
