"""The options of several emotion-rnn commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import KnownValues
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, stack
from emotion_core.cli.training import threads_option
from emotion_core.data.published.manifests import manifest
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import PRECISIONS, UNKNOWN_WORDS, VectorOptions

if TYPE_CHECKING:
    from emotion_core.runs.record_parts import Settings

vector_options: Decorator = stack(
    option(
        "--glove",
        section=Section.COMMON,
        type=KnownValues(lambda: manifest("glove"), path=True),
        help="Start from the word vectors of this text file, or of a name: sample for the bundled ones of the sample's "
        "words, glove.twitter.27B.100d for those that are fetched.",
    ),
    option(
        "--unknown-words",
        section=Section.MODEL,
        type=click.Choice(UNKNOWN_WORDS),
        default=UNKNOWN_WORDS[0],
        show_default=True,
        help="Start words without a GloVe vector from this.",
    ),
    option(
        "--embedding-dimension",
        section=Section.MODEL,
        type=field_number(Hyperparameters, "embedding_dimension"),
        help="Set the size of the word vectors; with --glove, the file must have it.",
    ),
)

computing_options: Decorator = stack(
    option(
        "--precision",
        section=Section.MACHINE,
        type=click.Choice(PRECISIONS),
        default=PRECISIONS[0],
        show_default=True,
        help="Compute in this precision; the weights stay float32.",
    ),
    threads_option,
)


@dataclass(frozen=True, kw_only=True)
class VectorChoice:
    """What `vector_options` say."""

    glove: str | None
    unknown_words: str
    embedding_dimension: int | None

    def vectors(self) -> VectorOptions | None:
        """The GloVe vectors; None for random ones."""
        if self.glove is None:
            return None
        return VectorOptions(self.glove, self.unknown_words, self.embedding_dimension)

    def settings(self) -> Settings:
        """The dimension of random vectors, which is a hyperparameter; that of GloVe vectors is the file's."""
        return {} if self.glove is not None else {"embedding_dimension": self.embedding_dimension}

    def inputs(self) -> list[Path]:
        """The file that is named."""
        return [] if self.glove is None or self.glove in manifest("glove") else [Path(self.glove)]
