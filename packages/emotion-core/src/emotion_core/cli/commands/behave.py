"""The command ``behave``, written once for the three packages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import MANY
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import CAPABILITY
from emotion_core.cli.loading import Loader, Run, load_classifier, package_of, report_never_predicted
from emotion_core.cli.numbers import number
from emotion_core.cli.options import (
    Place,
    device_option,
    force_option,
    json_option,
    quiet_option,
    seed_option,
    uncalibrated_option,
)
from emotion_core.cli.printing import print_table
from emotion_core.printable import printable

if TYPE_CHECKING:
    from emotion_core.evaluation.behaviour.record import Behaviour


def behave_command(program: str, load: Loader) -> click.Command:
    """The command ``behave`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "behave",
        cls=HelpfulCommand,
        help=f"""Ask the model of RUN cases that were written for one capability each, and count its failures.

        Among the capabilities are negation, irony, slang, varieties of English, names and typing. Each has its rate of
        failures with a 95 % interval, and an example.

        \b
        Example:
          {program} behave runs/my-model
          {program} behave runs/my-model --capability negation --examples 40
        """,
    )
    @click.argument("run", type=Run())
    @option(
        "--capability",
        "capabilities",
        section=Section.COMMON,
        multiple=True,
        type=CAPABILITY,
        help="Try this capability alone; repeat the option for several.",
    )
    @option(
        "--examples",
        section=Section.COMMON,
        type=number(MANY),
        default=1,
        show_default=True,
        help="Show at most this many failures of each capability; 0 shows none.",
    )
    @option(
        "--output",
        section=Section.COMMON,
        type=Place(file=True),
        metavar="FILE",
        help="Write the JSON into this file, too.",
    )
    @force_option
    @seed_option
    @uncalibrated_option
    @device_option
    @json_option
    @quiet_option
    @grouped(asked=BehaveOptions)
    def command(asked: BehaveOptions) -> None:
        _behave(program, load, asked)

    return command


@dataclass(frozen=True, kw_only=True)
class BehaveOptions:
    """The options of ``behave``, as the command line gives them."""

    run: Path
    capabilities: tuple[str, ...]
    examples: int
    output: Path | None
    force: bool
    seed: int
    uncalibrated: bool
    device: str
    as_json: bool
    quiet: bool


def _behave(program: str, load: Loader, asked: BehaveOptions) -> None:
    from emotion_core.evaluation.behaviour.behave import behaved
    from emotion_core.evaluation.behaviour.cases import Suite
    from emotion_core.runs.folder import read_model_run
    from emotion_core.runs.typed_json import json_text
    from emotion_core.system.claim import write_aside
    from emotion_core.system.overwriting import check_file
    from emotion_core.training.bar import progress_bar

    suite = Suite.of(asked.capabilities, asked.seed)
    record = read_model_run(asked.run, package_of(program, asked.run))
    report_never_predicted(asked.run, record, quiet=asked.quiet)
    if asked.output is not None:
        check_file(asked.output, force=asked.force, inputs=[asked.run])
    classifier = load_classifier(load, asked.run, asked.device, uncalibrated=asked.uncalibrated)
    with progress_bar("Predicting", len(suite.texts()), quiet=asked.quiet) as advance:
        behaviour = behaved(classifier, suite, examples=asked.examples, progress=advance)
    if asked.output is not None:
        write_aside(asked.output, json_text(behaviour, indent=2, ensure_ascii=False) + "\n")
    if asked.as_json:
        click.echo(json_text(behaviour, indent=2, ensure_ascii=False))
    else:
        _print(behaviour, with_lists=asked.examples > 1)


def _print(behaviour: Behaviour, *, with_lists: bool) -> None:
    from emotion_core.evaluation.behaviour.table import COLUMNS, example_lines, remarks, table_rows

    print_table(COLUMNS, table_rows(behaviour))
    for remark in remarks(behaviour):
        click.echo(remark)
    for result in behaviour.capabilities if with_lists else ():
        if result.examples:
            click.echo()
            for line in example_lines(result):
                click.echo(printable(line))
