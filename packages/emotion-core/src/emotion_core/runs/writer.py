"""A run folder is written aside and renamed when it is complete."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from emotion_core.errors import EmotionError, RunError, is_storage_fault, short_reason
from emotion_core.printable import without_passwords
from emotion_core.runs.folder import FIGURES_DIR, folder_size
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Host
from emotion_core.runs.typed_json import json_text
from emotion_core.system.claim import claimed, hidden, put_in_place
from emotion_core.system.environment import host, installed_versions
from emotion_core.system.hashes import file_hash, file_names, is_passed_over
from emotion_core.system.overwriting import MODEL_DIR, RUN_FILE, Inputs, check_output
from emotion_core.system.places import real_path

MODEL_KINDS = ("train", "import", "compress")
"""The kinds of runs that hold a model."""


class RunWriter(AbstractContextManager["RunWriter"]):
    """Write a run folder aside; it appears under its name when the block ends, or not at all.

    Args:
        output: the folder to make.
        kind: ``train``, ``evaluate``, ``import``, ``compress`` or ``predictions``.
        force: replace a folder that is a run already; one that holds a model only by another with a model.
        inputs: what the run is made from.

    Attributes:
        record: what ``run.json`` will say; the code within the block replaces it by one that says more.
        path: where the files are written until the block ends.

    Raises:
        RunError: the output is an input, exists and may not be replaced, or cannot be written, or another process is
            writing it.
    """

    path: Path

    def __init__(self, output: str | Path, kind: str, *, force: bool = False, inputs: Inputs = ()) -> None:
        self.output, self._inputs = Path(output), list(inputs)
        self.record = RunRecord(kind=kind)
        self._force = force
        self._started = time.perf_counter()
        self._check()

    def __enter__(self) -> RunWriter:
        with ExitStack() as undone:
            self.path = undone.enter_context(claimed_folder(self.output))
            self._check()  # another process may have been faster
            (self.path / FIGURES_DIR).mkdir(parents=True)
            self._claim = undone.pop_all()
        self.record = replace(
            self.record,
            name=self.output.absolute().name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=[Path(sys.argv[0]).name, *(without_passwords(word) for word in sys.argv[1:])],
        )
        return self

    def _check(self) -> None:
        keep_model = self.record.kind not in MODEL_KINDS
        check_output(self.output, force=self._force, inputs=self._inputs, keep_model=keep_model)

    @property
    def model_dir(self) -> Path:
        """Where the model goes, made on first use."""
        folder = self.path / MODEL_DIR
        folder.mkdir(exist_ok=True)
        return folder

    def figure_path(self, name: str) -> Path:
        """The path of the figure ``name`` (without ending)."""
        return self.path / FIGURES_DIR / f"{name}.png"

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write one JSON file into the run."""
        (self.path / name).write_text(json_text(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_text(self, name: str, text: str) -> None:
        """Write one text file into the run."""
        (self.path / name).write_text(text, encoding="utf-8")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._claim:
            try:
                if error is None:
                    self._finish()
                elif not isinstance(error, EmotionError):
                    self._tell_full_disk(error)
            except OSError as problem:
                self._tell_full_disk(problem)
                raise

    def _tell_full_disk(self, error: BaseException) -> None:
        # some libraries name no file, and the hidden folder, which is gone then, would help nobody
        if is_storage_fault(error):
            raise RunError(
                f"{self.output}: cannot be written ({short_reason(error)}). Make room on the disk and try again; what "
                "was complete is kept."
            ) from error

    def _finish(self) -> None:
        self.record = replace(
            self.record,
            wall_time_s=round(time.perf_counter() - self._started, 3),
            versions=installed_versions(),
            host=Host(**host()),
            model_size_bytes=self.record.model_size_bytes or folder_size(self.path / MODEL_DIR) or None,
            files={name: file_hash(self.path / name) for name in file_names(self.path) if not is_passed_over(name)},
        )
        self.write_json(RUN_FILE, self.record.to_json())
        try:
            if self.output.exists() and not self._force:
                raise FileExistsError("it exists meanwhile")
            put_in_place(self.path, self.output)
        except OSError as problem:
            # Somebody else wrote there meanwhile; the hours that this run took are not thrown away.
            kept = hidden(real_path(self.output), f"kept-{os.getpid()}")
            self.path.rename(kept)
            raise RunError(
                f"{self.output}: cannot be made ({problem}). The finished run is kept in {kept}."
            ) from problem


@contextmanager
def claimed_folder(output: Path) -> Iterator[Path]:
    """As `claim.claimed`, for a folder that a command makes; the folders that it is in are made.

    Raises:
        RunError: another process writes there, or it cannot be written.
    """
    with ExitStack() as claim:
        try:
            real_path(output).parent.mkdir(parents=True, exist_ok=True)
            aside = claim.enter_context(claimed(output))
        except OSError as error:
            raise RunError(f"{output}: the folder cannot be written ({error}). Choose another --output.") from error
        yield aside
