"""The bytes that rows are read from: a file, a gzip file, or a stream, which is read once."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from emotion_core.data.formats.encoding import Encoding, encoding_error, find_encoding
from emotion_core.errors import DataError

HEAD_BYTES = 4096
GZIP = b"\x1f\x8b"
_BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", "Save the sheet as CSV UTF-8, or unpack the archive."),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", "Save the sheet as CSV UTF-8."),
    (b"BZh", "compressed with bzip2", "Unpack it, or compress it with gzip."),
    (b"\xfd7zXZ\x00", "compressed with xz", "Unpack it, or compress it with gzip."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Unpack it, or compress it with gzip."),
    (b"PAR1", "a parquet file", "Give it the ending .parquet, or read it with --format parquet."),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as csv."),
)  # fmt: skip
"""How files begin that are no text, what they are, and what helps."""


@dataclass(frozen=True)
class Source:
    """Bytes that can be read again and again.

    Attributes:
        path: what messages call it.
        place: the file that holds the bytes; of a stream, a temporary one.
        packed: whether they are compressed with gzip.
        head: the first `HEAD_BYTES` of them, unpacked.
        encoding: of the text they hold.
    """

    path: Path
    place: Path
    packed: bool
    head: bytes
    encoding: Encoding

    def open(self) -> IO[bytes]:
        """The bytes from the first one on, unpacked."""
        return cast(IO[bytes], gzip.open(self.place, "rb")) if self.packed else self.place.open("rb")

    def lines(self, newline: str | None = "") -> Iterator[str]:
        """The lines of the text without a byte-order mark; ``newline`` is that of `open`.

        Raises:
            DataError: the bytes are no text in the encoding, or no whole gzip file.
        """
        try:
            with io.TextIOWrapper(self.open(), encoding=self.encoding.name, newline=newline) as text:
                yield from text
        except UnicodeError as error:  # UTF-16 that ends within a character is none of its subclasses
            raise encoding_error(self.path, self.open(), self.encoding) from error
        except _BROKEN_GZIP as error:
            raise self.damaged(error) from error

    def seekable(self) -> Path | IO[bytes]:
        """What a library can open that jumps about in a file: the file, or all its bytes if it was compressed.

        Raises:
            DataError: it is no whole gzip file.
        """
        if not self.packed:
            return self.place
        try:
            with self.open() as file:
                return io.BytesIO(file.read())
        except _BROKEN_GZIP as error:
            raise self.damaged(error) from error

    def damaged(self, error: Exception) -> DataError:
        """The error that says so of a gzip file."""
        return DataError(f"{self.path}: the gzip file is damaged or incomplete ({error}). Fetch it again.")

    def check_text(self) -> None:
        """Raise a DataError that says what the file is, unless it seems to be text."""
        start = self.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        for signature, found, advice in _SIGNATURES:
            if self.head.startswith(signature):
                raise DataError(f"{self.path}: the file is {found}, expected text. {advice}")
        if start.startswith(b"<?xml"):
            raise DataError(
                f"{self.path}: the file is XML, expected rows of text. If a server sent it in place of the file, "
                "download the file again; save a spreadsheet as CSV UTF-8."
            )
        if start[:14].lower() == b"<!doctype html" or start[:5].lower() == b"<html":
            raise DataError(
                f"{self.path}: the file is a web page (HTML), expected rows of text. "
                "Download the file itself, for example with the button or link called 'raw' or 'download'."
            )


def open_source(path: Path) -> Source:
    """Look at the beginning of a file, or read a stream (a named pipe, a device) to its end.

    Raises:
        DataError: it holds nothing, or is a pointer of Git LFS in place of a file.
        OSError: it cannot be read.
    """
    if path.is_file():
        return _examined(path, path)
    with path.open("rb") as stream:
        return read_stream(stream, path)


def read_stream(stream: IO[bytes], name: Path) -> Source:
    """Read a stream to its end, into a temporary file that is removed with the source.

    Raises:
        DataError: as for `open_source`.
    """
    folder = tempfile.mkdtemp(prefix="emotion-")
    try:
        place = Path(folder) / "stream"
        with place.open("wb") as file:
            shutil.copyfileobj(stream, file)
        source = _examined(name, place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(source, shutil.rmtree, folder, ignore_errors=True)
    return source


def _examined(path: Path, place: Path) -> Source:
    with place.open("rb") as file:
        head = file.read(HEAD_BYTES)
    packed = head.startswith(GZIP)
    if packed:
        try:
            with gzip.open(place, "rb") as unpacked:
                head = unpacked.read(HEAD_BYTES)
        except _BROKEN_GZIP as error:
            raise DataError(f"{path}: the gzip file is damaged or incomplete ({error}). Fetch it again.") from error
    if not head:
        raise DataError(f"{path}: the file is empty (0 bytes), expected rows of text.")
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        raise DataError(
            f"{path}: the file is a pointer of Git LFS, not the data themselves. "
            "Fetch them with git lfs pull, or download the file from the page of the repository."
        )
    return Source(path, place, packed, head, find_encoding(head))
