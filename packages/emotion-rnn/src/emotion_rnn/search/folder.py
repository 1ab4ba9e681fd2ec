"""The folder of a search: the storage while it runs, then the tables, the heat map and the winner's run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy

from emotion_core.errors import RunError
from emotion_core.reporting.search_table import SearchRow
from emotion_core.runs.definition import is_complete, require_same
from emotion_core.runs.folder import read_json
from emotion_core.system.claim import claimed, write_aside
from emotion_core.system.hashes import holds_something
from emotion_core.system.overwriting import check_apart, check_folder
from emotion_core.system.places import real_path
from emotion_rnn.network.options import TrainingOptions
from emotion_rnn.search.job import Job, Running
from emotion_rnn.search.report import REPORT_FILE, write_report
from emotion_rnn.search.run import run_search
from emotion_rnn.search.storage import telling_faults
from emotion_rnn.training.definition import glove_definition, training_definition

if TYPE_CHECKING:
    from emotion_rnn.plan import Point

STORAGE_FILE, BEST_DIR = "search.db", "best"


def embedded_storage(output: Path) -> str:
    """The address of the storage in the folder of a search."""
    return sqlalchemy.URL.create("sqlite", database=str(output / STORAGE_FILE)).render_as_string()


def check_search_folder(output: Path, *, resume: bool) -> None:
    """Raise a RunError when a folder is in the way of a search, and make it where there is none."""
    check_folder(output)
    check_apart(output / BEST_DIR, [])  # now, not after the search
    if output.is_dir() and holds_something(output) and not resume:
        raise RunError(f"{output}: exists already. Go on with --resume, or choose another --output.")
    real_path(output).mkdir(parents=True, exist_ok=True)


def search_folder(job: Job, output: Path, running: Running) -> list[SearchRow]:
    """Run a search to its end, write its report, and train the winner once more into ``best``.

    Args:
        job: the search.
        output: its folder, which exists.
        running: how it is run.

    Returns:
        The ranked points.

    Raises:
        RunError: the folder holds another search, its storage cannot be used, or every point failed.
    """
    claim_folder(output, job)
    study = run_search(job, running.n_workers, retry=running.retry, quiet=running.quiet)
    with telling_faults(job.storage):
        rows = write_report(output, study, job)
    if rows[0].macro_f1 is None:
        raise RunError(f"{output}: no point was trained to its end. The first error: {rows[0].error}")
    train_winner(job, output / BEST_DIR, best_point(rows, job), quiet=running.quiet)
    return rows


def claim_folder(output: Path, job: Job) -> None:
    """Write the definition of a search into its folder, or compare it with the one that is there.

    Raises:
        RunError: the folder holds the results of another search, which this one would replace.
    """
    path = output / REPORT_FILE
    if not path.exists():
        write_aside(path, json.dumps({"definition": job.definition()}, indent=2) + "\n")
        return
    require_same(
        f"{output}: holds another search",
        read_json(output, REPORT_FILE).get("definition") or {},
        job.definition(),
        "Give the options that it was started with, or choose another --output.",
    )


def best_point(rows: Sequence[SearchRow], job: Job) -> Point:
    """The searched hyperparameters of the best point of ranked rows."""
    return {name: rows[0].settings[name] for name in job.phase.grid}


def train_winner(job: Job, output: Path, point: Point, *, quiet: bool) -> None:
    """Train the winner with the search's seed into a run folder, unless it is there already; another one goes."""
    from emotion_rnn.architectures import ARCHITECTURES
    from emotion_rnn.training.train import train

    architecture, settings = ARCHITECTURES[job.architecture], job.phase.at(point)
    glove = glove_definition(job.vectors)
    wanted = training_definition(architecture, settings, job.dataset, glove, job.computing, calibrate=True)
    with claimed(output, wait=True):  # a process that ends the same search may be training it
        if is_complete(output, {**wanted, "seed": job.seed}, replace=True):
            return
        if not quiet:
            click.echo(f"The best point is trained once more, into {output}.", err=True)
        train(
            architecture,
            settings,
            job.dataset,
            output,
            job.seed,
            options=TrainingOptions(vectors=job.vectors, computing=job.computing, force=True, quiet=quiet),
        )
