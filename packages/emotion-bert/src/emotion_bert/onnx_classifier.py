"""A fine-tuned transformer that ONNX Runtime computes, without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_bert import PACKAGE
from emotion_bert.batches import Batch, BatchClassifier, Encoded
from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.imports import import_message
from emotion_core.processes import usable_cores
from emotion_core.run_folder import read_json

if TYPE_CHECKING:
    import onnxruntime

MODEL_FILE, INPUTS_FILE, TOKENIZER_FILE = "model.onnx", "inputs.json", "tokenizer.json"

Encode = Callable[[Sequence[str]], Encoded]

PROVIDERS = {"cpu": "CPUExecutionProvider", "gpu": "CUDAExecutionProvider"}


class OnnxClassifier(BatchClassifier):
    """An ONNX graph with its tokenizer and the cleaning of its training texts.

    Args:
        session: of the graph, whose output is the logits; its threads share the work on a batch.
        encode: the tokenizer.
        padding: what fills up each input of the graph, by its name.
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        one_thread: makes a session of the same graph that works on a batch with one thread, so that several batches are
            computed side by side; None where ``session`` is best for those, too.
    """

    batch_size = 32  # each core has one; larger ones are no faster and take more memory

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        encode: Encode,
        padding: dict[str, int],
        cleaning: str,
        max_length: int,
        one_thread: Callable[[], onnxruntime.InferenceSession] | None = None,
    ) -> None:
        super().__init__(cleaning, max_length)
        self._session, self._encode, self._padding, self._one_thread = session, encode, padding, one_thread

    @classmethod
    def load_folder(
        cls, folder: Path, cleaning: str, max_length: int, device: str = "auto", graph: str = MODEL_FILE
    ) -> OnnxClassifier:
        """Load the classifier from its model folder, without a temperature; ``graph`` is the name of its file there.

        Raises:
            RunError: the model cannot be loaded, or ONNX Runtime is not installed.
            ModelError: the device is not to be had.
        """
        stated = read_json(folder, INPUTS_FILE)
        session = start_session(folder / graph, device)
        padding = {name: int(stated["padding"][name]) for name in (entry.name for entry in session.get_inputs())}
        one_thread = partial(start_session, folder / graph, "cpu", threads=1) if _on_cpus(session) else None
        return cls(
            session, ENCODERS[stated["tokenizer"]](folder, max_length), padding, cleaning, max_length, one_thread
        )

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The token ids of cleaned texts."""
        return self._encode(texts)

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """The logits of encoded texts, shape (n, 6)."""
        return self._session.run(None, self.padded(batch))[0]

    def logits_of(self, batches: Sequence[Batch]) -> Iterator[NDArray[np.float32]]:
        """The logits of each of some batches; on CPUs one batch a core at a time.

        Threads that share a batch wait for each other after every operator; one that has a batch to itself does not.
        """
        if len(batches) < 2 or self._one_thread is None:
            yield from super().logits_of(batches)
            return
        session = self._side_by_side
        with ThreadPoolExecutor(usable_cores()) as pool:
            yield from pool.map(lambda batch: session.run(None, self.padded(batch))[0], batches)

    @cached_property
    def _side_by_side(self) -> onnxruntime.InferenceSession:
        # A second session, which holds the weights once more, only where there are several batches.
        assert self._one_thread is not None
        return self._one_thread()

    def padded(self, batch: Batch) -> dict[str, NDArray[np.int64]]:
        """The inputs of the graph for encoded texts, each of shape (n, longest)."""
        return {name: pad(batch[name], fill) for name, fill in self._padding.items()}


def pad(rows: list[Sequence[int]], fill: int) -> NDArray[np.int64]:
    """Rows of ids filled up to the longest, shape (n, longest)."""
    padded = np.full((len(rows), max(len(row) for row in rows)), fill, dtype=np.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = row
    return padded


def _on_cpus(session: onnxruntime.InferenceSession) -> bool:
    return session.get_providers() == [PROVIDERS["cpu"]] and usable_cores() > 1


def start_session(path: Path, device: str = "auto", threads: int = 0) -> onnxruntime.InferenceSession:
    """A session of ONNX Runtime, with so many threads on CPUs; 0 for one a core.

    Raises:
        RunError: ONNX Runtime is not installed, or cannot read the file.
        ModelError: the device is not to be had.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise RunError(import_message(error, str(path), PACKAGE, "onnx")) from error
    available = onnxruntime.get_available_providers()
    if device == "gpu" and PROVIDERS["gpu"] not in available:
        raise ModelError("ONNX Runtime sees no GPU here. Use --device cpu, or pip install onnxruntime-gpu.")
    wanted = ["cpu"] if device == "cpu" else ["gpu", "cpu"]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    options.intra_op_num_threads = threads
    try:
        providers = [PROVIDERS[name] for name in wanted if PROVIDERS[name] in available]
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # its faults have no common class but Exception
        raise RunError(
            f"{path}: cannot be loaded ({short_reason(error)}). Check the run with emotion-core verify."
        ) from error


def fast_encoder(folder: Path, max_length: int) -> Encode:
    """The tokenizer of ``tokenizer.json``, which needs the package ``tokenizers`` alone."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # it raises bare Exceptions
        raise RunError(f"{folder / TOKENIZER_FILE}: cannot be loaded ({short_reason(error)}).") from error
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()

    def encode(texts: Sequence[str]) -> Encoded:
        rows = tokenizer.encode_batch_fast(list(texts))
        return {
            "input_ids": [row.ids for row in rows],
            "attention_mask": [row.attention_mask for row in rows],
            "token_type_ids": [row.type_ids for row in rows],
        }

    return encode


def slow_encoder(folder: Path, max_length: int) -> Encode:
    """The tokenizer as transformers loads it, for models without a ``tokenizer.json`` that does the same."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)

    def encode(texts: Sequence[str]) -> Encoded:
        return tokenizer(list(texts), truncation=True, max_length=max_length)

    return encode


ENCODERS: dict[str, Callable[[Path, int], Encode]] = {"tokenizers": fast_encoder, "transformers": slow_encoder}
"""What can tokenize, by the name of the package that does; the first that does it right is taken."""
