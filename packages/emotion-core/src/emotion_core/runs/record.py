"""What a run records in ``run.json``: written by this version, and read of every version since 0.1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_core.errors import RunError
from emotion_core.runs.metrics import DataRef, Score, Versus
from emotion_core.runs.typed_json import NULL_TOO, from_json, to_json
from emotion_core.system.overwriting import RUN_FILE

SCHEMA = 1
"""The version of the form of ``run.json``. One that only adds fields keeps the number."""

Settings = Mapping[str, Any]
"""Entries that belong to one package or technique, which alone knows their names and types."""


@dataclass(frozen=True)
class Cleaned:
    """What the removal of duplicates did to a train split."""

    rows_before: int
    rows_after: int
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class SplitData:
    """One split of the data that a model was trained with."""

    rows: int
    fingerprint: str
    source: str | None = None
    dropped: int | None = None
    cleaned: Cleaned | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class RunData:
    """The data of a run: all splits of a training, or the one split of an evaluation."""

    name: str
    splits: Mapping[str, SplitData] | None = None
    split: str | None = None
    rows: int | None = None
    fingerprint: str | None = None
    extra: Settings = field(default_factory=dict)

    @classmethod
    def of_splits(cls, name: str, described: Settings) -> RunData:
        """The splits as `Dataset.describe` describes them."""
        return from_json(cls, {"name": name, "splits": described}, Path(RUN_FILE))

    @classmethod
    def measured(cls, data: DataRef) -> RunData:
        """The split of an evaluation."""
        return cls(data.name, split=data.split, rows=data.rows, fingerprint=data.fingerprint)

    @property
    def fingerprints(self) -> dict[str, str | None]:
        """The fingerprint of each split."""
        if self.splits:
            return {name: split.fingerprint for name, split in self.splits.items()}
        return {self.split: self.fingerprint} if self.split else {}


@dataclass(frozen=True)
class Calibration:
    """The temperature of the probabilities, with log loss and calibration error on the texts that it was fitted on."""

    temperature: float
    fitted_on: str = "validation"
    log_loss_before: float | None = None
    ece_before: float | None = None
    log_loss_after: float | None = None
    ece_after: float | None = None
    extra: Settings = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature: found {self.temperature}, expected a number above 0")


@dataclass(frozen=True)
class OldVersus:
    """A compressed model against its original, as version 0.1 recorded it."""

    mcnemar_p: float
    only_first_right: int
    only_second_right: int
    macro_f1_difference: Score


@dataclass(frozen=True)
class Compression:
    """What a compressed run was made from, how, and what that costs.

    Attributes:
        technique: its name.
        of: the path of the run that was compressed.
        details: what the technique says of the result.
        versus_original: the compressed model against that run.
        size_bytes, gzip_bytes: of the model folder, as it is and with each file compressed.
        memory_bytes: that a process holds which has loaded the model.
        cores: of the machine that measured it.
    """

    technique: str
    of: str
    details: Settings = field(default_factory=dict)
    versus_original: OldVersus | Versus | None = None
    size_bytes: int | None = None
    gzip_bytes: int | None = None
    memory_bytes: int | None = None
    cores: int | None = field(default=None, metadata=NULL_TOO)
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class PretrainedCheckpoint:
    """The pre-trained model that a training started from: a hub id or a folder, and the commit on the hub."""

    source: str
    revision: str | None = field(default=None, metadata=NULL_TOO)
    bundled: bool | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class ImportedFrom:
    """The file that another program wrote, and what it says of the training."""

    file: str
    sha256: str | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    """The kind of machine."""

    platform: str | None = None
    machine: str | None = None
    cpu: str | None = None
    cores: int | None = field(default=None, metadata=NULL_TOO)
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The content of ``run.json``.

    Attributes:
        kind: ``train``, ``evaluate``, ``import`` or ``compress``.
        name: of the run folder when it was written.
        package, model: what trained it, and the name of the model; ``model`` is empty in a run of neither.
        seed: of the training; a list for an ensemble.
        hyperparameters: by the names that the package gives them.
        text_cleaning: the name of the cleaning.
        parameters: how many weights.
        data: what it was trained with or measured on.
        calibration: None where the probabilities are as the model gives them.
        members: the model folders of an ensemble.
        format: of the model folder.
        compression, imported_from, evaluated_run, checkpoint: where the model comes from.
        definition: what decides the result, for the comparison with what is asked for.
        versions: of the packages by name.
        files: the sha256 of each file, in hex, by its path in the run.
        created: when it was begun, ISO 8601 in UTC.
        command: that made it.
        extra: what only one package or another version knows.
    """

    kind: str
    name: str = ""
    package: str = ""
    model: str = ""
    seed: int | list[int] | None = field(default=None, metadata=NULL_TOO)
    hyperparameters: Settings | None = None
    text_cleaning: str = ""
    parameters: int | None = None
    data: RunData | None = None
    calibration: Calibration | None = None
    members: list[str] | None = None
    format: str | None = None
    compression: Compression | None = None
    imported_from: ImportedFrom | None = None
    evaluated_run: str | None = None
    checkpoint: PretrainedCheckpoint | None = None
    definition: Settings | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    host: Host = Host()
    model_size_bytes: int | None = None
    files: Mapping[str, str] | None = None
    created: str = ""
    command: list[str] = field(default_factory=list)
    wall_time_s: float | None = None
    extra: Settings = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Settings, file: Path) -> RunRecord:
        """The record in a file, of this version or an older one.

        Raises:
            RunError: a newer version wrote it, or a field is not as it must be.
        """
        if value.get("schema") != SCHEMA:
            found = value.get("schema")
            raise RunError(f"{file}: found schema {found!r}, expected {SCHEMA}. Install a version that fits.")
        return from_json(cls, {name: entry for name, entry in value.items() if name != "schema"}, file)

    def to_json(self) -> dict[str, Any]:
        """As ``run.json`` holds it."""
        return {"schema": SCHEMA} | to_json(self)

    @property
    def temperature(self) -> float:
        """That of the probabilities; 1 where the run has none."""
        return 1.0 if self.calibration is None else self.calibration.temperature

    def max_length(self) -> int:
        """The words or tokens of a text that the model reads.

        Raises:
            RunError: the record does not say.
        """
        stated = (self.hyperparameters or {}).get("max_length")
        if not isinstance(stated, int) or stated < 1:
            raise RunError(
                f"{RUN_FILE}: found the max_length {stated!r}, expected a number of words or tokens. The run was "
                "altered."
            )
        return stated

    def decided_by(self) -> Settings:
        """The definition; of a run without, as version 0.1 wrote them, what it says under the same names."""
        if self.definition is not None:
            return self.definition
        compression = self.compression.extra.get("definition", {}) if self.compression else {}
        return {
            **self.to_json(),
            **compression,
            "settings": self.hyperparameters,
            "calibrated": self.calibration is not None,
            "data": self.data.fingerprints if self.data else {},
        }
