"""Which place of ours turns the errors of which library into one of our own, and which test raises them there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mapped:
    """An error of a library that can reach a user.

    Attributes:
        error: its class, after the module that has it; of classes below one another, the highest.
        place: of ours, which turns it into an `EmotionError`, or deals with it.
        test: raises the error there.
    """

    error: str
    place: str
    test: str

    @property
    def package(self) -> str:
        """Whose test it is, as pip knows it."""
        return self.test.partition("/")[0]


MAPPED = (
    Mapped("pyarrow:ArrowException", "emotion_core.data.readers:open_table",
           "emotion-core/tests/test_errors.py:test_arrow_cannot_read"),
    Mapped("pyarrow:ArrowException", "emotion_core.inference.writers:RowWriter",
           "emotion-core/tests/test_errors.py:test_arrow_cannot_write"),
    Mapped("builtins:Exception", "emotion_core.inference.onnx.sessions:start_session",  # it has no class in common
           "emotion-bert/tests/test_errors.py:test_onnx_runtime_cannot_load"),
    Mapped("builtins:Exception", "emotion_core.inference.onnx.classifier:OnnxClassifier",
           "emotion-bert/tests/test_errors.py:test_onnx_runtime_cannot_compute"),
    Mapped("builtins:Exception", "emotion_core.inference.encoding.tokens:fast_encoder",  # tokenizers: bare Exceptions
           "emotion-bert/tests/test_errors.py:test_tokenizers_cannot_load"),
    Mapped("safetensors:SafetensorError", "emotion_bert.models.loading:load_run",
           "emotion-bert/tests/test_errors.py:test_a_run_that_safetensors_or_transformers_cannot_load"),
    Mapped("safetensors:SafetensorError", "emotion_bert.models.start:load_model",
           "emotion-bert/tests/test_checkpoints.py:test_weights_that_are_no_safetensors_are_refused"),
    Mapped("safetensors:SafetensorError", "emotion_bert.trainer.saved_epochs:telling_damage",
           "emotion-bert/tests/test_errors.py:test_an_unfinished_training_that_safetensors_cannot_load"),
    Mapped("builtins:Exception", "emotion_bert.models.loading:load_run",  # transformers: OSError, ValueError, any other
           "emotion-bert/tests/test_errors.py:test_a_run_that_safetensors_or_transformers_cannot_load"),
    Mapped("builtins:Exception", "emotion_bert.models.start:load_model",
           "emotion-bert/tests/test_checkpoints.py:test_a_folder_that_is_no_model_is_named"),
    Mapped("builtins:Exception", "emotion_rnn.classifier:RNNClassifier",  # Keras: ValueError, h5py's OSError, any other
           "emotion-rnn/tests/test_errors.py:test_keras_cannot_load"),
    Mapped("tensorflow.errors:OpError", "emotion_rnn.classifier:RNNClassifier",
           "emotion-rnn/tests/test_errors.py:test_tensorflow_cannot_compute"),
    Mapped("sqlalchemy.exc:SQLAlchemyError", "emotion_rnn.search.storage:open_storage",
           "emotion-rnn/tests/test_search_faults.py:test_a_file_that_cannot_be_made_is_told"),
    Mapped("sqlalchemy.exc:SQLAlchemyError", "emotion_rnn.search.storage:telling_faults",
           "emotion-rnn/tests/test_search_faults.py:test_what_sqlalchemy_raises_itself_is_told"),
    Mapped("optuna.exceptions:StorageInternalError", "emotion_rnn.search.storage:telling_faults",
           "emotion-rnn/tests/test_search_faults.py:test_a_lock_in_the_middle_of_a_search_is_told"),
    Mapped("optuna.exceptions:UpdateFinishedTrialError", "emotion_rnn.search.worker:work",
           "emotion-rnn/tests/test_search.py:test_a_worker_that_slept_too_long_goes_on_with_another_point"),
    Mapped("optuna.exceptions:TrialPruned", "emotion_rnn.search.worker:run_point",
           "emotion-rnn/tests/test_search.py:test_a_hopeless_point_is_stopped_and_done"),
)  # fmt: skip


def rows_of(package: str) -> list[Mapped]:
    """The errors that the tests of a package raise."""
    return [row for row in MAPPED if row.package == package]


def check_rows(package: str) -> None:
    """Raise an AssertionError unless the classes, places and tests of a package's rows are there."""
    for row in rows_of(package):
        _named(row.place)
        error = _named(row.error)
        assert isinstance(error, type)
        assert issubclass(error, Exception)
        file, _, test = row.test.partition(":")
        text = (ROOT / "packages" / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {test}\(", text, re.MULTILINE), row.test


def not_mapped(package: str, errors: Iterable[type[BaseException]]) -> set[str]:
    """Those of a library's errors that the rows of a package do not cover; files and memory are the system's."""
    covered = tuple(_named(row.error) for row in rows_of(package) if not row.error.startswith("builtins:"))
    return {error.__name__ for error in errors if not issubclass(error, (*covered, OSError, MemoryError))}


def errors_in(module: object) -> list[type[BaseException]]:
    """The classes of errors that a module names; a warning is none."""
    named = (getattr(module, name) for name in dir(module))
    return [
        each
        for each in named
        if isinstance(each, type) and issubclass(each, BaseException) and not issubclass(each, Warning)
    ]


def _named(name: str) -> object:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
