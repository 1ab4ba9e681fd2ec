"""Try a model and its tokenizer before the training, with what the training will do.

Whatever is wrong with an architecture here (positions that end too early, answers that depend on the batch, outputs
that are no logits) then shows within seconds, and not after the first epoch or in a prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from emotion_bert.models.classifier import is_quantized
from emotion_bert.trainer.encodings import Encoding, Encodings
from emotion_core.errors import ModelError, is_storage_fault, short_reason
from emotion_core.labels import N_EMOTIONS

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ENOUGH = 1024
"""No text longer than this is tried, for the time it would take; positions that are learned rarely go further."""

ROUNDING, MOST = {"cpu": 1e-3}, 1e-2
"""What batches of other widths may change, as a share of the largest logit: on a CPU, and elsewhere.
"""

OTHER = "Choose another --model; the guide lists the architectures that are tested."

LENGTH = "Choose a lower --max-length, or another --model; the guide lists the architectures that are tested."

Collate = Callable[[list[Encoding]], dict[str, Any]]


def try_out(
    model: PreTrainedModel, texts: Encodings, collate: Collate, *, max_length: int, precision: str, title: str
) -> None:
    """Compute a short text alone and beside one of the greatest length, and one step of a training.

    The weights and the random numbers are afterwards as they were.

    Args:
        model: to be trained.
        texts: the training texts, tokenized.
        collate: makes a padded batch.
        max_length: tokens of a text that are read.
        precision: of the training, ``fp32`` or ``bf16``.
        title: of the model, for messages.

    Raises:
        ModelError: the model cannot be trained so, or its answers depend on the other texts in a batch.
    """
    order = sorted(range(len(texts)), key=texts.lengths.__getitem__)
    short, long = texts[order[0]], stretched(texts[order[-1]], min(max_length, ENOUGH))
    length, kind = len(long["input_ids"]), model.config.model_type
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices), _telling(f"{title} ({kind})", f"with texts of {length} tokens", LENGTH):
        alone = _logits(model, [short], collate)
        together = _logits(model, [short, long], collate)
        in_half = precision == "bf16"
        half = torch.autocast(model.device.type, torch.bfloat16, enabled=in_half)
        with half, _telling(f"{title} ({kind})", f"in {precision}", "Add --precision fp32." if in_half else OTHER):
            _step(model, [short, texts[order[-1]]], collate)
    if alone.shape != (1, N_EMOTIONS) or not bool(torch.isfinite(together).all()):
        raise ModelError(
            f"{title} ({kind}) gives {tuple(alone.shape)} for a text, expected six finite numbers. {OTHER}"
        )
    furthest = float((together[0] - alone[0]).abs().max())
    if furthest > ROUNDING.get(model.device.type, MOST) * float(together.abs().max()) and not is_quantized(model):
        raise ModelError(
            f"{title}: the answers of {kind} depend on the length of the other texts in a batch (by {furthest:.2g} "
            f"here), so that a text would get another emotion in another file. {OTHER}"
        )


def stretched(text: Encoding, length: int) -> Encoding:
    """A text with the token in its middle repeated until it has so many."""
    found = len(text["input_ids"])
    middle, more = found // 2, length - found
    if more <= 0:
        return text
    rows = {name: list(values) for name, values in text.items() if name != "labels"}
    longer = {name: [*row[:middle], *([row[middle]] * more), *row[middle:]] for name, row in rows.items()}
    return {**longer, "labels": text["labels"]}


@contextmanager
def _telling(title: str, how: str, advice: str) -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, ModelError):
        raise
    except Exception as error:  # each architecture has errors of its own
        if is_storage_fault(error):
            raise
        raise ModelError(f"{title}: cannot be trained {how} ({short_reason(error)}). {advice}") from error


def _logits(model: PreTrainedModel, texts: list[Encoding], collate: Collate) -> torch.Tensor:
    training = model.training
    try:
        with torch.inference_mode():
            logits: torch.Tensor = model.eval()(**_inputs(model, texts, collate)).logits
            return logits.float()
    finally:
        model.train(training)


def _step(model: PreTrainedModel, texts: list[Encoding], collate: Collate) -> None:
    training = model.training
    try:
        model.train()(**_inputs(model, texts, collate)).logits.float().square().mean().backward()
    finally:
        model.zero_grad(set_to_none=True)
        model.train(training)


def _inputs(model: PreTrainedModel, texts: list[Encoding], collate: Collate) -> dict[str, torch.Tensor]:
    batch = collate([{name: values for name, values in text.items() if name != "labels"} for text in texts])
    return {name: values.to(model.device) for name, values in batch.items()}
