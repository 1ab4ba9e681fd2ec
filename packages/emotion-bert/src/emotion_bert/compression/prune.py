"""Write pruned models."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.pruning import pruned_model
from emotion_bert.compression.quantization import save_folder_as_nf4
from emotion_bert.compression.source import Source


def save_pruned(source: Source, folder: Path, options: CompressionOptions) -> dict[str, Any]:
    """Write the run's model with weights, heads or neurons removed."""
    model, details = pruned_model(source, options)
    model.save_pretrained(folder)
    return details


def save_combined(source: Source, folder: Path, options: CompressionOptions) -> dict[str, Any]:
    """Write the run's model pruned, then in NF4, which has a code for zero."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as pruned:  # which goes with the run when the process is killed
        details = save_pruned(source, Path(pruned), options)
        return details | save_folder_as_nf4(Path(pruned), folder, source)
