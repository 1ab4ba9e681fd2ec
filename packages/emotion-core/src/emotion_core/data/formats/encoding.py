"""Which encoding a text file has, and what to say when it has another."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import IO, NamedTuple

from emotion_core.errors import DataError


class Encoding(NamedTuple):
    """The name by which Python decodes a text, and what it is called where that should be said."""

    name: str
    marked: bool = False
    said: str = ""


UTF_8 = Encoding("utf-8")

_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, Encoding("utf-8-sig", marked=True)),
    (codecs.BOM_UTF32_LE, Encoding("utf-32", marked=True, said="UTF-32")),  # before UTF-16, whose mark begins like it
    (codecs.BOM_UTF32_BE, Encoding("utf-32", marked=True, said="UTF-32")),
    (codecs.BOM_UTF16_LE, Encoding("utf-16", marked=True, said="UTF-16")),
    (codecs.BOM_UTF16_BE, Encoding("utf-16", marked=True, said="UTF-16")),
)


def find_encoding(head: bytes) -> Encoding:
    """The encoding of a text by its first bytes: a byte-order mark, or the NULs of UTF-16; else UTF-8."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # A file begins with a column name or a word, and of ASCII UTF-16 makes every second byte a NUL.
    first, second = head[0:8:2], head[1:8:2]
    if len(second) > 1 and not any(second) and all(first):
        return Encoding("utf-16-le", said="UTF-16 without a byte-order mark")
    if len(second) > 1 and not any(first) and all(second):
        return Encoding("utf-16-be", said="UTF-16 without a byte-order mark")
    return UTF_8


def encoding_error(path: Path, file: IO[bytes], encoding: Encoding) -> DataError:
    """The error that names the first line that is no text in an encoding; closes the file."""
    with file:
        if encoding.said:
            return DataError(f"{path}: the file is {encoding.said}, and damaged or incomplete. Save it as UTF-8.")
        for line, raw in enumerate(file, start=1):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                found = f"the byte 0x{raw[error.start]:02x} at position {error.start + 1}"
                return DataError(
                    f"{path}, line {line}: found {found}, expected UTF-8 text. "
                    "Save the file as UTF-8 (it may be Latin-1 or Windows-1252) and try again."
                )
    return DataError(f"{path}: the file is not UTF-8 text.")
