"""A fine-tuned transformer that ONNX Runtime computes, without torch."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.imports import needs
from emotion_core.inference.batches import Batch, BatchClassifier, Encoded, filled
from emotion_core.inference.onnx_encoders import ENCODERS, Encode, Inputs, cut_texts
from emotion_core.runs.folder import read_json
from emotion_core.runs.layouts import ONNX
from emotion_core.runs.typed_json import from_json
from emotion_core.system.processes import usable_cores

if TYPE_CHECKING:
    import onnxruntime

MODEL_FILE, INPUTS_FILE = ONNX.files

SESSIONS = ("_session", "_side_by_side")
"""The attributes of a classifier that hold a session."""

PROVIDERS = {"cpu": "CPUExecutionProvider", "gpu": "CUDAExecutionProvider"}


class OnnxClassifier(BatchClassifier):
    """An ONNX graph with its tokenizer and the cleaning of its training texts.

    A pickled one holds the graph, so that it can be used on a machine without the run folder; it starts its sessions
    anew.

    Args:
        graph: its file, or what the file holds; its output is the logits.
        encode: the tokenizer.
        padding: what fills up each input of the graph, by its name; others are ignored.
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        device: ``auto``, ``cpu`` or ``gpu``.

    Raises:
        RunError: the graph cannot be loaded.
        MissingLibraryError: ONNX Runtime is not installed.
        ModelError: the device is not available.
    """

    padding_side = "right"
    batch_size = 32  # each core has one; larger ones are no faster and take more memory

    def __init__(
        self,
        graph: Path | bytes,
        encode: Encode,
        padding: Mapping[str, int],
        cleaning: str,
        max_length: int,
        device: str = "auto",
    ) -> None:
        super().__init__(cleaning, max_length)
        self._graph, self._encode, self._device = graph, encode, device
        _survive_forks(self)
        self._padding = {entry.name: padding[entry.name] for entry in self._session.get_inputs()}

    @classmethod
    def load_folder(
        cls, folder: Path, cleaning: str, max_length: int, device: str = "auto", graph: str = MODEL_FILE
    ) -> OnnxClassifier:
        """Load the classifier from its model folder, without a temperature; ``graph`` is the name of its file there.

        Raises:
            RunError: the model cannot be loaded.
            MissingLibraryError: ONNX Runtime or the tokenizer's package is not installed.
            ModelError: the device is not available.
        """
        inputs = from_json(Inputs, read_json(folder, INPUTS_FILE), folder / INPUTS_FILE)
        encode = ENCODERS[inputs.tokenizer](folder, max_length, inputs)
        classifier = cls(folder / graph, encode, inputs.padding, cleaning, max_length, device)
        classifier.truncation_side, classifier.padding_side = inputs.truncation_side, inputs.padding_side
        return classifier

    def __getstate__(self) -> dict[str, Any]:
        """All but the sessions, which cannot be pickled; the graph as it stands in its file.

        Raises:
            RunError: the file is no longer there.
        """
        state = {name: value for name, value in vars(self).items() if name not in SESSIONS}
        if isinstance(self._graph, Path):
            try:
                state["_graph"] = self._graph.read_bytes()
            except OSError as error:
                raise RunError(f"{self._graph}: is needed to pickle or copy the classifier ({error}).") from error
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        _survive_forks(self)
        _ = self._session  # now, and not with the first texts

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The token ids of cleaned texts."""
        return filled(self._encode(texts), self._padding["input_ids"])

    def truncated(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether it has more tokens than are read."""
        return cut_texts(self._encode, [self._clean(text) for text in texts], self.max_length)

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """The logits of encoded texts, shape (n, 6)."""
        return self._compute(self._session, batch)

    def _compute(self, session: onnxruntime.InferenceSession, batch: Batch) -> NDArray[np.float32]:
        try:
            logits: NDArray[np.float32] = session.run(None, self.padded(batch))[0]
        except Exception as error:  # its faults have no common class but Exception
            raise ModelError(
                f"ONNX Runtime cannot compute the model ({short_reason(error)}). Check it with emotion-core verify."
            ) from error
        return logits

    def logits_of(self, batches: Sequence[Batch]) -> Iterator[NDArray[np.float32]]:
        """The logits of each of some batches; on CPUs one batch a core at a time.

        Threads that share a batch wait for each other after every operator; one that has a batch to itself does not.
        """
        if len(batches) < 2 or not _on_cpus(self._session):
            yield from super().logits_of(batches)
            return
        session = self._side_by_side
        with ThreadPoolExecutor(usable_cores()) as pool:
            yield from pool.map(lambda batch: self._compute(session, batch), batches)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return start_session(self._graph, self._device)  # its threads share the work on a batch

    @cached_property
    def _side_by_side(self) -> onnxruntime.InferenceSession:
        # A second session, which holds the weights once more, only where there are several batches.
        return start_session(self._graph, "cpu", threads=1)

    def begin_sessions_anew(self) -> None:
        """In a forked process: leave the sessions, whose threads were not forked and are waited for without end."""
        for name in SESSIONS:
            if name in vars(self):
                # never freed, since ONNX Runtime joins the threads of a session that it frees
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(vars(self).pop(name)))

    def padded(self, batch: Batch) -> dict[str, NDArray[np.int64]]:
        """The inputs of the graph for encoded texts, each of shape (n, longest)."""
        return {name: pad(batch[name], fill, self.padding_side) for name, fill in self._padding.items()}


def pad(rows: list[Sequence[int]], fill: int, side: str = "right") -> NDArray[np.int64]:
    """Rows of ids filled up to the longest on a side, shape (n, longest)."""
    longest = max(len(row) for row in rows)
    padded = np.full((len(rows), longest), fill, dtype=np.int64)
    for number, row in enumerate(rows):
        start = longest - len(row) if side == "left" else 0
        padded[number, start : start + len(row)] = row
    return padded


_loaded: weakref.WeakSet[OnnxClassifier] = weakref.WeakSet()
"""The classifiers of this process, which a forked one has to begin anew."""


@cache
def _begin_anew_in_forks() -> None:
    def begin_anew() -> None:
        for classifier in list(_loaded):
            classifier.begin_sessions_anew()
        libc = ctypes.CDLL(None)
        if hasattr(libc, "on_exit"):  # glibc; elsewhere such a process has to be ended by os._exit
            # ONNX Runtime would wait for threads of the parent again when the child ends
            libc.on_exit(libc._exit, None)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin_anew)


def _survive_forks(classifier: OnnxClassifier) -> None:
    _begin_anew_in_forks()
    _loaded.add(classifier)


def _on_cpus(session: onnxruntime.InferenceSession) -> bool:
    return session.get_providers() == [PROVIDERS["cpu"]] and usable_cores() > 1


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
