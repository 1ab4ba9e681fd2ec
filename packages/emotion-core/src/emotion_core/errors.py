"""Errors that a user can mend; the command lines show them as one message with exit code 2.

.. code-block:: text

    EmotionError
    ├── DataError            a data file or a data set
    │   └── TextsError       what is no list of texts; a TypeError, too
    ├── RunError             a run folder, an output, or the storage of a search
    ├── ModelError           a model, its checkpoint, its device or its settings
    │   └── DivergedError    a loss that is no finite number
    └── MissingLibraryError  a library that an extra brings

What a library raises becomes one of these where the library is called; ``tests/support/library_errors.py`` lists which
place turns which errors into which.
"""

from __future__ import annotations


class EmotionError(Exception):
    """A mistake in what was asked or given; the message says what, where, and the fix."""


class DataError(EmotionError, ValueError):
    """A data file or data set is not as it must be."""


class TextsError(DataError, TypeError):
    """What a classifier or an estimator was given is not a list of texts."""


class RunError(EmotionError, ValueError):
    """A run folder is missing, incomplete, altered, or in the way."""


class ModelError(EmotionError, ValueError):
    """A model is unknown, cannot be loaded, or does not fit the task."""


class DivergedError(ModelError):
    """The loss of a training is no longer a finite number."""


class MissingLibraryError(EmotionError):
    """A library that only some tasks need is not installed, or cannot be imported."""


def root_cause(error: BaseException) -> BaseException:
    """The error behind an ImportError that names no module, as the lazy modules of transformers raise it."""
    while isinstance(error, ImportError) and error.name is None:
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None:
            break
        error = cause
    return error


def short_reason(error: BaseException) -> str:
    """What a library said, on one line and not longer than a message can bear."""
    return " ".join(str(root_cause(error)).split())[:300]


def connection_fault(error: BaseException | None) -> str | None:
    """What the system said of a connection that failed, such as ``Connection refused``; None for any other fault.

    HTTP clients wrap it several times over, and each layer repeats the one below.
    """
    said = None
    while error is not None:
        if isinstance(error, OSError) and error.strerror and error.filename is None:
            said = " ".join(error.strerror.split())
        error = error.__cause__ or error.__context__
    return said


STORAGE_SIGNS = (
    "no space left", "file too large", "quota exceeded", "read-only file system", "disk is full",
    "inline_container", "streamwriter failed",
)  # fmt: skip
"""What libraries say, as part of errors of their own kinds, when a file cannot be written to its end."""


def is_storage_fault(error: BaseException) -> bool:
    """Whether an error, or one that caused it, came from a disk that is full or must not be written."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(sign in str(cause).casefold() for cause in causes for sign in STORAGE_SIGNS)
