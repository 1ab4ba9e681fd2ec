"""The folders that a comparison names: run folders, and folders that hold a run for each seed of a training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from emotion_core.errors import RunError
from emotion_core.reporting.compared.candidates import Candidate, distinct_names, joined, read_candidate
from emotion_core.reporting.compared.seed_groups import by_seeds, group_name, trained_record
from emotion_core.runs.folder import read_run
from emotion_core.runs.record import RunRecord
from emotion_core.system.overwriting import RUN_FILE


class _Named(NamedTuple):
    """A run that was named by itself."""

    name: str
    path: Path
    record: RunRecord


def read_candidates(run_dirs: Sequence[str | Path]) -> list[Candidate]:
    """The runs that are to be ranked; those that differ in the seed alone are one candidate.

    Args:
        run_dirs: run folders, and folders with a run for each seed.

    Raises:
        RunError: a folder is neither, is named twice, or holds runs that differ in more than the seed.
    """
    paths = [Path(run_dir) for run_dir in run_dirs]
    seeds = {path: runs_of_seeds(path) for path in paths}
    _check_named_once([run for path in paths for run in seeds[path] or [path]])
    found = {path: joined(path.resolve().name, list(map(read_candidate, runs))) for path, runs in seeds.items() if runs}
    single = [_Named(path.resolve().as_posix(), path, read_run(path)) for path in paths if not seeds[path]]
    for group in by_seeds(single):
        candidates = [read_candidate(run.path) for run in group]
        several = len(group) > 1
        found[group[0].path] = joined(Path(group_name(group)).name, candidates) if several else candidates[0]
    return distinct_names([found[path] for path in paths if path in found])


def runs_of_seeds(folder: Path) -> list[Path]:
    """The run folders of the seeds in a folder, as ``train --seeds`` makes them; none if it is a run or holds none.

    An ensemble of the seeds is a run of its own, and not among them.

    Raises:
        RunError: the runs differ in more than the seed.
    """
    if (folder / RUN_FILE).is_file() or not folder.is_dir():
        return []
    inside = [path for path in sorted(folder.glob("[!.]*")) if (path / RUN_FILE).is_file()]
    found = [_Named(path.name, path, read_run(path)) for path in inside]
    runs = [run for run in found if isinstance(run.record.seed, int)]
    if runs and not _differ_in_seed_alone(runs):
        raise RunError(_not_seeds(folder, runs))
    return [run.path for run in runs]


def _differ_in_seed_alone(runs: Sequence[_Named]) -> bool:
    records = [run.record for run in runs]
    alike = {(record.kind, record.package, record.model) for record in records}
    if len(runs) < 2 or len({str(record.seed) for record in records}) < len(runs) or len(alike) > 1:
        return False
    # Evaluations whose runs were moved, so that nothing is known of the training, are taken at their word.
    known = any(trained_record(record, {}).hyperparameters is not None for record in records)
    return not known or len(by_seeds(runs)) == 1


def _not_seeds(folder: Path, runs: Sequence[_Named]) -> str:
    names = " ".join(str(run.path) for run in runs[:3])
    return (
        f"{folder}: is neither a run nor a folder with the seeds of one training. Name the runs that it holds: {names}"
        f"{' ...' if len(runs) > 3 else ''}"
    )


def _check_named_once(paths: Sequence[Path]) -> None:
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise RunError(f"{path}: is named twice. Name each run once.")
