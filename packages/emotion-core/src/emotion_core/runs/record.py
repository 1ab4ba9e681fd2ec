"""What a run records in ``run.json``: written by this version, and read of every version since 0.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_core.errors import RunError
from emotion_core.runs.neutral.record import NeutralRecord
from emotion_core.runs.record_parts import (
    Calibration,
    Compression,
    Host,
    ImportedFrom,
    PretrainedCheckpoint,
    RunData,
    Settings,
)
from emotion_core.runs.typed_json import NULL_TOO, from_json, to_json
from emotion_core.system.overwriting import RUN_FILE

SCHEMA = 1
"""The version of the form of ``run.json``. One that only adds fields keeps the number."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The content of ``run.json``.

    Attributes:
        kind: ``train``, ``evaluate``, ``import``, ``compress``, or ``predictions`` of another program.
        name: of the run folder when it was written.
        package, model: what trained it, and the name of the model; ``model`` is empty in a run of neither.
        seed: of the training; a list for an ensemble.
        hyperparameters: by the names that the package gives them.
        text_cleaning: the name of the cleaning.
        parameters: how many weights.
        data: what it was trained with or measured on.
        never_predicted: the emotions that no training text had; None where all six had some, or nobody knows.
        calibration: None where the probabilities are as the model gives them.
        neutral: of the neutral gate; None in a run without.
        abstain_below: the highest probability below which its predictions abstain; None where they never do by
            themselves.
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
    never_predicted: list[str] | None = None
    calibration: Calibration | None = None
    neutral: NeutralRecord | None = None
    abstain_below: float | None = None
    members: list[str] | None = None
    format: str | None = None
    compression: Compression | None = None
    imported_from: ImportedFrom | None = None
    evaluated_run: str | None = None
    checkpoint: PretrainedCheckpoint | None = None
    definition: Settings | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    host: Host = field(default_factory=Host)
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
