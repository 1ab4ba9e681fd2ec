"""Find the complete runs and searches below a folder, and which runs belong together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from emotion_core.errors import RunError
from emotion_core.evaluation.behaviour.record import Behaviour
from emotion_core.evaluation.transfer.record import Transfer
from emotion_core.reporting import search_table
from emotion_core.reporting.beyond.behaviours import ENDING, read_behaviour
from emotion_core.reporting.beyond.transfer_folder import TRANSFER_FILE, read_transfer
from emotion_core.reporting.compared.candidates import Candidate, MeasuredRun, read_candidate
from emotion_core.runs.folder import (
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    RUN_FILE,
    read_run,
    recorded_hashes,
)
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.system.hashes import differences


@dataclass(frozen=True)
class Run:
    """A complete run.

    Attributes:
        name: its path below the folder that was searched.
        path: where it is.
        record: ``run.json``.
        candidate: for the comparison, called by the name.
        history: one row an epoch; empty where none was kept.
    """

    name: str
    path: Path
    record: RunRecord
    candidate: Candidate
    history: pd.DataFrame

    @property
    def metrics(self) -> Metrics:
        """What it measured."""
        return self._measured.metrics

    @property
    def _measured(self) -> MeasuredRun:
        return self.candidate.runs[0]

    @property
    def megabytes(self) -> float:
        """The size of the model."""
        return (self._measured.model_size_bytes or 0) / 1e6


@dataclass(frozen=True)
class Search:
    """The table of a search: its name, as `Run.name`, the rows, best first, and the searched settings."""

    name: str
    rows: list[search_table.SearchRow]
    settings: list[str]


@dataclass(frozen=True)
class NamedTransfer:
    """What runs are worth on other data, and the name of its folder, as `Run.name`."""

    name: str
    transfer: Transfer


@dataclass
class Found:
    """What is below a folder; ``left_out`` has a line for each run, search or the like that cannot be used."""

    runs: list[Run] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)
    transfers: list[NamedTransfer] = field(default_factory=list)
    behaviours: list[Behaviour] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def find_runs(folder: Path) -> Found:
    """The runs and searches below a folder, by name; hidden folders and links are passed over.

    Raises:
        RunError: no such folder, or no complete run below it.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: no such folder. Check the path; relative paths start at {Path.cwd()}.")
    found = Found()
    for path, files in _folders(folder, found.left_out):
        name = path.relative_to(folder).as_posix() if path != folder else folder.resolve().name
        for file in sorted(file for file in files if file.endswith(ENDING) and RUN_FILE not in files):
            with _left_out(found):
                found.behaviours.append(read_behaviour(path / file))
        with _left_out(found):
            if TRANSFER_FILE in files:
                found.transfers.append(NamedTransfer(name, read_transfer(path)))
            if RUN_FILE in files or METRICS_FILE in files:
                found.runs.append(_read(path, name))
            if search_table.TABLE_FILE in files:
                found.searches.append(Search(name, *search_table.read_trials(path)))
    if not found.runs:
        reasons = "".join(f"\n{line}" for line in found.left_out)
        raise RunError(
            f"{folder}: found no complete run, that is a folder with {RUN_FILE} and {METRICS_FILE}.{reasons}"
        )
    return found


@contextmanager
def _left_out(found: Found) -> Iterator[None]:
    """What cannot be used is named and left out."""
    try:
        yield
    except RunError as error:
        found.left_out.append(" ".join(str(error).split()))


def _folders(folder: Path, unreadable: list[str]) -> Iterator[tuple[Path, list[str]]]:
    def note(error: OSError) -> None:
        unreadable.append(f"{error.filename}: cannot be read ({error.strerror}).")

    for path, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield Path(path), files


def _read(path: Path, name: str) -> Run:
    record = read_run(path)
    candidate = read_candidate(path)
    candidate = candidate._replace(name=name, runs=(replace(candidate.runs[0], run=name),))
    measured = (METRICS_FILE, PREDICTIONS_FILE, HISTORY_FILE)
    hashes = {file: value for file, value in recorded_hashes(path, record).items() if file in measured}
    if problems := differences(path, hashes, lambda _: True):
        raise RunError(f"{path}: {'; '.join(problems)}. Copy the run again from where it was whole, or train again.")
    return Run(name, path, record, candidate, _history(path / HISTORY_FILE))


def _history(file: Path) -> pd.DataFrame:
    try:
        history = pd.read_csv(file)
    except (FileNotFoundError, pd.errors.EmptyDataError):  # an evaluation, a compression, an ensemble
        return pd.DataFrame()
    except (OSError, ValueError) as error:
        raise RunError(f"{file}: cannot be read ({error}).") from error
    return history if "epoch" in history else pd.DataFrame()


def by_texts(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs that were measured on the same texts, as the fingerprints tell, and decided among the same emotions.

    Those of the most runs come first.
    """
    groups: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        data = run.metrics.data
        groups.setdefault((data.fingerprint, *(data.only or ())), []).append(run)
    return sorted(groups.values(), key=lambda group: -len(group))
