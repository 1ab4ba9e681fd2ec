"""The options of training that mean the same in both model packages, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from emotion_core.bounds import SEED, SEVERAL, THREADS
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.numbers import field_number, number
from emotion_core.cli.options import Decorator, Folder, device_option, force_option, quiet_option, seed_option, stack
from emotion_core.cli.training_data import DataOptions, data_options, neutral_options
from emotion_core.defaults import RUNS_FOLDER
from emotion_core.training.options import RunOptions

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.system.overwriting import Inputs


seeds_option: Decorator = option(
    "--seeds",
    section=Section.COMMON,
    type=number(SEVERAL),
    default=1,
    show_default=True,
    help="Train this many times, with --seed and the numbers after it.",
)

workers_option: Decorator = option(
    "--workers",
    section=Section.MACHINE,
    type=number(SEVERAL),
    default=1,
    show_default=True,
    help="Train in this many processes side by side.",
)

threads_option: Decorator = option(
    "--threads",
    section=Section.MACHINE,
    type=number(THREADS),
    default=0,
    show_default=True,
    help="Use this many CPU threads in each process; 0 leaves the choice to the library.",
)

resume_option: Decorator = option(
    "--resume", section=Section.COMMON, is_flag=True, help="Go on with what was interrupted."
)


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
    return option(
        "--recipe",
        section=Section.COMMON,
        type=click.Choice(recipes),
        help="Start from settings that are known to be good; other options take precedence.",
    )


def setting_option(
    registry: Mapping[str, Any],
    name: str,
    description: str,
    kind: click.ParamType[Any] | None = None,
    *,
    section: Section = Section.OPTIMIZATION,
) -> Decorator:
    """An option for one hyperparameter, whose default each entry of a registry states in its ``defaults``.

    Args:
        registry: entries by name, each with ``defaults``, a dataclass that has the field ``name``.
        name: of the hyperparameter.
        description: for the help text, beside which the defaults are shown.
        kind: click's type of the value; None for a number within the bounds that the field states.
        section: the heading of the option.
    """
    if kind is None:
        kind = field_number(type(next(iter(registry.values())).defaults), name)
    defaults = {entry: _shown(getattr(registry[entry].defaults, name)) for entry in registry}
    shown = ", ".join(f"{entry} {value}" for entry, value in defaults.items())
    if len(set(defaults.values())) == 1:
        shown = next(iter(defaults.values()))
    return option(f"--{name.replace('_', '-')}", section=section, type=kind, show_default=shown, help=description)


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, int | float) else str(default)


def output_option(default: str) -> Decorator:
    """The option for the folder that a command makes; ``default`` is for the help."""
    return option(
        "--output",
        section=Section.COMMON,
        type=Folder(),
        metavar="RUN",
        show_default=f"{RUNS_FOLDER}/{default}",
        help="Write the results into this folder.",
    )


def fitting_options(registry: Mapping[str, Any]) -> Decorator:
    """The hyperparameters that mean the same for every model; the defaults are those of the registry."""
    return stack(
        setting_option(registry, "epochs", "Train for at most this many epochs.", section=Section.COMMON),
        setting_option(registry, "batch_size", "Learn from this many texts in each step."),
        setting_option(
            registry, "max_length", "Read at most this many words or tokens of a text.", section=Section.MODEL
        ),
        setting_option(registry, "learning_rate", "Set the peak learning rate."),
    )


def training_options(registry: Mapping[str, Any]) -> Decorator:
    """The options of ``train`` that mean the same for every model; the defaults are those of the registry."""
    return stack(
        data_options,
        neutral_options,
        output_option("MODEL"),
        force_option,
        fitting_options(registry),
        setting_option(
            registry,
            "typos",
            "Make a typing error in this share of the training words, in others in each epoch; 0 makes none.",
        ),
        option(
            "--no-calibration",
            section=Section.MODEL,
            is_flag=True,
            help="Keep the probabilities as the network gives them.",
        ),
        seed_option,
        device_option,
        quiet_option,
    )


@dataclass(frozen=True, kw_only=True)
class NewRunOptions:
    """The options of ``train`` about the run that is made, whatever the model."""

    output: Path | None
    force: bool
    no_calibration: bool
    seed: int
    quiet: bool

    def told(self) -> RunOptions:
        """What the training is told."""
        return RunOptions(force=self.force, quiet=self.quiet, calibrate=not self.no_calibration)


class TrainingRequest(NamedTuple):
    """The run folder to make, and the data with a validation split."""

    output: Path
    dataset: Dataset


def prepare_training(
    data: DataOptions, new: NewRunOptions, model: str, cleaning: str, *, several: bool = False, inputs: Inputs = ()
) -> TrainingRequest:
    """Look whether the run folder is free, and load the data.

    Args:
        data: which data.
        new: which run.
        model: names the run folder unless --output does.
        cleaning: the name of the model's text cleaning.
        several: the output may hold several run folders, each of which is checked when it is made.
        inputs: what the command reads beside the data.

    Raises:
        RunError: the run folder is in the way.
        DataError: the data are not as they must be.
    """
    from emotion_core.system.overwriting import check_collection, check_output

    output = new.output or Path(RUNS_FOLDER) / model
    inputs = [*data.inputs(), *inputs]
    if several:
        check_collection(output, inputs)
    else:
        check_output(output, force=new.force, inputs=inputs)
    return TrainingRequest(output, data.load(new.seed, cleaning, quiet=new.quiet))


def chosen(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters that were given; the others keep the model's default."""
    return {name: value for name, value in settings.items() if value is not None}
