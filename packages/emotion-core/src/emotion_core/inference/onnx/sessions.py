"""Sessions of ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.imports import needs

if TYPE_CHECKING:
    import onnxruntime

PROVIDERS = {"cpu": "CPUExecutionProvider", "gpu": "CUDAExecutionProvider"}


def start_session(graph: Path | bytes, device: str = "auto", threads: int = 0) -> onnxruntime.InferenceSession:
    """A session of ONNX Runtime on a graph, with so many threads on CPUs; 0 for one a core.

    Args:
        graph: its file, or what the file holds.
        device: ``auto``, ``cpu`` or ``gpu``.
        threads: that share the work on a batch.

    Raises:
        RunError: ONNX Runtime cannot read the graph.
        MissingLibraryError: ONNX Runtime is not installed.
        ModelError: the device is not available.
    """
    shown, given = (graph, str(graph)) if isinstance(graph, Path) else ("the pickled graph", graph)
    needs("onnx", "onnxruntime", who=str(shown))
    import onnxruntime

    available = onnxruntime.get_available_providers()
    if device == "gpu" and PROVIDERS["gpu"] not in available:
        raise ModelError("ONNX Runtime sees no GPU here. Use --device cpu, or pip install onnxruntime-gpu.")
    wanted = ["cpu"] if device == "cpu" else ["gpu", "cpu"]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    options.intra_op_num_threads = threads
    try:
        providers = [PROVIDERS[name] for name in wanted if PROVIDERS[name] in available]
        return onnxruntime.InferenceSession(given, options, providers=providers)
    except Exception as error:  # its faults have no common class but Exception
        raise RunError(
            f"{shown}: cannot be loaded ({short_reason(error)}). Check the run with emotion-core verify."
        ) from error


def on_cpus(session: onnxruntime.InferenceSession) -> bool:
    """Whether nothing but CPUs computes a session."""
    return bool(session.get_providers() == [PROVIDERS["cpu"]])
