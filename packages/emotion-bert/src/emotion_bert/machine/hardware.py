"""What the machine computes with: CPU, memory and GPUs, without anything that identifies it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TypedDict

import torch

from emotion_core.system.environment import host
from emotion_core.system.processes import usable_cores

CPU_INFO = Path("/proc/cpuinfo")
MEMORY_INFO = Path("/proc/meminfo")

CPU_FLAGS: dict[str, tuple[str, ...]] = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512_f", "avx512f"),
    "AVX512-BF16": ("avx512_bf16",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "AMX-BF16": ("amx_bf16",),
    "AMX-INT8": ("amx_int8",),
}
"""What speeds transformers up on a CPU: the name in use, and the names that torch and Linux have for it."""

CPU_BF16_FLAGS = ("AMX-BF16", "AVX512-BF16")
FIRST_MACOS_WITH_BF16 = 14


class Cpu(TypedDict):
    """What `describe_cpu` says."""

    name: str
    cores: int
    threads: int
    torch_kernels: str
    flags: dict[str, bool]


class Memory(TypedDict):
    """Bytes of memory, None where the system does not say."""

    total_bytes: int | None
    free_bytes: int | None


class Gpu(TypedDict):
    """A GPU that torch sees; those by NVIDIA have a compute capability."""

    name: str
    memory_bytes: int
    compute_capability: str | None
    bf16: bool


@cache
def cpu_flags() -> dict[str, bool]:
    """Which of `CPU_FLAGS` the CPU has, as torch says; as Linux says where an older torch does not."""
    if hasattr(torch.cpu, "get_capabilities"):
        found = {name for name, value in torch.cpu.get_capabilities().items() if value is True}
    else:
        found = _linux_flags()
    return {flag: not found.isdisjoint(names) for flag, names in CPU_FLAGS.items()}


def _linux_flags() -> set[str]:
    if CPU_INFO.is_file():
        for line in CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("flags"):
                return set(line.partition(":")[2].split())
    return set()


def describe_cpu() -> Cpu:
    """Name, cores (those that this process may use), threads that torch computes with, and instruction sets."""
    return {
        "name": host()["cpu"] or host()["machine"],
        "cores": usable_cores(),
        "threads": torch.get_num_threads(),
        "torch_kernels": torch.backends.cpu.get_cpu_capability(),
        "flags": cpu_flags(),
    }


def describe_memory() -> Memory:
    """Bytes of memory in all and free for programs; None where the system does not say."""
    total = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    free = None
    if MEMORY_INFO.is_file():
        for line in MEMORY_INFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
    return {"total_bytes": total, "free_bytes": free}


def describe_gpus() -> list[Gpu]:
    """Name, memory and bf16 of each GPU that torch sees; the compute capability of those by NVIDIA."""
    gpus: list[Gpu] = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        gpus.append(
            {
                "name": properties.name,
                "memory_bytes": properties.total_memory,
                "compute_capability": f"{properties.major}.{properties.minor}",
                "bf16": bf16_problem(torch.device("cuda", index)) is None,
            }
        )
    if torch.backends.mps.is_available():
        gpus.append(
            {
                "name": "Apple GPU",
                "memory_bytes": torch.mps.recommended_max_memory(),
                "compute_capability": None,
                "bf16": bf16_problem(torch.device("mps")) is None,
            }
        )
    return gpus


def bf16_problem(device: torch.device) -> str | None:
    """Why the device does not compute in bf16, or None if it does."""
    if device.type == "cpu":
        # Without these, torch takes bf16 all the same, but converts to fp32 and back at every step.
        if any(cpu_flags()[flag] for flag in CPU_BF16_FLAGS):
            return None
        return f"this CPU has neither {' nor '.join(CPU_BF16_FLAGS)}"
    if device.type == "cuda":
        with torch.cuda.device(device):
            # Older GPUs emulate bf16, which is slower than fp32.
            if torch.cuda.is_bf16_supported(including_emulation=False):
                return None
        return f"{torch.cuda.get_device_name(device)} does not compute in bf16 (that takes compute capability 8.0)"
    if device.type == "mps":
        if torch.backends.mps.is_macos_or_newer(FIRST_MACOS_WITH_BF16, 0):
            return None
        return f"bf16 on this GPU takes macOS {FIRST_MACOS_WITH_BF16}"
    return f"nothing is known about bf16 on the device {device.type}"
