"""The order of the texts, the weights of the classes, and the learning rate of the layers."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from conftest import TINY
from torch import nn

from emotion_bert.finetuning.arguments import Placement, training_arguments
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.start import load_model
from emotion_bert.models.stored_weights import depth_of
from emotion_bert.trainer.class_weights import class_weights
from emotion_bert.trainer.dropout import SixteenBitDropout
from emotion_bert.trainer.encodings import WINDOW_BATCHES, LengthGroupedSampler
from emotion_bert.trainer.progress import TrainerProgress
from emotion_bert.trainer.trainer import EmotionTrainer
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS
from emotion_core.training.progress import TrainingProgress

LENGTHS = [1 + 7 * index % 50 for index in range(1003)]


@dataclass
class Texts:
    """Texts of some lengths, which other texts have in the odd epochs."""

    lengths: list[int]

    def set_epoch(self, epoch: int) -> None:
        """Turn the lengths round before an odd epoch."""
        self.lengths = self.lengths[::-1] if epoch % 2 else self.lengths


def trainer_for(
    checkpoint: Checkpoint,
    folder: Path,
    *,
    weights: list[float] | None = None,
    smoothing: float = 0.0,
    decay: float = 1,
) -> EmotionTrainer:
    """A trainer of a tiny model that has not begun."""
    settings = dataclasses.replace(TINY, layer_decay=decay, label_smoothing=smoothing)
    arguments = training_arguments(settings, folder, 1, Placement(torch.device("cpu"), "fp32"))
    return EmotionTrainer(
        model=load_model(checkpoint),
        args=arguments,
        eval_dataset=[{}],  # asked for, not read
        settings=settings,
        progress=TrainerProgress(TrainingProgress(settings.epochs, quiet=True)),
        weights=weights,
    )


def test_the_model_that_is_trained_draws_its_dropout_faster(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Every dropout of the model becomes one with 16 bits a value, of the same share."""
    shares = [module.p for module in load_model(checkpoint).modules() if type(module) is nn.Dropout]
    trained = trainer_for(checkpoint, tmp_path).model
    assert [module.p for module in trained.modules() if isinstance(module, SixteenBitDropout)] == shares
    assert not any(type(module) is nn.Dropout for module in trained.modules())


def test_an_epoch_reads_every_text_once() -> None:
    """The sampler gives each index exactly once, whatever the number of texts."""
    for count in (1, 31, 32, 33, 1003):
        assert sorted(LengthGroupedSampler(Texts(LENGTHS[:count]), 32, 1)) == list(range(count))


def test_the_order_depends_on_seed_and_epoch_only() -> None:
    """Two samplers agree in each epoch, epochs differ, and so do seeds."""
    first, second, other = (LengthGroupedSampler(Texts(LENGTHS), 32, seed) for seed in (1, 1, 2))
    orders = []
    for epoch in (0, 1):
        torch.rand(1)  # the state of the global generator must not matter
        for sampler in (first, second, other):
            sampler.set_epoch(epoch)
        assert list(first) == list(second)
        assert list(first) != list(other)
        orders.append(list(first))
    assert orders[0] != orders[1]


def test_batches_hold_texts_of_like_length() -> None:
    """Padding to the longest text of each batch adds less than a twentieth, where random batches add far more."""
    order = list(LengthGroupedSampler(Texts(LENGTHS), 32, 1))
    padded = sum(
        max(LENGTHS[index] for index in order[start : start + 32]) * len(order[start : start + 32])
        for start in range(0, len(order), 32)
    )
    assert padded < 1.05 * sum(LENGTHS)


def test_batches_are_of_the_lengths_that_the_texts_have_in_the_epoch() -> None:
    """Where texts change their lengths with the epoch, as typing errors do, each epoch is grouped by its own."""
    sampler = LengthGroupedSampler(Texts([1] * 500 + [50] * 524), 32, 1)
    for epoch, long in ((0, range(500, 1024)), (1, range(524))):
        sampler.set_epoch(epoch)
        order = list(sampler)
        mixed = [len({index in long for index in order[start : start + 32]}) == 2 for start in range(0, 1024, 32)]
        assert sum(mixed) == 1


def test_batches_of_like_length_come_in_random_order() -> None:
    """The lengths neither rise nor fall through an epoch, though windows are sorted."""
    order = list(LengthGroupedSampler(Texts(list(range(32 * WINDOW_BATCHES))), 32, 1))
    starts = order[::32]
    assert starts != sorted(starts)
    assert starts != sorted(starts, reverse=True)


