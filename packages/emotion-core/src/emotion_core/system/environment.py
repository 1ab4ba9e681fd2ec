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


VECTOR_INSTRUCTIONS = ("avx", "amx", "fma", "f16c", "asimd", "sve", "bf16", "i8mm")
"""What the names of instructions begin with by which oneDNN, Eigen and OpenBLAS choose their kernels; these round in
different orders, so that the same training differs in its last digits, which its epochs enlarge (docs/results.md)."""


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
    flags = (_cpu_info("flags") or _cpu_info("Features")).split()
    return {
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu_info("model name") or platform.processor(),
        "cores": os.cpu_count(),
        "instructions": sorted(flag for flag in flags if flag.startswith(VECTOR_INSTRUCTIONS)),
    }


def _cpu_info(name: str) -> str:
    """What Linux says of the first processor under a name; empty elsewhere."""
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.is_file():
        for line in cpu_info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.partition(":")[0].strip() == name:
                return line.partition(":")[2].strip()
    return ""
