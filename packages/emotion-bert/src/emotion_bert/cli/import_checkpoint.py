"""The command ``import``."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_bert.models.registry import CLEANING, MODELS, Hyperparameters
from emotion_core.cli.groups import grouped
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Place, device_option, force_option, quiet_option
from emotion_core.cli.training import output_option
from emotion_core.cli.training_data import DataOptions, data_options
from emotion_core.defaults import DEFAULT_SEED, RUNS_FOLDER


@click.command("import")
@click.argument("file", type=Place(), metavar="CHECKPOINT.pt")
@click.option(
    "--model-id",
    metavar="NAME|PATH|HUB_ID",
    help=f"What it was made from: {', '.join(MODELS)}, a local folder, or a hub id.  [default: what the file says]",
)
@data_options
@output_option("MODEL")
@force_option
@click.option(
    "--max-length",
    type=field_number(Hyperparameters, "max_length"),
    help=f"Longest text, in tokens.  [default: what the file says, else {Hyperparameters().max_length}]",
)
@click.option(
    "--labels",
    metavar="A,B,C,D,E,F",
    help="The emotions that its six outputs stand for, in their order.  [default: what the file or its model says]",
)
@device_option
@quiet_option
@grouped(data=DataOptions)
def import_command(
    file: Path,
    model_id: str | None,
    output: Path | None,
    labels: str | None,
    force: bool,
    max_length: int | None,
    device: str,
    quiet: bool,
    data: DataOptions,
) -> None:
    """Turn a checkpoint of an old study into a run folder, measured on validation.

    The file is one that torch.save wrote, with model_state_dict, model_id and config. No code in it is run.

    \b
    Example:
      emotion-bert import best_model.pt --data emotion --output runs/old-modernbert
      emotion-bert import old.pt --model-id vinai/bertweet-base --data sample
    """
    from emotion_bert.legacy.import_checkpoint import ImportOptions, find_entry, find_max_length, import_checkpoint
    from emotion_bert.legacy.old_checkpoint import read_checkpoint
    from emotion_bert.models.checkpoints import locate
    from emotion_core.system.overwriting import check_output

    old = read_checkpoint(file)
    entry = find_entry(old, model_id)
    max_length = find_max_length(old, max_length)
    output = output or Path(RUNS_FOLDER) / entry.name
    check_output(output, force=force, inputs=[file, entry.source, *data.inputs()])
    dataset = data.load(DEFAULT_SEED, CLEANING, quiet=quiet, trains=False)
    given = labels.split(",") if labels else ()
    how = ImportOptions(max_length=max_length, device=device, force=force, quiet=quiet, labels=given)
    metrics = import_checkpoint(old, locate(entry), dataset, output, how)
    click.echo(f"{output}: {metrics.summary()}")
