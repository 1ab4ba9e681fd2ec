"""The command ``import``."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_bert.models.registry import CLEANING, MODELS, Hyperparameters
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import KnownValues
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Place, device_option, force_option, quiet_option
from emotion_core.cli.training import output_option
from emotion_core.cli.training_data import DataOptions, data_options
from emotion_core.defaults import DEFAULT_SEED, RUNS_FOLDER


@click.command("import", cls=HelpfulCommand)
@click.argument("file", type=Place(), metavar="CHECKPOINT.pt")
@option(
    "--model-id",
    section=Section.COMMON,
    type=KnownValues(lambda: MODELS, path=True),
    metavar="NAME|PATH|HUB_ID",
    show_default="what the file says",
    help=f"Take this for the model that the file was made from: {', '.join(MODELS)}, a local folder, or a hub id.",
)
@data_options
@output_option("MODEL")
@force_option
@option(
    "--max-length",
    section=Section.MODEL,
    type=field_number(Hyperparameters, "max_length"),
    show_default=f"what the file says, else {Hyperparameters().max_length}",
    help="Read at most this many tokens of each text.",
)
@option(
    "--labels",
    section=Section.MODEL,
    metavar="A,B,C,D,E,F",
    show_default="what the file or its model says",
    help="Name the emotions that the six outputs of the file stand for, in their order.",
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
    tell_outputs(output)
    dataset = data.load(DEFAULT_SEED, CLEANING, quiet=quiet, trains=False)
    given = labels.split(",") if labels else ()
    how = ImportOptions(max_length=max_length, device=device, force=force, quiet=quiet, labels=given)
    metrics = import_checkpoint(old, locate(entry), dataset, output, how)
    click.echo(f"{output}: {metrics.summary()}")
