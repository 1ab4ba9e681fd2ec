"""Read the checkpoint of an old study, a pickle that is not trusted, as plain weights and what it says of itself."""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from emotion_bert.models.heads import output_names
from emotion_core.data.cleaning import replace_surrogates
from emotion_core.errors import ModelError

WEIGHTS_KEY = "model_state_dict"
LABEL_KEYS, LABEL_LIST_KEYS = ("id2label", "label2id"), ("labels", "label_names", "class_names", "classes")
DESCRIBING_KEYS = ("model_id", "model_name", "compression_type", "config")
MAX_DEPTH = 4

WRAPPER_PREFIXES = ("module.", "_orig_mod.")  # of DataParallel and torch.compile, in any order and number

# Older versions of transformers saved these; newer ones make them anew, always the same.
DERIVED_BUFFERS = (".embeddings.position_ids", ".embeddings.token_type_ids")

QUANTIZED_NAME = re.compile(r"int\d|nf4|fp4|\d.?bit|quanti|gptq|awq|combined", re.IGNORECASE)
QUANTIZED_KEY = re.compile(r"\.(SCB|absmax|quant_map|quant_state\b.*|zero_point|qweight|_packed_params\b.*)$")
CODE_NAME = re.compile(r"GLOBAL ([\w.]+)")


Statements = Mapping[str, Any]
"""What a file that another program wrote says, by name."""


@dataclass(frozen=True)
class OldCheckpoint:
    """A checkpoint as it was read.

    Attributes:
        path: of the file.
        weights: by the names that the plain model has for them; pairs of weight and pruning mask are multiplied.
        statements: what the file says of itself, ready for JSON.
        labels: the names of the outputs in their order, from the config or beside it; None where it names none.
    """

    path: Path
    weights: dict[str, torch.Tensor]
    statements: Statements
    labels: list[str] | None = None

    @property
    def config(self) -> Statements:
        """The settings of the old training."""
        config: Statements = self.statements["config"]
        return config

    @property
    def dtype(self) -> str:
        """The number format of most weights, such as ``float16``."""
        counts = Counter(str(weight.dtype).removeprefix("torch.") for weight in self.weights.values())
        return counts.most_common(1)[0][0]


