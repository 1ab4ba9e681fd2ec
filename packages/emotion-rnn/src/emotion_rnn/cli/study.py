"""``python -m emotion_rnn.LSTM`` and ``python -m emotion_rnn.GRU``: the whole study of an architecture."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.bounds import SEVERAL
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.numbers import number
from emotion_core.cli.options import EmotionCommand
from emotion_core.cli.training import output_option, seed_range
from emotion_core.defaults import RUNS_FOLDER
from emotion_rnn.architectures import STUDIES
from emotion_rnn.cli.options import VectorChoice
from emotion_rnn.cli.search import SearchOptions, prepare_search, search_options
from emotion_rnn.network.options import Computing, check_freezing

DEFAULT_SEEDS = 5


def study_command(name: str) -> click.Command:
    """The command that runs the study of the architecture ``name``."""
    study = STUDIES[name]
    module = f"emotion_rnn.{name.upper()}"
    phases = ", ".join(f"{phase.name} ({len(phase.points())} points)" for phase in study.phases)

    @click.command(
        cls=EmotionCommand,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=f"""Run the study of the {study.architecture.title}: {phases}, then the final model with several seeds.

        The test split, where the data have one, is looked at once, at the end. A study that was interrupted goes on
        with --resume.

        \b
        Example:
          python -m {module} --data emotion --glove glove.twitter.27B.100d
        """,
    )
    @output_option(f"{name}-study")
    @search_options
    @option(
        "--seeds",
        section=Section.COMMON,
        type=number(SEVERAL),
        default=DEFAULT_SEEDS,
        show_default=True,
        help="Train the final model this many times, with --seed and the numbers after it.",
    )
    @grouped(asked=SearchOptions, vectors=VectorChoice, computing=Computing)
    def command(
        output: Path | None, seeds: int, asked: SearchOptions, vectors: VectorChoice, computing: Computing
    ) -> None:
        output = output or Path(RUNS_FOLDER) / f"{name}-study"
        seed_range(asked.seed, seeds)
        inputs, storage, running = prepare_search(asked, vectors, computing, output)
        for phase in study.phases:
            check_freezing(phase.settings, inputs.vectors)

        from emotion_rnn.search.study import REPORT_PAGE, report_page, run_study

        report = run_study(study, output, inputs, storage=storage, n_seeds=seeds, running=running)
        click.echo(report_page(report))
        click.echo(f"{output}: the report is {output / REPORT_PAGE}")

    return command


lstm, gru = study_command("lstm"), study_command("gru")
