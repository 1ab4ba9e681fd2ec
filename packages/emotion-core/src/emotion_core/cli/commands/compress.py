"""The command ``compress``, written once for the packages that have techniques."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.help.command import EXAMPLE, HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import BUNDLED, DATASET
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import (
    Decorator,
    Folder,
    data_inputs,
    device_option,
    force_option,
    json_option,
    quiet_option,
)
from emotion_core.cli.printing import print_table, report_unused
from emotion_core.cli.training import resume_option
from emotion_core.compression.options import GateOptions
from emotion_core.compression.technique import ALL, Toolbox
from emotion_core.defaults import DEFAULT_DATA

if TYPE_CHECKING:
    from emotion_core.compression.measure import Variant

HELP = """Make the model of RUN smaller or faster in several ways, and show what each costs.

Writes a run folder for each technique, which evaluate, predict and emotion-core compare take like any other, and the
trade-off as a table, a picture and JSON. With --resume, variants that are complete are taken as they are."""


def compress_command(
    toolbox: Toolbox[Any, Any], options: type[GateOptions], technique_options: Decorator, examples: str
) -> click.Command:
    """The command ``compress`` of a package.

    Args:
        toolbox: of the package.
        options: the settings of its techniques, whose fields are called like the options.
        technique_options: their options, but for that of the gate.
        examples: what to call it with, one example a line, for the help.
    """
    named = [name for name, technique in toolbox.techniques.items() if technique.on_request]
    on_request = f" {ALL} leaves out {' and '.join(named)}." if named else ""
    shown = "\n".join(f"{toolbox.package} compress {example}" for example in examples.splitlines())

    @click.command("compress", cls=HelpfulCommand, help=f"{HELP}\n\n{EXAMPLE}{shown}")
    @click.argument("run", type=Folder())
    @option(
        "--technique",
        "names",
        section=Section.COMMON,
        type=click.Choice([*toolbox.techniques, ALL]),
        multiple=True,
        default=(ALL,),
        show_default=True,
        help="Compress by this technique; repeat the option for several." + on_request,
    )
    @option(
        "--data",
        section=Section.COMMON,
        type=DATASET,
        show_default="that of RUN",
        help=f"Measure on this dataset, and train on it where a technique does: {BUNDLED}, or a folder.",
    )
    @option(
        "--output",
        section=Section.COMMON,
        type=Folder(),
        metavar="FOLDER",
        show_default="RUN-compressed",
        help="Write the run folders of the variants into this folder.",
    )
    @option(
        "--max-drop",
        section=Section.COMMON,
        type=field_number(GateOptions, "max_drop"),
        default=GateOptions().max_drop,
        show_default=True,
        help="Mark a variant whose macro-F1 on validation is lower by more than this.",
    )
    @option(
        "--strict",
        section=Section.COMMON,
        is_flag=True,
        help="End with exit code 1 if a variant is marked or could not be made.",
    )
    @technique_options
    @column_options
    @device_option
    @resume_option
    @force_option
    @json_option
    @quiet_option
    @grouped(columns=ColumnOptions, settings=options, asked=CompressOptions)
    def command(columns: ColumnOptions, settings: GateOptions, asked: CompressOptions) -> None:
        _compress(toolbox, columns, settings, asked)

    return command


@dataclass(frozen=True, kw_only=True)
class CompressOptions:
    """The options of ``compress`` that no technique reads, as the command line gives them."""

    run: Path
    names: tuple[str, ...]
    data: str | None
    output: Path | None
    strict: bool
    device: str
    resume: bool
    force: bool
    as_json: bool
    quiet: bool

    @property
    def folder(self) -> Path:
        """Of the variants."""
        named = self.run if self.run.name not in ("", "..") else self.run.resolve()
        return self.output or named.with_name(f"{named.name}-compressed")


def _compress(
    toolbox: Toolbox[Any, Any], columns: ColumnOptions, settings: GateOptions, asked: CompressOptions
) -> None:
    from emotion_core.compression.report import REPORT_FILE, chain_remark, write_report
    from emotion_core.data.load import load_dataset
    from emotion_core.system.overwriting import check_collection, check_force

    output, data = asked.folder, asked.data or _recorded_data(asked.run)
    check_collection(output, [asked.run, *data_inputs(data)])
    check_force(output / REPORT_FILE, force=asked.force or asked.resume)
    dataset = load_dataset(data, columns.columns())
    report_unused(dataset, quiet=asked.quiet)

    from emotion_core.compression.compress import Asked, compress
    from emotion_core.compression.variant import BROKEN, FAILED

    source = toolbox.read(asked.run, dataset, asked.device, asked.quiet)
    named = [name for name in asked.names if name != ALL]
    wanted = list(dict.fromkeys([*(toolbox.usual if ALL in asked.names else []), *named]))
    tell_outputs(*(output / name for name in wanted), resume="--resume", keep=asked.resume)
    variants = compress(toolbox, source, Asked(wanted, output, settings, asked.resume, asked.force))
    write_report(output, variants, str(asked.run), settings)
    _print(toolbox, variants, settings, asked)
    if (remark := chain_remark(source)) and not asked.quiet:
        click.echo(remark, err=True)
    if asked.strict and any(variant.state in (FAILED, BROKEN) for variant in variants):
        raise SystemExit(1)


def _recorded_data(run: Path) -> str:
    """The name or the path of the data that a run was trained from."""
    from emotion_core.runs.folder import read_run

    recorded = read_run(run).data
    return recorded.name if recorded else DEFAULT_DATA


def _print(toolbox: Toolbox[Any, Any], variants: list[Variant], settings: GateOptions, asked: CompressOptions) -> None:
    from emotion_core.compression.report import COLUMNS, remarks, report_json, shared_remarks, table_rows

    if asked.as_json:
        click.echo(report_json(variants, str(asked.run), settings))
        return
    print_table(COLUMNS, table_rows(variants))
    for line in [*shared_remarks(variants), *([] if asked.quiet else remarks(variants, toolbox.techniques))]:
        click.echo(line)
    click.echo(f"{asked.folder}: the run folders, the table and the picture")
