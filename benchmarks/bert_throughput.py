"""Time the fine-tuning of a transformer beside a plain loop and beside transformers' Trainer as it comes.

The plain loop pads every text to 128 tokens and tokenizes each batch when it is its turn; the Trainer groups the texts
by length; `side-by-side` is several trainings at once, as `--seeds 5 --workers 2 --threads 1` runs them. All read the
same texts in batches of the same size, in fp32 on a CPU. The share of the matmul peak is that of the arithmetic that a
way needs for the texts without any padding, in the speed of a large matrix product that is timed here.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)

from emotion_bert.finetuning.arguments import Placement, training_arguments
from emotion_bert.machine.device import choose_device, quiet_transformers
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.checkpoints import load_tokenizer, locate
from emotion_bert.models.first_token import READ_THE_FIRST_TOKEN
from emotion_bert.models.registry import CLEANING, MODELS, Hyperparameters
from emotion_bert.models.start import load_model
from emotion_bert.trainer.encodings import Encodings
from emotion_bert.trainer.trainer import EmotionTrainer
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.labels import N_EMOTIONS
from emotion_core.system.environment import host, installed_versions

PLAIN_LENGTH = 128
MATRIX_SIZE = 2048
N_WARM_UP = 64
PLAIN, STOCK, OURS, SIDE_BY_SIDE = "plain", "trainer", "emotion-bert", "side-by-side"
RANDOM = "modernbert-random"
"""ModernBERT-base with the sizes of its config and random weights: for speed that does not depend on the weights."""


def build_model(name: str, *, ours: bool = True) -> PreTrainedModel:
    """A model of the registry, or `RANDOM`; as this package computes it, or as it comes."""
    if name == RANDOM:
        return ModernBertForSequenceClassification(ModernBertConfig(num_labels=N_EMOTIONS))
    checkpoint = locate(MODELS[name])
    if ours:
        return load_model(checkpoint)
    return AutoModelForSequenceClassification.from_pretrained(checkpoint.location, num_labels=N_EMOTIONS)


def plain_loop(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    split: Any,
    settings: Hyperparameters,
    device: torch.device,
) -> None:
    """One epoch as many a tutorial has it."""
    texts, labels = split.texts, torch.tensor(split.labels, device=device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    model.to(device).train()
    for indices in torch.randperm(len(texts)).split(settings.batch_size):
        chosen = [texts[index] for index in indices]
        batch = tokenizer(chosen, padding="max_length", truncation=True, max_length=PLAIN_LENGTH, return_tensors="pt")
        loss = torch.nn.functional.cross_entropy(model(**batch.to(device)).logits, labels[indices])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_gradient_norm)
        optimizer.step()


def stock_trainer(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, frame: Any, settings: Hyperparameters, folder: str
) -> None:
    """One epoch of transformers' Trainer with its grouping by length."""
    arguments = TrainingArguments(
        output_dir=folder,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        train_sampling_strategy="group_by_length",
        save_strategy="no",
        use_cpu=not torch.cuda.is_available(),
        report_to="none",
        disable_tqdm=True,
    )
    encodings = Encodings(tokenizer, frame, CLEANING, settings.max_length)
    Trainer(model, arguments, DataCollatorWithPadding(tokenizer), encodings).train()


def our_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    split: Any,
    settings: Hyperparameters,
    folder: str,
    device: torch.device,
    compiled: bool,
) -> None:
    """One epoch as emotion-bert trains, without measuring and saving."""
    precision = choose_precision("auto", device)
    arguments = training_arguments(settings, Path(folder), 1, Placement(device, precision, compiled))
    arguments.eval_strategy = arguments.save_strategy = "no"
    EmotionTrainer(
        model=model,
        args=arguments,
        train_dataset=Encodings(tokenizer, split, CLEANING, settings.max_length),
        data_collator=DataCollatorWithPadding(tokenizer).__call__,
        settings=settings,
        history=[],
        weights=None,
    ).train()


def texts_per_second(train: Callable[[Any], None], frame: Any) -> float:
    """The speed of a training after a short one, in which libraries warm up, that is not counted."""
    train(frame.take(range(min(N_WARM_UP, len(frame)))))
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    start = time.perf_counter()
    train(frame)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return len(frame) / (time.perf_counter() - start)


def matmul_peak(device: torch.device) -> float:
    """The most floating point operations a second of a product of two fp32 matrices, of five."""
    first, second = (torch.randn(MATRIX_SIZE, MATRIX_SIZE, device=device) for _ in range(2))
    times = []
    for _ in range(6):
        start = time.perf_counter()
        (first @ second).sum().item()
        times.append(time.perf_counter() - start)
    return 2 * MATRIX_SIZE**3 / min(times[1:])


