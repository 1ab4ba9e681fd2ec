"""The command ``compress``."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_bert.compression.options import SCOPES, STRUCTURES, CompressionOptions
from emotion_bert.compression.techniques import ALL, TECHNIQUES
from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import (
    Place,
    data_inputs,
    device_option,
    force_option,
    json_option,
    quiet_option,
    seed_option,
)
from emotion_core.cli.printing import print_table, report_unused
from emotion_core.cli.training import resume_option

DEFAULTS = CompressionOptions()


@click.command("compress")
@click.argument("run", type=Place())
@click.option(
    "--technique",
    "names",
    type=click.Choice([*TECHNIQUES, ALL]),
    multiple=True,
    default=(ALL,),
    show_default=True,
    help="May be given several times.",
)
@click.option("--data", default="emotion", show_default=True, metavar="NAME|PATH", help="sample, emotion, or a folder.")
@click.option("--output", type=Place(), metavar="FOLDER", help="[default: RUN-compressed]")
@click.option(
    "--max-drop",
    type=field_number(CompressionOptions, "max_drop"),
    default=DEFAULTS.max_drop,
    show_default=True,
    help="Of macro-F1 on validation; a variant that loses more is marked.",
)
@click.option("--strict", is_flag=True, help="Exit code 1 when a variant is marked or could not be made.")
@click.option(
    "--amount",
    type=field_number(CompressionOptions, "amount"),
    default=DEFAULTS.amount,
    show_default=True,
    help="Share that pruning removes.",
)
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default=DEFAULTS.scope,
    show_default=True,
    help="Remove that share of each layer, or the smallest weights of all.",
)
@click.option("--prune-head", is_flag=True, help="Prune the classification head, too.")
@click.option(
    "--structured", type=click.Choice(STRUCTURES), help="Remove whole attention heads or feed-forward neurons instead."
)
@click.option(
    "--recover-epochs",
    type=field_number(CompressionOptions, "recover_epochs"),
    default=DEFAULTS.recover_epochs,
    show_default=True,
    help="Fine-tune after pruning; what was removed stays so.",
)
@click.option(
    "--recover-learning-rate",
    type=field_number(CompressionOptions, "recover_learning_rate"),
    default=DEFAULTS.recover_learning_rate,
    show_default=True,
    help="Of that.",
)
@click.option(
    "--threshold",
    type=field_number(CompressionOptions, "threshold"),
    default=DEFAULTS.threshold,
    show_default=True,
    help="Outliers of int8.",
)
@click.option(
    "--calibration-texts",
    type=field_number(CompressionOptions, "calibration_texts"),
    default=DEFAULTS.calibration_texts,
    show_default=True,
    help="Training texts that give onnx-int8 fixed ranges; 0 takes them from each batch.",
)
@seed_option
@column_options
@device_option
@resume_option
@force_option
@json_option
@quiet_option
@grouped(columns=ColumnOptions, settings=CompressionOptions)
def compress_command(
    run: Path,
    names: tuple[str, ...],
    data: str,
    output: Path | None,
    strict: bool,
    device: str,
    resume: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    columns: ColumnOptions,
    settings: CompressionOptions,
) -> None:
    """Make the model of RUN smaller or faster in several ways, and show what each costs.

    Writes a run folder for each technique, which evaluate, predict and emotion-core compare take like any other, and
    the trade-off as a table, a picture and JSON. With --resume, variants that are complete are taken as they are.

    \b
    Example:
      emotion-bert compress runs/minilm --data emotion
      emotion-bert compress runs/minilm --technique onnx-int8 --data sample --output runs/small
      emotion-bert compress runs/minilm --technique prune --amount 0.5 --recover-epochs 1
    """
    from emotion_bert.compression.report import COLUMNS, REPORT_FILE, remarks, report_json, table_rows, write_report
    from emotion_core.data.load import load_dataset
    from emotion_core.system.overwriting import check_collection, check_force

    named = run if run.name not in ("", "..") else run.resolve()
    output = output or named.with_name(f"{named.name}-compressed")
    check_collection(output, [run, *data_inputs(data)])
    check_force(output / REPORT_FILE, force=force or resume)
    dataset = load_dataset(data, columns.columns())
    report_unused(dataset, quiet=quiet)

    from emotion_bert.compression.compress import BROKEN, FAILED, compress
    from emotion_bert.compression.source import Source

    source = Source.read(run, dataset, device, quiet=quiet)
    wanted = list(TECHNIQUES) if ALL in names else list(dict.fromkeys(names))
    variants = compress(source, wanted, output, settings, resume=resume, force=force)
    write_report(output, variants, str(run), settings)
    if as_json:
        click.echo(report_json(variants, str(run), settings))
    else:
        print_table(COLUMNS, table_rows(variants))
        for line in [] if quiet else remarks(variants):
            click.echo(line)
        click.echo(f"{output}: the run folders, the table and the picture")
    if strict and any(variant.state in (FAILED, BROKEN) for variant in variants):
        raise SystemExit(1)
