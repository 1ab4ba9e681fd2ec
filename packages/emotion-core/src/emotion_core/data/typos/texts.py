"""Texts with typing errors: a fixed share of the words of one text, or others in each epoch of a training."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from emotion_core.data.typos.slips import can_be_mistyped, mistyped

ONE_WORD_OF = 5
_SPACES = re.compile(r"(\s+)")


def with_typos(text: str, seed: int) -> str:
    """A text with a typing error in one word of five, in one at least; as it is if it has no word of three letters.

    The draws depend on the text and the seed alone.
    """
    rng = np.random.default_rng([seed, crc32(text.encode())])
    pieces = _SPACES.split(text)
    places = [place for place, word in enumerate(pieces[::2]) if can_be_mistyped(word)]
    wanted = max(1, round(len(text.split()) / ONE_WORD_OF))
    for place in rng.permutation(places)[:wanted].tolist():
        pieces[2 * place] = mistyped(pieces[2 * place], rng)
    return "".join(pieces)


@dataclass(frozen=True)
class EpochTypos:
    """Typing errors in training texts, drawn anew for each epoch.

    Attributes:
        share: of the words that get one; words that cannot be mistyped, such as mentions and links, stay.
        seed: of the training.
    """

    share: float
    seed: int

    def texts(self, texts: Sequence[str], epoch: int) -> list[str]:
        """The texts as an epoch reads them; the draws depend on the seed, the epoch (from 0) and the texts alone."""
        rng = np.random.default_rng([self.seed, epoch])
        return [self._text(text, rng) for text in texts]

    def _text(self, text: str, rng: np.random.Generator) -> str:
        pieces = _SPACES.split(text)
        for place in np.flatnonzero(rng.random(len(pieces) // 2 + 1) < self.share).tolist():
            if can_be_mistyped(word := pieces[2 * place]):
                pieces[2 * place] = mistyped(word, rng)
        return "".join(pieces)
