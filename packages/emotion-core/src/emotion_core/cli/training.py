"""The options of training that mean the same in both model packages, and the data that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from emotion_core.bounds import SEED, SEVERAL, THREADS
from emotion_core.cli.numbers import field_number, number
from emotion_core.cli.options import (
    Decorator,
    Options,
    column_options,
    data_inputs,
    device_option,
    force_option,
    make_columns,
    quiet_option,
    report_unused,
    seed_option,
    stack,
)
from emotion_core.defaults import DEFAULT_DATA, RUNS_FOLDER
from emotion_core.errors import DataError
from emotion_core.training.options import RunOptions

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.system.overwriting import Inputs


RARE_ADVICE = (
    "Add texts of these emotions, say with --label-map FILE that they are another emotion or left out, or give a "
    "validation split of your own: --train-file FILE --validation-file FILE, or a folder with such files."
)

CONFLICTS = ("majority", "drop")


training_data_options: Decorator = stack(
    click.option(
        "--data",
        metavar="NAME|PATH",
        help=f"sample, emotion, a folder with train/validation/test files, or one file.  [default: {DEFAULT_DATA}]",
    ),
    click.option("--train-file", type=click.Path(path_type=Path), help="The train split, instead of --data."),
    click.option("--validation-file", type=click.Path(path_type=Path), help="The validation split."),
    click.option(
        "--test-file",
        type=click.Path(path_type=Path),
        help="The test split; only a study looks at it, once.",
    ),
    column_options,
    click.option(
        "--clean-train",
        type=click.Choice(CONFLICTS),
        help="Remove repeated training texts; those with several labels keep the most frequent one, or are dropped.",
    ),
)

seeds_option: Decorator = click.option(
    "--seeds",
    type=number(SEVERAL),
    default=1,
    show_default=True,
    help="Train so many times, with --seed and the numbers after it.",
)

workers_option: Decorator = click.option(
    "--workers", type=number(SEVERAL), default=1, show_default=True, help="Processes that train side by side."
)

threads_option: Decorator = click.option(
    "--threads",
    type=number(THREADS),
    default=0,
    show_default=True,
    help="CPU threads of a process; 0 leaves the choice to the library.",
)

resume_option: Decorator = click.option("--resume", is_flag=True, help="Go on with what was interrupted.")


def seed_range(seed: int, seeds: int) -> range:
    """The seeds of so many trainings.

    Raises:
        ModelError: the last of them is no seed.
    """
    last = seed + seeds - 1
    SEED.check(f"--seed {seed} with --seeds {seeds}, the last seed", last)
    return range(seed, seed + seeds)


def recipe_option(recipes: Sequence[str]) -> Decorator:
    """The option for settings that are known to be good, by their names."""
    return click.option(
        "--recipe", type=click.Choice(recipes), help="Settings known to be good; other options take precedence."
    )


def setting_option(
    registry: Mapping[str, Any], name: str, description: str, kind: click.ParamType[Any] | None = None
) -> Decorator:
    """An option for one hyperparameter, whose default each entry of a registry states in its ``defaults``.

    Args:
        registry: entries by name, each with ``defaults``, a dataclass that has the field ``name``.
        name: of the hyperparameter.
        description: for the help text, which the defaults are added to.
        kind: click's type of the value; None for a number within the bounds that the field states.
    """
    if kind is None:
        kind = field_number(type(next(iter(registry.values())).defaults), name)
    defaults = {entry: _shown(getattr(registry[entry].defaults, name)) for entry in registry}
    shown = ", ".join(f"{entry} {value}" for entry, value in defaults.items())
    if len(set(defaults.values())) == 1:
        shown = next(iter(defaults.values()))
    return click.option(f"--{name.replace('_', '-')}", type=kind, help=f"{description}  [default: {shown}]")


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, int | float) else str(default)


def output_option(default: str) -> Decorator:
    """The option for the folder that a command makes; ``default`` is for the help text."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="RUN",
        help=f"The run folder to make.  [default: {RUNS_FOLDER}/{default}]",
    )


def fitting_options(registry: Mapping[str, Any]) -> Decorator:
    """The hyperparameters that mean the same for every model; the defaults are those of the registry."""
    return stack(
        setting_option(registry, "epochs", "Epochs, at most."),
        setting_option(registry, "batch_size", "Texts a step."),
        setting_option(registry, "max_length", "Longest text, in words or tokens."),
        setting_option(registry, "learning_rate", "Peak learning rate."),
    )


def training_options(registry: Mapping[str, Any]) -> Decorator:
    """The options of ``train`` that mean the same for every model; the defaults are those of the registry."""
    return stack(
        training_data_options,
        output_option("MODEL"),
        force_option,
        fitting_options(registry),
        click.option("--no-calibration", is_flag=True, help="Keep the probabilities as the network gives them."),
        seed_option,
        device_option,
        quiet_option,
    )


