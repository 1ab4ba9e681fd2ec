"""A run is one folder: written aside and renamed when complete, read and verified by any command."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from emotion_core.data.cleaning import CLEANERS
from emotion_core.errors import RunError
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import Host, RunRecord
from emotion_core.runs.typed_json import from_json
from emotion_core.system.claim import claimed, hidden, put_in_place
from emotion_core.system.environment import host, installed_versions
from emotion_core.system.hashes import differences, file_hash, file_names, is_passed_over
from emotion_core.system.overwriting import MODEL_DIR as MODEL_DIR
from emotion_core.system.overwriting import RUN_FILE as RUN_FILE
from emotion_core.system.overwriting import Inputs, check_output

METRICS_FILE = "metrics.json"
HISTORY_FILE = "history.csv"
PREDICTIONS_FILE = "predictions.csv"
FIGURES_DIR = "figures"
CARD_FILE = "README.md"

MODEL_KINDS = ("train", "import", "compress")
"""The kinds of runs that hold a model."""

_PASSWORD = re.compile(r"(://[^/:@]*:)[^@]*@")


class RunWriter(AbstractContextManager["RunWriter"]):
    """Write a run folder aside; it appears under its name when the block ends, or not at all.

    Args:
        output: the folder to make.
        kind: ``train``, ``evaluate``, ``import`` or ``compress``.
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
            command=[Path(sys.argv[0]).name, *(_PASSWORD.sub(r"\1***@", word) for word in sys.argv[1:])],
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
        (self.path / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_text(self, name: str, text: str) -> None:
        """Write one text file into the run."""
        (self.path / name).write_text(text, encoding="utf-8")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._claim:
            if error is None:
                self._finish()

    def _finish(self) -> None:
        self.record = replace(
            self.record,
            wall_time_s=round(time.perf_counter() - self._started, 3),
            versions=installed_versions(),
            host=Host(**host()),
            model_size_bytes=self.record.model_size_bytes or folder_size(self.path / MODEL_DIR),
            files={name: file_hash(self.path / name) for name in file_names(self.path) if not is_passed_over(name)},
        )
        self.write_json(RUN_FILE, self.record.to_json())
        try:
            if self.output.exists() and not self._force:
                raise FileExistsError("it exists meanwhile")
            put_in_place(self.path, self.output)
        except OSError as problem:
            # Somebody else wrote there meanwhile; the hours that this run took are not thrown away.
            kept = hidden(self.output, f"kept-{os.getpid()}")
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
            output.parent.mkdir(parents=True, exist_ok=True)
            aside = claim.enter_context(claimed(output))
        except OSError as error:
            raise RunError(f"{output}: the folder cannot be written ({error}). Choose another --output.") from error
        yield aside


def write_aside(path: Path, text: str) -> None:
    """Write a text file under another name and rename it, so that it is there whole or not at all."""
    with claimed(path, wait=True) as aside:
        aside.write_text(text, encoding="utf-8")
        put_in_place(aside, path)


def read_run(run_dir: str | Path) -> RunRecord:
    """The record (``run.json``) of a run folder.

    Raises:
        RunError: no such folder, not a run, written by a newer version, or a field is not as it must be.
    """
    run_dir = Path(run_dir)
    if not run_dir.is_dir():
        raise RunError(f"{run_dir}: no such run folder. Check the path; relative paths start at {Path.cwd()}.")
    return RunRecord.from_json(read_json(run_dir, RUN_FILE), run_dir / RUN_FILE)


def read_metrics(run_dir: str | Path) -> Metrics:
    """What a run measured (``metrics.json``).

    Raises:
        RunError: the file is missing, or a figure is not as it must be.
    """
    return from_json(Metrics, read_json(run_dir, METRICS_FILE), Path(run_dir) / METRICS_FILE)


def read_model_run(run_dir: str | Path, package: str | None) -> RunRecord:
    """The record of a run folder that holds a model of ``package``, or of any package.

    Raises:
        RunError: as `read_run`, or the run has no model, or one of the other package, or was altered.
    """
    record = read_run(run_dir)
    if package is not None and record.package != package:
        other = record.package or "an unknown package"
        raise RunError(f"{run_dir}: is a run of {other}, not of {package}. Use the same command of {other}.")
    if not (Path(run_dir) / MODEL_DIR).is_dir():
        source = record.evaluated_run or "the training run"
        raise RunError(f"{run_dir}: holds an evaluation and no model. Name the run that was evaluated: {source}.")
    if record.text_cleaning not in CLEANERS or record.hyperparameters is None:
        raise RunError(
            f"{Path(run_dir) / RUN_FILE}: says not how the texts are cleaned, or not how the model was trained. "
            "The run was altered; copy it again, or train again."
        )
    return record


def read_json(run_dir: str | Path, name: str) -> dict[str, Any]:
    """One JSON file of a run folder.

    Raises:
        RunError: the file is missing or is not a JSON object.
    """
    path = Path(run_dir) / name
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{run_dir}: is not a complete run, {name} is missing ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:  # brackets in brackets without end
        raise RunError(f"{path}: is not valid JSON ({error}). The run is damaged; train or evaluate again.") from error
    if not isinstance(value, dict):
        raise RunError(f"{path}: found a JSON {type(value).__name__}, expected an object.")
    return value


def verify_run(run_dir: str | Path) -> list[str]:
    """What differs between the files of a run and the hashes in its ``run.json``: one line each, none if all is well.

    Hidden files and those of file managers are passed over, unless they have a hash.

    Raises:
        RunError: as `read_run`, or the record has no hashes.
    """
    return differences(Path(run_dir), recorded_hashes(run_dir, read_run(run_dir)), lambda name: name == RUN_FILE)


def check_model(run_dir: str | Path, record: RunRecord) -> None:
    """Compare the model of a run with the hashes in its record, before anything of it is loaded.

    What `verify_run` passes over is passed over here, too.

    Raises:
        RunError: a file of the model is missing, was altered, is new, or lies outside the run.
    """
    of_model = f"{MODEL_DIR}/"
    recorded = {name: value for name, value in recorded_hashes(run_dir, record).items() if name.startswith(of_model)}
    if problems := differences(Path(run_dir), recorded, lambda name: not name.startswith(of_model)):
        raise RunError(f"{run_dir}: {'; '.join(problems)}. Copy the run again from where it was whole, or train again.")


def recorded_hashes(run_dir: str | Path, record: RunRecord) -> Mapping[str, str]:
    """The hashes in a run's record; raises a RunError when there are none."""
    if record.files is None:
        file = Path(run_dir) / RUN_FILE
        raise RunError(f"{file}: has no hashes of the files. The run was altered; copy it again, or train again.")
    return record.files


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, 0 when there is none."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
