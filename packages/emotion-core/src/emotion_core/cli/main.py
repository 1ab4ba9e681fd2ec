"""The ``emotion-core`` command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import MANY
from emotion_core.cli.commands.audit import audit
from emotion_core.cli.commands.baseline import baseline
from emotion_core.cli.commands.behave import behave_command
from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.import_predictions import import_predictions
from emotion_core.cli.commands.mcp import mcp
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.commands.serve import serve
from emotion_core.cli.commands.split import split
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.option import option
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.loading import Run
from emotion_core.cli.numbers import number
from emotion_core.cli.options import (
    Folder,
    Place,
    force_option,
    json_option,
    program,
)
from emotion_core.cli.printing import print_comparison
from emotion_core.cli.several.transfer import transfer_command
from emotion_core.defaults import DEFAULT_EXAMPLES
from emotion_core.imports import PROGRAM

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.reporting.compare_page import Beyond

main = program(
    PROGRAM,
    "audit sample",
    """Audit and split emotion datasets, use runs in ONNX, compare and verify runs of any format.

    The six emotions: 0 sadness, 1 joy, 2 love, 3 anger, 4 fear, 5 surprise.
    """,
)


@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """The options of ``compare``, as the command line gives them."""

    runs: tuple[Path, ...]
    html: Path | None
    examples: int
    behaviours: tuple[Path, ...]
    transferred: Path | None
    force: bool
    as_json: bool


@main.command()
@click.argument("runs", nargs=-1, required=True, type=Run(), metavar="RUN...")
@option("--html", type=Place(file=True), metavar="PAGE", help="Write a self-contained HTML page into this file, too.")
@option(
    "--examples",
    type=number(MANY),
    default=DEFAULT_EXAMPLES,
    show_default=True,
    help="Let the page show at most this many texts on which the runs disagree; 0 shows none.",
)
@option(
    "--behaviour",
    "behaviours",
    type=Place(file=True),
    multiple=True,
    metavar="FILE",
    help="Let the page show this output of behave, too; repeat the option for other runs.",
)
@option(
    "--transfer", "transferred", type=Folder(), metavar="FOLDER", help="Let the page show this output of transfer, too."
)
@force_option
@json_option
@grouped(asked=CompareOptions)
def compare(asked: CompareOptions) -> None:
    """Rank RUNs of any package by macro-F1, and test each against the best on the same texts.

    A RUN is a run folder, or a folder with the seeds of one training, which are ranked by their mean.

    \b
    Example:
      emotion-core compare runs/gru runs/minilm --html comparison.html
      emotion-core compare runs/a runs/b --html page.html --transfer transfer
    """
    from emotion_core.reporting.compare import ranked_runs
    from emotion_core.runs.typed_json import json_text
    from emotion_core.system.overwriting import check_file
    from emotion_core.system.places import is_stream

    html, shown = asked.html, [*asked.behaviours, *filter(None, [asked.transferred])]
    if shown and html is None:
        raise click.UsageError("--behaviour and --transfer are shown on the page. Name it with --html.")
    if html is not None:
        check_file(html, force=asked.force, inputs=[*asked.runs, *shown], option="--html")
        tell_outputs(html)
    entries = ranked_runs(asked.runs)
    if html is not None:
        from emotion_core.reporting.compare_page import write_page

        write_page(entries, html, examples=asked.examples, beyond=_beyond(asked))
    if asked.as_json:
        click.echo(json_text(entries, indent=2, ensure_ascii=False))
        return
    print_comparison(entries)
    if html is not None:
        click.echo(f"Page: {html if is_stream(html) else html.resolve()}")


def _beyond(asked: CompareOptions) -> Beyond:
    from emotion_core.reporting.beyond.behaviours import read_behaviour
    from emotion_core.reporting.beyond.transfer_folder import read_transfer
    from emotion_core.reporting.compare_page import Beyond

    transfer = None if asked.transferred is None else read_transfer(asked.transferred)
    return Beyond([read_behaviour(path) for path in asked.behaviours], transfer)


@main.command()
@click.argument("folder", type=Folder(), metavar="RUNS_FOLDER")
@option("--output", required=True, type=Folder(), metavar="FOLDER", help="Write the report into this folder.")
@force_option
def report(folder: Path, output: Path, force: bool) -> None:
    """Write a report on all runs below RUNS_FOLDER: tables and pictures, as Markdown, and all figures as JSON.

    Runs that were measured on other texts get a part of their own, and so do folders of transfer and what behave wrote
    into files whose names end with behaviour.json. What cannot be used is named and left out.

    \b
    Example:
      emotion-core report runs --output report
    """
    from emotion_core.reporting.report import PAGE_FILE, write_report

    tell_outputs(output)
    found = write_report(folder, output, force=force)
    for line in found.left_out:
        click.echo(f"Left out: {line}", err=True)
    click.echo(f"{output / PAGE_FILE}: {len(found.runs)} runs, {len(found.searches)} searches")


@main.command()
@click.argument("run", type=Run())
def verify(run: Path) -> None:
    """Check the files of RUN against the hashes in its run.json; exit code 2 when one differs.

    \b
    Example:
      emotion-core verify runs/gru
    """
    from emotion_core.errors import RunError
    from emotion_core.runs.folder import read_run, recorded_hashes, verify_run

    if problems := verify_run(run):
        raise RunError("\n".join(f"{run}/{problem}" for problem in problems))
    click.echo(f"{run}: all {len(recorded_hashes(run, read_run(run)))} files are as they were written")


def _load(run: Path, device: str) -> Classifier:
    from emotion_core.inference.loading import load

    return load(run, device)


main.add_command(audit)
main.add_command(baseline)
main.add_command(import_predictions)
main.add_command(evaluate_command(PROGRAM, _load))
main.add_command(predict_command(PROGRAM, _load))
main.add_command(behave_command(PROGRAM, _load))
main.add_command(transfer_command(PROGRAM, _load))
main.add_command(serve)
main.add_command(mcp)
main.add_command(split)
