"""Where a pre-trained checkpoint is, and what it states: its tokenizer, its config, the labels of its head."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_bert.models.hub_cache import cached_snapshot, check_weights, why_not_downloaded
from emotion_bert.models.registry import TOKENIZER_OPTIONS, ModelEntry
from emotion_core.data.published.manifests import manifest
from emotion_core.errors import ModelError, is_storage_fault, short_reason
from emotion_core.labels import EMOTION_TO_ID, ID_TO_EMOTION, N_EMOTIONS
from emotion_core.runs.record_parts import PretrainedCheckpoint

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

SIX_LABELS: dict[str, Any] = {
    "num_labels": N_EMOTIONS,
    "id2label": ID_TO_EMOTION,
    "label2id": EMOTION_TO_ID,
    "problem_type": None,  # of a checkpoint that gave several labels to a text
}


@dataclass(frozen=True)
class Checkpoint:
    """Where a checkpoint is loaded from.

    Attributes:
        entry: of the registry, or made for a folder or hub id.
        location: a local folder or a hub id.
        revision: the commit on the hub, if it is pinned or resolved.
    """

    entry: ModelEntry
    location: str
    revision: str | None = None

    @property
    def local_folder(self) -> Path | None:
        """The folder that it is loaded from; None for a model of the hub, also where the cache has it."""
        folder = Path(self.location)
        return folder if folder.is_dir() else None

    @property
    def folder(self) -> Path | None:
        """The folder with its files, in the cache of the hub if need be; None before it is there."""
        return self.local_folder or cached_snapshot(self.location, self.revision)

    def describe(self) -> PretrainedCheckpoint:
        """What a run records."""
        return PretrainedCheckpoint(self.entry.source, self.revision, bundled=self.location != self.entry.source)


def locate(entry: ModelEntry) -> Checkpoint:
    """The folder of the package that carries the model when that is installed, else the folder or hub id itself."""
    if entry.offline_package and importlib.util.find_spec(entry.offline_package):
        module = importlib.import_module(entry.offline_package)
        return Checkpoint(entry, str(module.get_model_path()))
    revision = manifest("checkpoints").get(entry.source, {}).get("revision")
    return Checkpoint(entry, entry.source, revision)


def resolved(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint at the commit of the hub, or of its cache, that is the newest now, where none is pinned.

    All that a training loads is then of one commit, and the run can record which.

    Raises:
        ModelError: it cannot be loaded.
    """
    if checkpoint.revision or checkpoint.local_folder:
        return checkpoint
    load_config(checkpoint)
    snapshot = cached_snapshot(checkpoint.location, None)
    return dataclasses.replace(checkpoint, revision=snapshot.name if snapshot else None)


def load_tokenizer(checkpoint: Checkpoint, max_length: int) -> PreTrainedTokenizerBase:
    """The tokenizer of a checkpoint.

    Raises:
        ModelError: it cannot be loaded, is none, cannot pad, or the model does not take ``max_length`` tokens.
    """
    from transformers import AutoConfig, AutoTokenizer

    from emotion_bert.tokens.fitting import prepare
    from emotion_bert.tokens.lengths import check_length
    from emotion_bert.tokens.presence import require_files, require_words, usual_kind

    config = from_pretrained(AutoConfig, checkpoint)
    options = TOKENIZER_OPTIONS.get(getattr(config, "tokenizer_class", None), {})
    folder = checkpoint.local_folder
    try:
        tokenizer: PreTrainedTokenizerBase = from_pretrained(AutoTokenizer, checkpoint, **options)
    except ModelError:
        if folder:
            require_files(usual_kind(config), folder)
        raise
    if folder:
        require_files(type(tokenizer), folder)
    require_words(tokenizer, checkpoint.location)
    prepare(tokenizer, config, checkpoint.location)
    check_length(tokenizer, config, max_length, checkpoint.entry.title)
    return tokenizer


def load_config(checkpoint: Checkpoint) -> PreTrainedConfig:
    """The architecture of the model, with a head for the six emotions.

    Raises:
        ModelError: it cannot be loaded, or is of quantized weights.
    """
    from transformers import AutoConfig

    from emotion_bert.machine.quantization import refuse_quantized

    config: PreTrainedConfig = from_pretrained(AutoConfig, checkpoint, **SIX_LABELS)
    refuse_quantized(config, checkpoint.location)
    return config


def original_config(checkpoint: Checkpoint) -> PreTrainedConfig:
    """The config as the checkpoint states it, with its own labels.

    Raises:
        ModelError: it cannot be loaded, or is of quantized weights.
    """
    from transformers import AutoConfig

    from emotion_bert.machine.quantization import refuse_quantized

    config: PreTrainedConfig = from_pretrained(AutoConfig, checkpoint)
    refuse_quantized(config, checkpoint.location)
    return config


def own_labels(checkpoint: Checkpoint) -> list[str]:
    """The names of the outputs of its own head, in their order; ``LABEL_0`` and so on where nothing names them.

    Raises:
        ModelError: the config cannot be loaded.
    """
    from transformers import PreTrainedConfig

    from emotion_bert.models.heads import output_names

    config = original_config(checkpoint)
    stated, _ = PreTrainedConfig.get_config_dict(checkpoint.location, revision=checkpoint.revision or "main")
    # transformers forgets a label2id that comes alone
    names = output_names(stated.get("id2label")) or output_names(stated.get("label2id"))
    return names or [str(name) for _, name in sorted((config.id2label or {}).items())]


def from_pretrained(auto_class: Any, checkpoint: Checkpoint, **options: Any) -> Any:
    """What a class of transformers loads from a checkpoint.

    Args:
        auto_class: ``AutoModel`` or the like.
        checkpoint: what to load.
        options: of its ``from_pretrained``.

    Raises:
        ModelError: it cannot be loaded.
    """
    # transformers would ask the hub, and a service beside it, for weights in another format than the pinned ones
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    try:
        return auto_class.from_pretrained(
            checkpoint.location, revision=checkpoint.revision or "main", trust_remote_code=False, **options
        )
    except ImportError:  # a package is missing or broken, and the checkpoint may be well
        raise
    except Exception as error:  # those of safetensors and tokenizers have no common class
        if is_storage_fault(error):  # a download fills the disk
            raise
        check_download(checkpoint)
        raise ModelError(not_loadable(checkpoint, error)) from error


def check_download(checkpoint: Checkpoint) -> None:
    """Raise a ModelError if weights in the cache are not those that the hub has."""
    if not checkpoint.local_folder and (snapshot := checkpoint.folder):
        check_weights(snapshot)


def not_loadable(checkpoint: Checkpoint, error: Exception) -> str:
    """The message for a checkpoint that the libraries could not load."""
    if checkpoint.local_folder:
        reason = short_reason(error)
        return f"{checkpoint.location}: cannot be loaded ({reason}). Name a folder that save_pretrained wrote."
    return why_not_downloaded(checkpoint.entry.title, checkpoint.location, error)
