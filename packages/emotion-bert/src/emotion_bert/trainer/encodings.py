"""The training texts as token ids, and the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import torch

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Split
from emotion_core.inference.encoding.long_texts import Encoded, Reading
from emotion_core.inference.encoding.truncation_and_padding import filled

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WINDOW_BATCHES = 64
"""So many batches of texts are sorted by length at a time: enough to pad little, few enough to stay random."""


Encoding = dict[str, Any]
"""The inputs of the model for one text, by name, and its label."""


class EpochTexts(Protocol):
    """Gives the texts that an epoch reads in place of the training texts."""

    def texts(self, texts: Sequence[str], epoch: int) -> list[str]:
        """As many texts for an epoch (from 0)."""


class Encodings(torch.utils.data.Dataset[Encoding]):
    """Tokenized texts with labels, of their own lengths.

    Args:
        tokenizer: of the checkpoint.
        split: texts and labels.
        cleaning: name of the text cleaning.
        max_length: tokens of a text that are kept, special tokens included.
        varied: gives the texts from the first `set_epoch` on; None for the same in each epoch.

    Attributes:
        lengths: in tokens, one a text.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        split: Split,
        cleaning: str,
        max_length: int,
        varied: EpochTexts | None = None,
    ) -> None:
        def encode(cleaned: Sequence[str]) -> Encoded:
            encoded: Encoded = tokenizer(list(cleaned), truncation=True, max_length=max_length)
            return encoded

        self._read = Reading(CLEANERS[cleaning], encode, max_length, tokenizer.truncation_side)
        self._fill = int(tokenizer.pad_token_id)
        self._texts, self._labels = split.texts, split.labels.tolist()
        self._varied, self._epoch = varied, -1
        self._encode(split.texts)

    def _encode(self, texts: Sequence[str]) -> None:
        self._encoded = filled(self._read(texts), self._fill)
        self.lengths = [len(ids) for ids in self._encoded["input_ids"]]

    def set_epoch(self, epoch: int) -> None:
        """Take the texts of an epoch (from 0), such as with typing errors: a hundredth of the time to train it.

        Texts that stay the same are encoded once, for all epochs.
        """
        if self._varied is not None and epoch != self._epoch:
            self._encode(self._varied.texts(self._texts, epoch))
            self._epoch = epoch

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> Encoding:
        return {name: values[index] for name, values in self._encoded.items()} | {"labels": self._labels[index]}

    def shortest_first(self) -> torch.utils.data.Subset[Encoding]:
        """The same texts sorted by length, for an evaluation in which the order means nothing."""
        return torch.utils.data.Subset(self, sorted(range(len(self)), key=self.lengths.__getitem__))


class OfLengths(Protocol):
    """Texts of which the lengths in tokens are known, one a text, and may change with the epoch."""

    lengths: list[int]

    def set_epoch(self, epoch: int) -> None:
        """Take the texts of an epoch (from 0)."""


class LengthGroupedSampler(torch.utils.data.Sampler[int]):
    """Texts in random order, in batches of like length, so that little is padded.

    The order depends on the seed and the epoch and on nothing else, so that every process of a distributed training,
    and a training that goes on after an interruption, reads the same.

    Args:
        texts: which get the typing errors of an epoch, if they have any, before they are grouped by length.
        batch_size: of all processes together.
        seed: of the training.
    """

    def __init__(self, texts: OfLengths, batch_size: int, seed: int) -> None:
        self._texts, self._batch_size, self._seed = texts, batch_size, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch (from 0); the Trainer calls it before each."""
        self._epoch = epoch
        self._texts.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self._texts.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self._epoch)
        order, lengths = torch.randperm(len(self), generator=generator), torch.tensor(self._texts.lengths)
        whole = len(self) - len(self) % self._batch_size
        windows = order[:whole].split(WINDOW_BATCHES * self._batch_size)
        grouped = torch.cat([window[lengths[window].argsort(stable=True)] for window in windows])
        batches = grouped.view(-1, self._batch_size)
        shuffled = batches[torch.randperm(len(batches), generator=generator)]
        # The texts that fill no whole batch come last; elsewhere they would shift the limits of all batches behind.
        return iter([*shuffled.flatten().tolist(), *order[whole:].tolist()])
