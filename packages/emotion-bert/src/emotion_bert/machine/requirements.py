"""The packages beside torch and transformers that something here needs."""

from __future__ import annotations

from emotion_core.compression.requirements import Requirement

PACKAGES: dict[str, bool] = {
    "accelerate": False,
    "bitsandbytes": True,
    "onnx": False,
    "onnxscript": False,
    "onnxruntime": True,
    "optimum": False,
    "peft": False,
}
"""The packages to look for; True for those whose native code may fail to load, which only importing them shows."""

# The first version whose INT8 and NF4 were checked on a CPU.
BITSANDBYTES = (Requirement("bitsandbytes", "0.50"), Requirement("accelerate"))
