"""The training texts as token ids, and the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

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


class Encodings(torch.utils.data.Dataset[Encoding]):
    """Tokenized texts with labels, of their own lengths.

    Args:
        tokenizer: of the checkpoint.
        split: texts and labels.
        cleaning: name of the text cleaning.
        max_length: tokens of a text that are kept, special tokens included.

    Attributes:
        lengths: in tokens, one a text.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, split: Split, cleaning: str, max_length: int) -> None:
        def encode(cleaned: Sequence[str]) -> Encoded:
            encoded: Encoded = tokenizer(list(cleaned), truncation=True, max_length=max_length)
            return encoded

        read = Reading(CLEANERS[cleaning], encode, max_length, tokenizer.truncation_side)
        self._encoded = filled(read(split.texts), int(tokenizer.pad_token_id))
        self._labels = split.labels.tolist()
        self.lengths = [len(ids) for ids in self._encoded["input_ids"]]

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> Encoding:
        return {name: values[index] for name, values in self._encoded.items()} | {"labels": self._labels[index]}

    def shortest_first(self) -> torch.utils.data.Subset[Encoding]:
        """The same texts sorted by length, for an evaluation in which the order means nothing."""
        return torch.utils.data.Subset(self, sorted(range(len(self)), key=self.lengths.__getitem__))


class LengthGroupedSampler(torch.utils.data.Sampler[int]):
    """Texts in random order, in batches of like length, so that little is padded.

    The order depends on the seed and the epoch and on nothing else, so that every process of a distributed training,
    and a training that goes on after an interruption, reads the same.

    Args:
        lengths: of the texts.
        batch_size: of all processes together.
        seed: of the training.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths, self._batch_size, self._seed = torch.tensor(lengths), batch_size, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch (from 0); the Trainer calls it before each."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self._epoch)
        order = torch.randperm(len(self), generator=generator)
        whole = len(self) - len(self) % self._batch_size
        windows = order[:whole].split(WINDOW_BATCHES * self._batch_size)
        grouped = torch.cat([window[self._lengths[window].argsort(stable=True)] for window in windows])
        batches = grouped.view(-1, self._batch_size)
        shuffled = batches[torch.randperm(len(batches), generator=generator)]
        # The texts that fill no whole batch come last; elsewhere they would shift the limits of all batches behind.
        return iter([*shuffled.flatten().tolist(), *order[whole:].tolist()])