def read_checkpoint(path: Path) -> OldCheckpoint:
    """Read a file that ``torch.save`` wrote, without running any code in it.

    Raises:
        ModelError: there is no such file, it holds code, is damaged, quantized, or not of the expected form.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file. Name the checkpoint, a file that torch.save wrote.")
    content = _load(path)
    if not isinstance(content, dict) or WEIGHTS_KEY not in content:
        found = f"the keys {_shown(content)}" if isinstance(content, dict) else f"a {type(content).__name__}"
        raise ModelError(
            f"{path}: found {found}, expected a dictionary with {WEIGHTS_KEY!r}. Save the model again: torch.save("
            f"{{{WEIGHTS_KEY!r}: model.state_dict(), 'model_id': ID, 'config': SETTINGS}}, FILE)."
        )
    weights = content[WEIGHTS_KEY]
    if not isinstance(weights, dict) or not weights or not all(isinstance(key, str) for key in weights):
        raise ModelError(f"{path}: {WEIGHTS_KEY!r} holds no weights. Save model.state_dict() under it.")
    if not isinstance(content.get("config") or {}, dict):
        kind = type(content["config"]).__name__
        raise ModelError(f"{path}: 'config' is a {kind}, expected a dictionary of settings. Save it as one, or none.")
    _refuse_quantized(path, content.get("compression_type"), weights)
    return OldCheckpoint(path, _plain_weights(path, weights), _statements(content), _labels(content))


def _labels(content: Statements) -> list[str] | None:
    for said in (content.get("config") or {}, content):
        lists = {key: said[key] for key in LABEL_LIST_KEYS if isinstance(said.get(key), list | tuple)}
        for stated in (*map(said.get, LABEL_KEYS), *lists.values()):
            if names := output_names(stated):
                return names
    return None


def _load(path: Path) -> Any:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever is wrong is said once, below
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # which errors a damaged file leads to is not documented
            raise ModelError(f"{path}: {_why_not_loaded(error)}") from error


def _why_not_loaded(error: Exception) -> str:
    if code := CODE_NAME.search(str(error)):
        return (
            f"asks to run code ({code.group(1)}) when it is loaded. No code in it was run. If you trust who made "
            f"the file, save only {WEIGHTS_KEY!r}, 'model_id' and 'config' anew, with plain numbers and words."
        )
    # torch advises to load the file unsafely first, and gives its reason after that.
    lines = str(error).rpartition("WeightsUnpickler error: ")[2].strip().splitlines()
    reason = lines[0][:200] if lines else type(error).__name__
    return (
        f"is no file that torch.save wrote, or is damaged ({reason}). No code in it was run. Copy the checkpoint "
        "again, or name another file."
    )


def _refuse_quantized(path: Path, compression: object, weights: Statements) -> None:
    signs = [key for key, value in weights.items() if QUANTIZED_KEY.search(key) or _is_quantized(key, value)]
    named = compression is not None and QUANTIZED_NAME.search(str(compression))
    if named or signs:
        found = f"compression_type {compression!r}" if named else f"quantized weights ({_shown(signs)})"
        raise ModelError(
            f"{path}: found {found}; a quantized checkpoint cannot be imported. Import the plain checkpoint that it "
            "was made from, and quantize that anew with emotion-bert compress."
        )


def _is_quantized(key: str, value: object) -> bool:
    if not isinstance(value, torch.Tensor) or key.endswith(DERIVED_BUFFERS):
        return False
    return value.is_quantized or value.dtype in (torch.int8, torch.uint8)


def _plain_weights(path: Path, weights: Statements) -> dict[str, torch.Tensor]:
    plain: dict[str, torch.Tensor] = {}
    for key, value in weights.items():
        name = _without_wrappers(key)
        if not isinstance(value, torch.Tensor):
            raise ModelError(f"{path}: {key} is a {type(value).__name__}, expected a tensor. Save model.state_dict().")
        if name in plain:
            raise ModelError(f"{path}: holds {name} twice, with and without a prefix. Save model.state_dict() alone.")
        if not name.endswith(DERIVED_BUFFERS):
            plain[name] = value
    for masked in [name for name in plain if name.endswith("_mask") and f"{name[:-5]}_orig" in plain]:
        name = masked.removesuffix("_mask")
        mask, original = plain.pop(masked), plain.pop(f"{name}_orig")
        if mask.shape != original.shape:
            raise ModelError(f"{path}: {masked} has the shape {tuple(mask.shape)}, expected {tuple(original.shape)}.")
        plain[name] = original * mask.to(original.dtype)
    return plain


def _without_wrappers(key: str) -> str:
    while key.startswith(WRAPPER_PREFIXES):
        key = key.partition(".")[2]
    return key


def _statements(content: dict[Any, Any]) -> Statements:
    """What is kept for the run: the describing keys, numbers and words; of the rest (an optimizer) the names."""
    kept = {key: content[key] for key in content if key in DESCRIBING_KEYS or _is_scalar(content[key])}
    left = [str(key) for key in content if key not in kept and key != WEIGHTS_KEY]
    said = {key: _plain(value) for key, value in (dict.fromkeys(DESCRIBING_KEYS) | kept).items()}
    return said | {"config": said["config"] or {}} | ({"left_out": left} if left else {})


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def _plain(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The value as JSON can hold it; anything else, such as a dtype or a tensor, in words."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth and isinstance(value, dict):
        return {_plain(str(key)): _plain(entry, depth - 1) for key, entry in value.items()}
    if depth and isinstance(value, list | tuple | set):
        return [_plain(entry, depth - 1) for entry in value]
    return f"tensor {tuple(value.shape)}" if isinstance(value, torch.Tensor) else _plain(str(value)[:100])


def _shown(names: Any) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "") or "(none)"
