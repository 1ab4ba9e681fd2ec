"""Frozen dataclasses from JSON objects and back: what a file must hold is said once, by the types of the fields.

A field without a default must be there and is always written. One with a default may be missing but not null, and is
left out of the file when it is None. A field ``extra`` takes what no field is called, so that the entries of a newer
version survive.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from emotion_core.errors import RunError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

EXTRA = "extra"
NULL_TOO = {"written": "null, too"}
"""The metadata of a field with a default that may be null, and is written so when it is None."""

Record = TypeVar("Record", bound="DataclassInstance")

LARGEST: dict[object, float] = {int: 2**63 - 1, float: sys.float_info.max}
"""JSON can state larger numbers, which neither a size nor a score has and which cannot be computed with."""

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


class _Unfit(Exception):
    """A value is not of the type of its field; the message says what is wrong where."""


def from_json(kind: type[Record], value: object, file: Path) -> Record:
    """The record of a JSON object.

    Args:
        kind: the dataclass.
        value: as ``json.loads`` gives it.
        file: that it was read from, for messages.

    Raises:
        RunError: the value lacks a field, or one is of another type; the message names file and field.
    """
    try:
        return _record(kind, value, "")
    except _Unfit as error:
        raise RunError(
            f"{file}: {error}. The file was altered or is damaged; copy it again, or make it anew."
        ) from None


def to_json(record: DataclassInstance) -> dict[str, Any]:
    """The JSON object of a record, with the entries of ``extra`` at the end.

    A record within it that has a method ``to_json`` is written as that says.
    """
    written = {
        field.name: _plain(value)
        for field in dataclasses.fields(record)
        if field.name != EXTRA and ((value := getattr(record, field.name)) is not None or _is_written_as_null(field))
    }
    return {**written, **_plain(getattr(record, EXTRA, {}))}


def json_text(value: Any, **how: Any) -> str:
    """The JSON of records, dictionaries and lists; what is no finite number is null, for JSON knows no other.

    Args:
        value: what to write.
        how: options of ``json.dumps``.
    """
    return json.dumps(_plain(value), allow_nan=False, **how)


def _is_written_as_null(field: Field[Any]) -> bool:
    return _is_required(field) or field.metadata == NULL_TOO


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return value.to_json() if hasattr(value, "to_json") else to_json(value)
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@cache
def _types(kind: type[DataclassInstance]) -> dict[str, object]:
    return get_type_hints(kind)


def _record(kind: type[Record], value: object, place: str) -> Record:
    if not isinstance(value, dict):
        raise _unfit(place, value, "an object")
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name != EXTRA}
    for name, field in fields.items():
        if _is_required(field) and name not in value:
            raise _Unfit(f"has no {_inside(place, name)!r}")
        if name in value and value[name] is None and not _is_written_as_null(field):
            raise _unfit(_inside(place, name), None, "a value, or no such field")
    told = {name: _checked(_types(kind)[name], value[name], _inside(place, name)) for name in fields if name in value}
    if EXTRA in _types(kind):
        told[EXTRA] = {name: entry for name, entry in value.items() if name not in fields}
    try:
        return kind(**told)
    except ValueError as error:  # a value that its type allows, and its record does not
        raise _Unfit(f"{_inside(place, str(error))}") from None


def _checked(kind: Any, value: Any, place: str) -> Any:
    """A value as its field holds it, or an `_Unfit`."""
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value, place)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(inner, value, place)
    if origin is list:
        if not isinstance(value, list):
            raise _unfit(place, value, "a list")
        return [_checked(inner[0], entry, f"{place}[{number}]") for number, entry in enumerate(value)]
    if origin is not None:  # a mapping
        if not isinstance(value, dict):
            raise _unfit(place, value, "an object")
        return {name: _checked(inner[1], entry, _inside(place, name)) for name, entry in value.items()}
    fits = isinstance(value, int | float if kind is float else kind) and isinstance(value, bool) == (kind is bool)
    if not fits or (kind in LARGEST and not abs(value) <= LARGEST[kind]):  # no comparison holds for a NaN
        raise _unfit(place, value, _WORDS[kind])
    return value


def _one_of(kinds: tuple[Any, ...], value: object, place: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    *others, last = [kind for kind in kinds if kind is not type(None)]
    for kind in others:
        try:
            return _checked(kind, value, place)
        except _Unfit:
            continue
    return _checked(last, value, place)


def _unfit(place: str, value: object, expected: str) -> _Unfit:
    shown = repr(value)
    return _Unfit(f"{f'{place}: ' if place else ''}found {shown if len(shown) <= 60 else shown[:60] + '...'}, "
                  f"expected {expected}")  # fmt: skip


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
