"""Sessions of ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.imports import needs

if TYPE_CHECKING:
    import onnxruntime

SPINNING = "session.intra_op.allow_spinning"
PROVIDERS = {"cpu": "CPUExecutionProvider", "gpu": "CUDAExecutionProvider"}


_spinning: ContextVar[bool] = ContextVar("spinning", default=True)


@contextmanager
def sleeping_threads() -> Iterator[None]:
    """Start sessions whose threads sleep between two batches, as long as the block lasts.

    Otherwise they look for work without pause for a while. That answers a little sooner, and takes the time of a core
    from whatever else the process does.
    """
    token = _spinning.set(False)
    try:
        yield
    finally:
        _spinning.reset(token)


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
    if not _spinning.get():
        options.add_session_config_entry(SPINNING, "0")
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
