"""Names and texts out of files, as a terminal and Markdown can show them without taking them for instructions."""

from __future__ import annotations

import re

LONGEST_CELL = 120
"""Characters of a name in a table; longer ones are cut."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What moves the cursor, changes colours or turns the direction of writing; all but the line feed and
the tab."""

_PASSWORD = re.compile(r"(://[^/:@]*:)[^@]*@")

_MARKDOWN = re.compile(r"[\\`*_|#$~]|\](?=[(\[:])")


def printable(text: object) -> str:
    """A text with its lines, in which what controls a terminal is replaced by a sign."""
    return _CONTROL.sub("\ufffd", str(text))


def without_passwords(text: str) -> str:
    """A text in which the passwords of addresses are three stars."""
    return _PASSWORD.sub(r"\1***@", text)


def one_line(text: object) -> str:
    """A text as `printable`, on one line."""
    return printable(" ".join(str(text).split()))


def cell(text: object) -> str:
    """A text as `one_line`, cut to the width of a table's cell."""
    line = one_line(text)
    return line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 3] + "..."


def markdown(text: object) -> str:
    """A text on one line that Markdown shows as it is."""
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\g<0>", plain)


def code(text: object) -> str:
    """A text on one line as Markdown's code."""
    line = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"