class TrainingRequest(NamedTuple):
    """What the options of a training ask for: the run folder to make, the data with a validation split, and how."""

    output: Path
    dataset: Dataset
    seed: int
    device: str
    options: RunOptions


def prepare_training(
    options: Options, model: str, cleaning: str, *, several: bool = False, inputs: Inputs = ()
) -> TrainingRequest:
    """Take the training options out of a command's options; what stays there are the model's own.

    Args:
        options: of the command.
        model: names the run folder unless --output does.
        cleaning: the name of the model's text cleaning.
        several: the output may hold several run folders, each of which is checked when it is made.
        inputs: what the command reads beside the data.

    Returns:
        What was asked for.

    Raises:
        RunError: the run folder is in the way.
        DataError: the data are not as they must be.
    """
    from emotion_core.system.overwriting import check_collection, check_output

    output = options.pop("output") or Path(RUNS_FOLDER) / model
    seed, device = options.pop("seed"), options.pop("device")
    told = RunOptions(
        force=options.pop("force"), quiet=options.pop("quiet"), calibrate=not options.pop("no_calibration")
    )
    inputs = [*training_inputs(options), *inputs]
    if several:
        check_collection(output, inputs)
    else:
        check_output(output, force=told.force, inputs=inputs)
    dataset = load_training_data(options, seed, cleaning, quiet=told.quiet)
    return TrainingRequest(output, dataset, seed, device, told)


def chosen(options: Options) -> Options:
    """The options that were given; the others keep the model's default."""
    return {name: value for name, value in options.items() if value is not None}


def training_inputs(options: Mapping[str, Any]) -> list[Path]:
    """The files and folders that the training data options name."""
    files = [options[name] for name in ("train_file", "validation_file", "test_file", "label_map")]
    return [*data_inputs(options["data"] or DEFAULT_DATA), *(file for file in files if file is not None)]


def load_training_data(
    options: Options, seed: int, cleaning: str, *, quiet: bool = False, trains: bool = True
) -> Dataset:
    """Take the training data options out of a command's options and load what they name, with a validation split.

    Args:
        options: of the command.
        seed: of the validation split, where one is held out.
        cleaning: the name of the model's text cleaning, by which --clean-train tells whether two texts are the same.
        quiet: do not say what is not used, what --clean-train did, what the train split lacks or shares, and of which
            texts nothing is read.
        trains: a model is trained on the data, and not only measured.

    Raises:
        DataError: the options contradict each other, or the data are not as they must be.
    """
    from emotion_core.data.deduplication import clean_dataset, cleaned_line
    from emotion_core.data.splits.overlap import overlap_lines, with_overlaps
    from emotion_core.data.splits.parts import with_validation
    from emotion_core.training.emptied import check_emptied

    conflicts = options.pop("clean_train")
    dataset = _load_named_data(options)
    report_unused(dataset, quiet=quiet)
    if conflicts is not None:  # before validation is held out, so that it is free of contradictions too
        dataset = clean_dataset(dataset, cleaning, conflicts)
        if not quiet and dataset.cleaned:
            click.echo(cleaned_line(dataset.cleaned), err=True)
    dataset = with_overlaps(with_validation(dataset, seed, RARE_ADVICE))
    for line in [] if quiet else overlap_lines(dataset):
        click.echo(line, err=True)
    if trains and not quiet and (absent := dataset.splits["train"].absent()):
        click.echo(f"The train split has no text of {', '.join(absent)}: the model will never predict that.", err=True)
    check_emptied(dataset, cleaning, quiet=quiet)
    return dataset


def _load_named_data(options: Options) -> Dataset:
    from emotion_core.data.dataset import path_name
    from emotion_core.data.load import load_dataset
    from emotion_core.data.split_files import load_files

    columns, data = make_columns(options), options.pop("data")
    files = {split: options.pop(f"{split}_file") for split in ("train", "validation", "test")}
    files = {split: path for split, path in files.items() if path is not None}
    if files and data:
        raise DataError(
            "--data and --train-file/--validation-file/--test-file cannot be given together. Choose one way."
        )
    if not files:
        return load_dataset(data or DEFAULT_DATA, columns)
    if "train" not in files:
        raise DataError("--train-file is missing: it goes with --validation-file and --test-file.")
    for split, path in files.items():
        if split != "train" and path.exists() and files["train"].exists() and path.samefile(files["train"]):
            raise DataError(
                f"{path}: is both --train-file and --{split}-file. Give other texts, or leave --{split}-file out."
            )
    folder = files["train"].parent
    in_working_folder = folder.resolve() == Path.cwd()
    return load_files(files, files["train"].name if in_working_folder else path_name(folder), columns)
