"""Say what this machine can do, and what is wrong with it."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TypedDict

import torch

from emotion_bert.compression.techniques import TOOLBOX
from emotion_bert.doctor.local_files import (
    Cache,
    DataDir,
    FoundModel,
    describe_cache,
    describe_data_dir,
    describe_models,
    free_disk,
    without_home,
)
from emotion_bert.machine.device import choose_device
from emotion_bert.machine.hardware import Cpu, Gpu, Memory, bf16_problem, describe_cpu, describe_gpus, describe_memory
from emotion_bert.machine.precision import choose_precision
from emotion_bert.machine.requirements import PACKAGES
from emotion_bert.models.registry import PACKAGE
from emotion_core.compression.requirements import Package, Verdict, find_packages
from emotion_core.data.published.named import EMOTION_DATA_DIR
from emotion_core.imports import import_problem
from emotion_core.system.environment import installed_versions

VERSIONS = ("python", "emotion-bert", "emotion-core", "torch", "transformers")

# A training of a base-size model keeps weights, gradients and the two moments of AdamW: 16 bytes for each of 150 M
# parameters, and the activations.
ENOUGH_MEMORY = 4_000_000_000
# The weights of two epochs and the finished run: 4 bytes for each of 150 M parameters, three times, and the cache.
ENOUGH_DISK = 3_000_000_000


class PackageReport(TypedDict):
    """As `Package`."""

    name: str
    version: str | None
    problem: str | None


class VerdictReport(TypedDict):
    """As `Verdict`."""

    runs: bool
    reason: str | None
    fix: str | None


class Precision(TypedDict):
    """What training would choose, on what, and why it would not choose bf16."""

    device: str
    auto: str
    why_not_bf16: str | None


class Disk(TypedDict):
    """Free bytes."""

    free_bytes: int


class Problem(TypedDict):
    """What stands in the way of something, and what to do."""

    problem: str
    fix: str


class Report(TypedDict):
    """All that ``doctor`` says; what is named is in a mapping by its name."""

    versions: dict[str, str | None]
    cpu: Cpu
    memory: Memory
    gpus: list[Gpu]
    precision: Precision
    packages: dict[str, PackageReport]
    onnxruntime_providers: list[str]
    techniques: dict[str, VerdictReport]
    models: dict[str, FoundModel]
    cache: Cache
    data_dir: DataDir | None
    disk: Disk
    problems: list[Problem]


def examine() -> Report:
    """What this machine has and can do, ready for JSON, with neither host name nor user name."""
    installed = installed_versions()
    packages = {name: _without_home(package) for name, package in find_packages(PACKAGES).items()}
    report: Report = {
        "versions": {name: installed.get(name) for name in VERSIONS},
        "cpu": describe_cpu(),
        "memory": describe_memory(),
        "gpus": describe_gpus(),
        "precision": _precision(),
        "packages": {name: _package(package) for name, package in packages.items()},
        "onnxruntime_providers": _providers(packages["onnxruntime"]),
        "techniques": {name: _verdict(found) for name, found in TOOLBOX.verdicts(packages).items()},
        "models": describe_models(),
        "cache": describe_cache(),
        "data_dir": describe_data_dir(),
        "disk": {"free_bytes": free_disk(Path.cwd())},
        "problems": [],
    }
    report["problems"] = [*_library_problems(), *_torch_problems(report), *find_problems(report)]
    return report


def find_problems(report: Report) -> list[Problem]:
    """What in a report (without ``problems``) stands in the way of something, each with the ``fix``."""
    found = []
    for name, package in report["packages"].items():
        if package["problem"]:
            text = f"{name} {package['version']} is installed and cannot be imported ({package['problem']})"
            found.append((text, f"pip install --force-reinstall {name}"))
    missing = [name for name, model in report["models"].items() if model["found"] is None]
    if report["cache"]["offline"] and missing:
        text = f"HF_HUB_OFFLINE is set, and {', '.join(missing)} are not in the cache"
        found.append((text, "unset HF_HUB_OFFLINE for the first use, or name a local copy with --model PATH"))
    data_dir = report["data_dir"]
    if data_dir and not data_dir["exists"]:
        found.append((f"{EMOTION_DATA_DIR} names {data_dir['path']}, which is no folder", "correct or unset it"))
    free_memory = report["memory"]["free_bytes"]
    if free_memory is not None and free_memory < ENOUGH_MEMORY:
        text = f"{gigabytes(free_memory)} of memory are free, and fine-tuning a base-size model takes about "
        found.append((text + gigabytes(ENOUGH_MEMORY), "close programs, or use --model minilm"))
    places = {"the current folder": report["disk"]["free_bytes"], "the cache": report["cache"]["free_bytes"]}
    for place, free in places.items():
        if free < ENOUGH_DISK:
            text = f"{gigabytes(free)} of disk are free at {place}"
            found.append((text, f"make {gigabytes(ENOUGH_DISK)} free, or use another disk"))
    return [{"problem": problem, "fix": fix} for problem, fix in found]


def gigabytes(count: int | None) -> str:
    """A number of bytes for people."""
    return "not known" if count is None else f"{count / 1e9:.1f} GB"


def _library_problems() -> list[Problem]:
    """What keeps transformers, which imports only what is used, from training and predicting."""
    try:
        with redirect_stdout(sys.stderr):  # a library may greet; standard output is for the report
            from transformers import AutoModelForSequenceClassification, Trainer  # noqa: F401
    except Exception as error:  # a broken build fails with errors of any kind
        cause, advice = import_problem(error, PACKAGE)
        return [{"problem": without_home(cause), "fix": advice or f"pip install --upgrade {PACKAGE}"}]
    return []


def _torch_problems(report: Report) -> list[Problem]:
    if report["gpus"] or not shutil.which("nvidia-smi"):
        return []
    if torch.version.cuda is None:
        text = f"there is an NVIDIA driver, and torch {torch.__version__} is a build for the CPU"
        return [{"problem": text, "fix": "install a build of torch for CUDA"}]
    text = f"torch was built for CUDA {torch.version.cuda} and sees no GPU"
    return [{"problem": text, "fix": "run nvidia-smi, and update the driver if it is older than that"}]


def _precision() -> Precision:
    device = choose_device("auto")
    chosen = choose_precision("auto", device)
    return {"device": device.type, "auto": chosen, "why_not_bf16": bf16_problem(device)}


def _providers(onnxruntime: Package) -> list[str]:
    if onnxruntime.version is None or onnxruntime.problem:
        return []
    import onnxruntime as runtime

    providers: list[str] = runtime.get_available_providers()
    return providers


def _package(package: Package) -> PackageReport:
    return {"name": package.name, "version": package.version, "problem": package.problem}


def _verdict(verdict: Verdict) -> VerdictReport:
    return {"runs": verdict.runs, "reason": verdict.reason, "fix": verdict.fix}


def _without_home(package: Package) -> Package:
    return dataclasses.replace(package, problem=without_home(package.problem) if package.problem else None)
