"""A trained network that ONNX Runtime computes, without the library that trained it."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.inference.batches import BatchClassifier
from emotion_core.inference.encoding.encode import Encode, cut_texts
from emotion_core.inference.encoding.encoders import make_encoder
from emotion_core.inference.encoding.long_texts import Batch, Encoded
from emotion_core.inference.encoding.truncation_and_padding import INPUTS_FILE, MODEL_FILE, Inputs, pad, read_inputs
from emotion_core.inference.onnx.sessions import on_cpus, start_session
from emotion_core.runs.record import RunRecord
from emotion_core.system.processes import usable_cores

if TYPE_CHECKING:
    import onnxruntime

SESSIONS = ("_session", "_side_by_side")
"""The attributes of a classifier that hold a session."""


class OnnxClassifier(BatchClassifier):
    """An ONNX graph with its tokenizer or vocabulary and the cleaning of its training texts.

    A pickled one holds the graph, so that it can be used on a machine without the run folder; it starts its sessions
    anew.

    Args:
        graph: its file, or what the file holds; its output is the logits.
        encode: the tokenizer, or the words of the vocabulary.
        padding: what fills up each input of the graph, by its name; others are ignored.
        cleaning: the name of the text cleaning.
        max_length: words of a text that are read, or tokens, special tokens included.
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
        self.whole_words = encode.whole_words
        _survive_forks(self)
        self._padding = {entry.name: padding[entry.name] for entry in self._session.get_inputs()}
        self.fill = self._padding["input_ids"]

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
        return cls._load(read_inputs(folder), folder / graph, cleaning, max_length, device)

    @classmethod
    def load_recorded(cls, folder: Path, record: RunRecord, device: str = "auto") -> OnnxClassifier:
        """Load the classifier as the record of its run says, which must not differ from what stands beside the graph.

        Raises:
            RunError: as `load_folder`, or something differs.
            MissingLibraryError, ModelError: as `load_folder`.
        """
        inputs = read_inputs(folder)
        if differing := inputs.differing(record):
            raise RunError(
                f"{folder / INPUTS_FILE}: {'; '.join(differing)}, as run.json says. The run was altered; copy it again."
            )
        return cls._load(inputs, folder / MODEL_FILE, record.text_cleaning, record.max_length(), device)

    @classmethod
    def _load(cls, inputs: Inputs, graph: Path, cleaning: str, max_length: int, device: str) -> OnnxClassifier:
        encode = make_encoder(graph.parent, max_length, inputs)
        classifier = cls(graph, encode, inputs.padding, cleaning, max_length, device)
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
        """The ids of cleaned texts."""
        return self._encode(texts)

    def vocabulary(self) -> Collection[str]:
        """The words or tokens that have an id."""
        return self._encode.vocabulary()

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
        if len(batches) < 2 or usable_cores() < 2 or not on_cpus(self._session):
            yield from super().logits_of(batches)
            return
        session = self._side_by_side
        with ThreadPoolExecutor(usable_cores()) as pool:
            yield from pool.map(lambda batch: self._compute(session, batch), batches)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        # Its threads share the work on a batch; a step of a recurrent network, a word, is too little to share.
        return start_session(self._graph, self._device, threads=1 if self.whole_words else 0)

    @cached_property
    def _side_by_side(self) -> onnxruntime.InferenceSession:
        # A second session, which holds the weights once more, only where there are several batches.
        if self.whole_words:
            return self._session
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
