"""``emotion-rnn search``: options and messages; the work is done in `emotion_rnn.search`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from emotion_core.bounds import count
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import NOTHING, command_line, tell_if_interrupted
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Decorator, device_option, quiet_option, seed_option, stack
from emotion_core.cli.printing import print_table
from emotion_core.cli.training import (
    chosen,
    fitting_options,
    output_option,
    resume_option,
    setting_option,
    workers_option,
)
from emotion_core.cli.training_data import DataOptions, data_options
from emotion_core.defaults import RUNS_FOLDER
from emotion_rnn.architectures import PHASES, STUDIES
from emotion_rnn.cli.options import VectorChoice, computing_options, vector_options
from emotion_rnn.network.options import CLEANING, Computing, check_freezing
from emotion_rnn.plan import PRUNERS, SAMPLERS

if TYPE_CHECKING:
    from emotion_rnn.search.job import Running, TrainingInputs

STORAGE_VARIABLE = "EMOTION_STORAGE"

storage_option: Decorator = option(
    "--storage",
    section=Section.MACHINE,
    metavar="URL",
    envvar=STORAGE_VARIABLE,
    show_default="a file in the output folder",
    help="Share the search with other machines through this PostgreSQL database, postgresql://...; if that holds a "
    f"password, set it in the variable {STORAGE_VARIABLE} instead.",
)

search_options: Decorator = stack(
    data_options,
    vector_options,
    workers_option,
    storage_option,
    resume_option,
    option(
        "--retry-failed",
        section=Section.SEARCH,
        is_flag=True,
        help="Train the points again that ended with an error.",
    ),
    seed_option,
    device_option,
    computing_options,
    quiet_option,
)


@dataclass(frozen=True, kw_only=True)
class SearchOptions(DataOptions):
    """What `search_options` say, but for word vectors and computing."""

    workers: int
    storage: str | None
    resume: bool
    retry_failed: bool
    seed: int
    quiet: bool


class SearchRequest(NamedTuple):
    """What all trainings have in common, the address of the storage if one was given, and how the search is run."""

    inputs: TrainingInputs
    storage: str | None
    running: Running


def prepare_search(asked: SearchOptions, vectors: VectorChoice, computing: Computing, output: Path) -> SearchRequest:
    """Look whether the folder is free, and load the data.

    Raises:
        RunError: the output is an input, lies in a run, or holds a search already and nobody said --resume.
        DataError: the data are not as they must be.
    """
    from emotion_core.system.overwriting import check_apart, check_collection
    from emotion_rnn.search.folder import check_search_folder
    from emotion_rnn.search.job import Running, TrainingInputs
    from emotion_rnn.search.storage import storage_address

    tell_if_interrupted(partial(_kept, output))
    running = Running(asked.workers, asked.retry_failed, asked.quiet)
    check_collection(output, [*asked.inputs(), *vectors.inputs()])
    if asked.storage:
        address = storage_address(asked.storage)  # a mistake in it is said before the data are read
        if address.get_backend_name() == "sqlite" and address.database:
            check_apart(Path(address.database), [], "--storage")
    check_search_folder(output, resume=asked.resume or running.retry)
    dataset = asked.load(asked.seed, CLEANING, quiet=asked.quiet)
    inputs = TrainingInputs(dataset, vectors.vectors(), computing, asked.seed)
    return SearchRequest(inputs, asked.storage or None, running)


def _kept(output: Path) -> str:
    """What an interrupted search or study leaves: nothing until a search has written what it is."""
    from emotion_rnn.search.report import REPORT_FILE

    if not any(output.rglob(REPORT_FILE)):
        return NOTHING
    return f"the points that are finished are kept in {output}; go on with: {command_line('--resume')}"


@click.command(cls=HelpfulCommand)
@click.argument("architecture", type=click.Choice(list(STUDIES), case_sensitive=False))
@option(
    "--phase",
    section=Section.COMMON,
    type=click.Choice(list(PHASES)),
    default=next(iter(PHASES)),
    show_default=True,
    help="Search the settings and the grid of this phase.",
)
@output_option("ARCHITECTURE-PHASE")
@search_options
@option(
    "--sampler",
    section=Section.SEARCH,
    type=click.Choice(SAMPLERS),
    default=SAMPLERS[0],
    show_default=True,
    help="Try every point of the grid, or points that TPE chooses within its bounds.",
)
@option(
    "--pruner",
    section=Section.SEARCH,
    type=click.Choice(PRUNERS),
    default=PRUNERS[0],
    show_default=True,
    help="End hopeless trainings early by this rule.",
)
@option(
    "--max-trials",
    section=Section.SEARCH,
    type=number(count(1, 10_000_000)),
    show_default="the whole grid; tpe 50",
    help="Try at most this many points, drawn from the whole grid.",
)
@option(
    "--train-embedding",
    section=Section.OPTIMIZATION,
    is_flag=True,
    help="Train the word vectors in a phase that keeps GloVe's to the end; without --glove, from random ones.",
)
@fitting_options(PHASES)
@setting_option(PHASES, "patience", "Stop after this many epochs without a lower validation loss.")
@grouped(asked=SearchOptions, vectors=VectorChoice, computing=Computing)
def search(
    architecture: str,
    phase: str,
    output: Path | None,
    sampler: str,
    pruner: str,
    max_trials: int | None,
    train_embedding: bool,
    asked: SearchOptions,
    vectors: VectorChoice,
    computing: Computing,
    **settings: Any,
) -> None:
    """Search the hyperparameters of a phase, with several processes or machines, and train the winner.

    Whatever is interrupted goes on with --resume: no finished point is trained twice, no point is lost.

    \b
    Example:
      emotion-rnn search lstm --data emotion --glove glove.twitter.27B.100d
      emotion-rnn search gru --data sample --train-embedding --workers 2
      emotion-rnn search gru --phase freeze-thaw --glove vectors.txt --sampler tpe
    """
    study = STUDIES[architecture.lower()]
    output = output or Path(RUNS_FOLDER) / f"{study.architecture.name}-{phase}"
    request = prepare_search(asked, vectors, computing, output)
    given = chosen({**settings, **vectors.settings()})
    if train_embedding:
        given["freeze_embedding"] = False
    entry = PHASES[phase]
    entry = dataclasses.replace(entry, settings=dataclasses.replace(entry.settings, **given))
    check_freezing(entry.settings, request.inputs.vectors)

    from emotion_rnn.search.folder import embedded_storage, search_folder
    from emotion_rnn.search.job import Job
    from emotion_rnn.search.report import table_cells

    job = Job(
        study.architecture.name,
        entry,
        **vars(request.inputs),
        storage=request.storage or embedded_storage(output),
        sampler=sampler,
        pruner=pruner,
        max_trials=max_trials,
    )
    rows = search_folder(job, output, request.running)
    print_table(*table_cells(rows[:SHOWN_ROWS]))
    click.echo(f"{output}: {len(rows)} points in trials.csv, the winner's run folder is {output / 'best'}")
    failed = [row for row in rows if row.error]
    if failed:
        click.echo(f"{len(failed)} points failed, the first with: {failed[0].error}. Try --retry-failed.", err=True)
        raise click.exceptions.Exit(1)


SHOWN_ROWS = 10
