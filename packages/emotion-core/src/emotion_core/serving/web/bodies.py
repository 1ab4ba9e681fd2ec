"""The body of a request: read within its limits, and what is wrong with it in one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from emotion_core.printable import one_line
from emotion_core.serving.settings import Settings

JSON_TYPE = "application/json"
SHOWN = 60
"""Characters of a value that a sentence repeats."""

PLAIN = {
    "extra_forbidden": "Is not known here",
    "list_type": "Expected a list",
    "missing": "Is missing",
    "string_type": "Expected a string",
}
"""What pydantic's kinds of errors are called here, where its own words speak of Python."""


class Form(BaseModel):
    """Takes the fields that it states and no others, so that no misspelt one is passed over."""

    model_config = ConfigDict(extra="forbid")

    expected: ClassVar[Mapping[str, str]] = {}
    """What a field may be, where pydantic would tell of only one of several types."""


Model = TypeVar("Model", bound=Form)


class RefusedError(Exception):
    """A request that is answered with a status and one sentence.

    Attributes:
        status: of HTTP.
        sentence: what is wrong, and what is expected.
        headers: of the answer.
    """

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers

    def answer(self) -> JSONResponse:
        """What the client gets."""
        return JSONResponse({"error": self.sentence}, self.status, self.headers)


async def read_object(request: Request, settings: Settings) -> dict[str, Any]:
    """The JSON object in the body of a request.

    Raises:
        RefusedError: there is none, or it is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        raise RefusedError(415, f"Content-Type is {shown(kind) if kind else 'missing'}, expected {JSON_TYPE}.")
    try:
        async with asyncio.timeout(settings.body_seconds):
            body = await _read(request, settings.limits.bytes)
    except TimeoutError:
        # What still comes would be taken for the next request.
        sentence = f"The body did not arrive within {settings.body_seconds:g} seconds."
        raise RefusedError(408, sentence, {"Connection": "close"}) from None
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise RefusedError(400, f"The body is not valid JSON: {one_line(error)}.") from None
    if not isinstance(value, dict):
        raise RefusedError(422, 'The body is not a JSON object, such as {"text": "so happy"}.')
    return value


async def _read(request: Request, most: int) -> bytes:
    """The body; it is refused as soon as it is known to be too large, and not read on."""
    too_large = RefusedError(413, f"The body has more than {most} bytes.", {"Connection": "close"})
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > most:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def checked(kind: type[Model], value: dict[str, Any]) -> Model:
    """A JSON object as the model of a request.

    Raises:
        RefusedError: a field is missing or not as it must be.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = shown(".".join(map(str, first["loc"])))
        if (field := str(first["loc"][0])) in kind.expected:
            raise RefusedError(422, f"{field}: Expected {kind.expected[field]}.") from None
        raise RefusedError(422, f"{place}: {PLAIN.get(first['type'], first['msg'])}.") from None


def shown(value: object) -> str:
    """A value of the client's in a sentence: on one line and short."""
    line = one_line(value)
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}..."
