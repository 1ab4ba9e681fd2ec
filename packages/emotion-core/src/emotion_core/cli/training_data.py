"""The options that name the data of a training, and the data that they name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import SHARE
from emotion_core.cli.groups import ColumnOptions, column_options
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import DATASET, DATASETS, KnownValues, dataset_names
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Decorator, Place, data_inputs, stack
from emotion_core.cli.printing import report_unused
from emotion_core.defaults import DEFAULT_DATA, EQUAL, MIX_RULES, SIZE
from emotion_core.errors import DataError

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.data.deduplication import Conflicts

RARE_ADVICE = (
    "Add texts of these emotions, say with --label-map FILE that they are another emotion or left out, or give a "
    "validation split of your own: --train-file FILE --validation-file FILE, or a folder with such files."
)

CONFLICTS = ("majority", "drop")

data_options: Decorator = stack(
    option(
        "--data",
        section=Section.COMMON,
        type=DATASET,
        multiple=True,
        show_default=DEFAULT_DATA,
        help=f"Use this dataset: {DATASETS}; repeat the option to train on several.",
    ),
    option(
        "--mix",
        section=Section.DATA,
        type=KnownValues(lambda: MIX_RULES),
        metavar=f"{'|'.join(MIX_RULES)}|WEIGHTS",
        show_default=SIZE,
        help=f"Read several --data so that all weigh the same ({EQUAL}), each text once ({SIZE}), or by a weight for "
        "each of them, such as 1,2.",
    ),
    option(
        "--drop-shared",
        section=Section.DATA,
        is_flag=True,
        help="Drop training texts that stand in the validation or test split of another --data.",
    ),
    option(
        "--train-file",
        section=Section.DATA,
        type=Place(),
        metavar="FILE",
        help="Read the train split from this file, instead of --data.",
    ),
    option(
        "--validation-file",
        section=Section.DATA,
        type=Place(),
        metavar="FILE",
        help="Read the validation split from this file.",
    ),
    option(
        "--test-file",
        section=Section.DATA,
        type=Place(),
        metavar="FILE",
        help="Read the test split from this file; only a study looks at it, once.",
    ),
    column_options,
    option(
        "--clean-train",
        section=Section.DATA,
        type=click.Choice(CONFLICTS),
        help="Remove repeated training texts; those with several labels keep the majority label, or are dropped.",
    ),
)


neutral_options: Decorator = stack(
    option(
        "--neutral",
        section=Section.DATA,
        type=KnownValues(lambda: ("sample",), path=True),
        metavar="FILE|sample",
        help="Teach a neutral gate with the texts without emotion in this file, or with its train rows if it has a "
        "column split: predictions say how probable it is that a text shows none of the six.",
    ),
    option(
        "--neutral-threshold",
        section=Section.DATA,
        type=number(SHARE),
        show_default="never",
        help="Let the run's predictions say neutral above this probability without being asked.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class NeutralOptions:
    """What `neutral_options` say."""

    neutral: str | None
    neutral_threshold: float | None

    def inputs(self) -> list[Path]:
        """The file that is named."""
        from emotion_core.data.neutral.texts import neutral_file

        return [] if self.neutral is None else [neutral_file(self.neutral)]

    def added(self, dataset: Dataset) -> Dataset:
        """The data of a training, with the texts that teach a neutral gate, where one is asked for.

        Raises:
            DataError: the file cannot be used, or a text of it stands in the data, too.
        """
        from emotion_core.data.neutral.texts import check_apart, read_neutral

        if self.neutral is None:
            if self.neutral_threshold is not None:
                raise DataError("--neutral-threshold goes with --neutral FILE, which teaches the gate. Give both.")
            return dataset
        neutral = read_neutral(self.neutral, "train", threshold=self.neutral_threshold)
        check_apart(neutral, dataset.splits)
        return replace(dataset, neutral=neutral)


@dataclass(frozen=True, kw_only=True)
class DataOptions(ColumnOptions):
    """What `data_options` say."""

    data: tuple[str, ...]
    mix: str | None
    drop_shared: bool
    train_file: Path | None
    validation_file: Path | None
    test_file: Path | None
    clean_train: Conflicts | None

    def inputs(self) -> list[Path]:
        """The files and folders that are named."""
        files = (self.train_file, self.validation_file, self.test_file, self.label_map)
        return [*(path for name in self._data() for path in data_inputs(name)), *filter(None, files)]

    def _data(self) -> tuple[str, ...]:
        return self.data or (DEFAULT_DATA,)

    def load(self, seed: int, cleaning: str, *, quiet: bool = False, trains: bool = True) -> Dataset:
        """The data, with a validation split.

        Args:
            seed: of the validation split, where one is held out.
            cleaning: the name of the model's text cleaning, by which --clean-train tells whether texts are the same.
            quiet: do not say what is not used, what --clean-train did, what the train split lacks or shares, and of
                which texts nothing is read.
            trains: a model is trained on the data, and not only measured.

        Raises:
            DataError: the options contradict each other, or the data are not as they must be.
        """
        from emotion_core.data.mixing.mix import mixed
        from emotion_core.data.mixing.told import mixed_line
        from emotion_core.data.splits.overlap import overlap_lines, with_overlaps
        from emotion_core.training.emptied import check_emptied

        sources = [self._whole(source, seed, cleaning, quiet=quiet) for source in self._named()]
        dataset = sources[0]
        if len(sources) > 1:
            dataset = mixed(sources, SIZE if self.mix is None else self.mix, seed, drop_shared=self.drop_shared)
            if not quiet and dataset.mix:
                click.echo(mixed_line(dataset.mix), err=True)
        elif self.mix is not None or self.drop_shared:
            option = "--drop-shared" if self.mix is None else "--mix"
            raise DataError(f"{option} is about several sources: repeat --data.")
        dataset = with_overlaps(dataset)
        for line in [] if quiet else overlap_lines(dataset):
            click.echo(line, err=True)
        if trains and not quiet and (absent := dataset.splits["train"].absent()):
            emotions = ", ".join(absent)
            click.echo(f"The train split has no text of {emotions}: the model will never predict that.", err=True)
        check_emptied(dataset, cleaning, quiet=quiet)
        return dataset

    def _whole(self, source: Dataset, seed: int, cleaning: str, *, quiet: bool) -> Dataset:
        """One source with a validation split, its train split cleaned if that is asked for."""
        from emotion_core.data.deduplication import clean_dataset, cleaned_line
        from emotion_core.data.splits.parts import with_validation

        report_unused(source, quiet=quiet)
        if self.clean_train is not None:  # before validation is held out, so that it is free of contradictions too
            source = clean_dataset(source, cleaning, self.clean_train)
            if not quiet and source.cleaned:
                click.echo(cleaned_line(source.cleaned), err=True)
        return with_validation(source, seed, RARE_ADVICE)

    def _named(self) -> list[Dataset]:
        from emotion_core.data.dataset import path_name
        from emotion_core.data.load import load_dataset
        from emotion_core.data.split_files.load import load_files

        columns = self.columns()
        named = {"train": self.train_file, "validation": self.validation_file, "test": self.test_file}
        files = {split: path for split, path in named.items() if path is not None}
        if files and self.data:
            raise DataError(
                "--data and --train-file/--validation-file/--test-file cannot be given together. Choose one way."
            )
        if not files:
            names = self._data()
            # Those that have a name have our labels, and their map would be refused.
            own = [name for name in names if name not in dataset_names()]
            unmapped = replace(columns, label_map=None) if own else columns
            return [load_dataset(name, columns if name in own else unmapped) for name in names]
        if "train" not in files:
            raise DataError("--train-file is missing: it goes with --validation-file and --test-file.")
        for split, path in files.items():
            if split != "train" and path.exists() and files["train"].exists() and path.samefile(files["train"]):
                raise DataError(
                    f"{path}: is both --train-file and --{split}-file. Give other texts, or leave --{split}-file out."
                )
        folder = files["train"].parent
        in_working_folder = folder.resolve() == Path.cwd()
        return [load_files(files, files["train"].name if in_working_folder else path_name(folder), columns)]
