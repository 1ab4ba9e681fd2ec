"""What a result was computed with: the machine and the versions of the packages."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

RECORDED_PACKAGES = (
    "emotion-core", "emotion-rnn", "emotion-bert", "numpy", "pandas", "scikit-learn", "keras", "tensorflow", "torch",
    "optuna", "transformers", "tokenizers", "safetensors", "accelerate",
)  # fmt: skip


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter to a result, those that are installed."""
    versions = {"python": platform.python_version()}
    for package in RECORDED_PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def host() -> dict[str, Any]:
    """The kind of machine, without anything that identifies it."""
    return {"platform": platform.platform(), "machine": platform.machine(), "cpu": _cpu_name(), "cores": os.cpu_count()}


def _cpu_name() -> str:
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.is_file():
        for line in cpu_info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