def operations_per_text(model: PreTrainedModel, lengths: list[int], *, ours: bool) -> float:
    """Floating point operations of training on a text, on average: 6 a weight and token, and the attention.

    In our way the last layer of some architectures computes keys and values of all tokens, and all else of one.
    """
    embedding = model.get_input_embeddings().weight.numel()
    weights = sum(parameter.numel() for parameter in model.parameters()) - embedding
    layers, width = model.config.num_hidden_layers, model.config.hidden_size
    spared = 0
    if ours and model.config.model_type in READ_THE_FIRST_TOKEN:
        last = sum(parameter.numel() for parameter in model.base_model.encoder.layer[-1].parameters())
        spared = last - 2 * width**2

    def of_text(length: int) -> int:
        attention = 12 * width * length * (layers * length - (length - 1 if spared else 0))
        return 6 * weights * length - 6 * spared * (length - 1) + attention

    return sum(map(of_text, lengths)) / len(lengths)


@quiet_transformers()
def measure(way: str, options: argparse.Namespace, threads: int = 0) -> float:
    """Texts a second of one way of training, with so many threads; 0 leaves the choice to torch."""
    if threads:
        torch.set_num_threads(threads)
    device, frame, tokenizer = choose_device(options.device), read_texts(options), read_tokenizer(options)
    settings = dataclasses.replace(Hyperparameters(), epochs=options.epochs, batch_size=options.batch_size)
    model = build_model(options.model, ours=way == OURS)
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Callable[[Any], None]] = {
            PLAIN: lambda part: plain_loop(model, tokenizer, part, settings, device),
            STOCK: lambda part: stock_trainer(model, tokenizer, part, settings, folder),
            OURS: lambda part: our_trainer(model, tokenizer, part, settings, folder, device, options.compile),
        }
        passes = 1 if way == PLAIN else options.epochs
        return passes * texts_per_second(ways[way], frame)


def measure_side_by_side(options: argparse.Namespace) -> float:
    """Texts a second of several trainings of our way at once, each with one thread, together."""
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        return sum(pool.starmap(measure, [(OURS, options, 1)] * options.workers, chunksize=1))


def read_texts(options: argparse.Namespace) -> Any:
    """The first training texts."""
    train = load_dataset(options.data).split("train")
    return train.take(range(min(options.texts, len(train))))


def read_tokenizer(options: argparse.Namespace) -> PreTrainedTokenizerBase:
    """That of the model; of MiniLM for a model with random weights."""
    return load_tokenizer(locate(MODELS["minilm" if options.model == RANDOM else options.model]), PLAIN_LENGTH)


@quiet_transformers()
def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="minilm", choices=[*MODELS, RANDOM])
    parser.add_argument("--data", default="sample", help="as in emotion-bert train")
    parser.add_argument("--texts", type=int, default=320, help="training texts that are read")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=1, help="of the trainers; the plain loop makes one")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "gpu"])
    parser.add_argument("--compile", action="store_true", help="compile the model of our way")
    parser.add_argument("--ways", nargs="+", default=[PLAIN, STOCK, OURS], choices=[PLAIN, STOCK, OURS, SIDE_BY_SIDE])
    parser.add_argument("--workers", type=int, default=2, help="trainings side by side, one thread each")
    parser.add_argument("--rounds", type=int, default=1, help="of all ways; the medians count")
    options = parser.parse_args()
    watch = Watch()
    device = choose_device(options.device)
    rounds: dict[str, list[float]] = {way: [] for way in options.ways}
    peaks = []
    for _ in range(options.rounds):  # one way after the other in each, so that a slow minute meets all of them
        peaks.append(matmul_peak(device))
        for way, found in rounds.items():
            found.append(measure_side_by_side(options) if way == SIDE_BY_SIDE else measure(way, options))
    speeds, peak = {way: statistics.median(found) for way, found in rounds.items()}, max(peaks)
    lengths = Encodings(read_tokenizer(options), read_texts(options), CLEANING, Hyperparameters().max_length).lengths
    model = build_model(options.model)
    needed = {way: operations_per_text(model, lengths, ours=way in (OURS, SIDE_BY_SIDE)) for way in options.ways}
    result = {
        "benchmark": "bert_throughput",
        "options": vars(options),
        "texts_per_second": speeds,
        "rounds": rounds,
        "matmul_peak_gflops": peak / 1e9,
        "share_of_matmul_peak": {way: speed * needed[way] / peak for way, speed in speeds.items()},
        "gpu": torch.cuda.get_device_name() if device.type == "cuda" else None,
        "peak_memory_bytes": torch.cuda.max_memory_allocated() if device.type == "cuda" else None,
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