def test_balanced_weights_make_the_emotions_weigh_the_same() -> None:
    """Count times weight is the same for each emotion that occurs; one that is absent weighs nothing."""
    labels = [0] * 6 + [1] * 3 + [2] * 3 + [3] * 2 + [4] * 1
    weights = class_weights("balanced", labels)
    assert weights is not None
    assert [round(labels.count(label) * weights[label], 6) for label in range(6)] == [3.0] * 5 + [0.0]
    assert class_weights("none", labels) is None


def test_weights_from_a_file_are_in_label_order(tmp_path: Path) -> None:
    """A JSON file gives each emotion its weight, in whatever order it names them; their mean over the texts is 1."""
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({name: 1 + label for label, name in reversed(list(enumerate(EMOTIONS)))}))
    assert class_weights(str(path), [0, 2]) == pytest.approx([0.5, 1, 1.5, 2, 2.5, 3])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1, 2]", "found list"),
        ('{"joy": 1}', "found joy"),
        (json.dumps(dict.fromkeys(EMOTIONS, 0)), "found 0 for sadness"),
        (json.dumps(dict.fromkeys(EMOTIONS, True)), "found True for sadness"),
    ],
)
def test_a_mistake_in_the_weights_is_named(content: str | None, message: str, tmp_path: Path) -> None:
    """What is wrong with the file, and with which emotion, is in the message."""
    path = tmp_path / "weights.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        class_weights(str(path), [0])
    assert str(path) in str(caught.value)


def test_weights_and_smoothing_act_in_training_only(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """In training each text's smoothed loss counts its weight; the validation loss is the plain one."""
    weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    trainer = trainer_for(checkpoint, tmp_path, weights=weights, smoothing=0.2)
    model = trainer.model.eval()  # no dropout, so that the logits can be compared
    inputs = {"input_ids": torch.tensor([[5, 6, 7], [8, 9, 10]]), "attention_mask": torch.ones(2, 3, dtype=torch.long)}
    labels = torch.tensor([1, 5])
    plain, outputs = trainer.compute_loss(model, inputs | {"labels": labels}, return_outputs=True)
    assert plain.item() == pytest.approx(torch.nn.functional.cross_entropy(outputs.logits, labels).item())
    first, second = torch.nn.functional.cross_entropy(outputs.logits, labels, label_smoothing=0.2, reduction="none")
    expected = (2 * first + 6 * second) / 2
    model.training = True  # of the outer module alone
    assert trainer.compute_loss(model, inputs | {"labels": labels}).item() == pytest.approx(expected.item())


def test_the_learning_rate_falls_with_depth(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Head and last layer get the full rate, each layer below half of that above, the embeddings least of all."""
    trainer = trainer_for(checkpoint, tmp_path, decay=0.5)
    names = {parameter: name for name, parameter in trainer.model.named_parameters()}
    groups = trainer.create_optimizer().param_groups
    rates = {names[parameter]: group["lr"] for group in groups for parameter in group["params"]}
    assert set(rates) == set(names.values())
    n_layers = trainer.model.config.num_hidden_layers
    for name, rate in rates.items():
        assert rate == pytest.approx(TINY.learning_rate * 0.5 ** (n_layers - depth_of(name, n_layers)))
    assert {depth_of(name, n_layers) for name in rates} == set(range(n_layers + 1))
    assert all(depth_of(name, n_layers) == n_layers for name in rates if "classifier" in name)
    assert all(depth_of(name, n_layers) == 0 for name in rates if "embeddings" in name)
    decays = {names[p]: group["weight_decay"] for group in groups for p in group["params"]}
    assert {decays[name] for name in decays if name.endswith("bias")} <= {0.0}
    assert TINY.weight_decay in decays.values()


@pytest.mark.parametrize("beside", [1, 5])
def test_a_text_weighs_the_same_beside_any_other(beside: int, checkpoint: Checkpoint, tmp_path: Path) -> None:
    """The gradient of two texts is the mean of those of each alone, at batch size 1 as at any other."""
    trainer = trainer_for(checkpoint, tmp_path, weights=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    model = trainer.model.eval()
    model.training = True
    tokens, mask = torch.tensor([[5, 6, 7], [8, 9, 10]]), torch.ones(2, 3, dtype=torch.long)
    labels = torch.tensor([5, beside])

    def loss_of(rows: slice) -> float:
        batch = {"input_ids": tokens[rows], "attention_mask": mask[rows], "labels": labels[rows]}
        loss: float = trainer.compute_loss(model, batch).item()
        return loss

    both = loss_of(slice(0, 2))
    assert both == pytest.approx((loss_of(slice(0, 1)) + loss_of(slice(1, 2))) / 2)
