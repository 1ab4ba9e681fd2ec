"""The body of a request, read within its limits; and the answer to a request that is refused."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from emotion_core.printable import one_line
from emotion_core.serving.forms import RefusedError, shown
from emotion_core.serving.settings import Settings

JSON_TYPE = "application/json"


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
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large
            parts.append(part)
    except ClientDisconnect:  # nobody reads the answer, and no fault of the service is logged
        raise RefusedError(400, "The connection was closed before the body had arrived.") from None
    return b"".join(parts)


def refusal(error: RefusedError) -> JSONResponse:
    """What the client gets."""
    return JSONResponse({"error": error.sentence}, error.status, error.headers)
