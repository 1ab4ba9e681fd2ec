"""What a request may hold, and how a body that holds something else is refused."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from emotion_core.serving.settings import Limits


class RefusedError(Exception):
    """A request that is answered with a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Texts(BaseModel):
    """One text or several, and the model that predicts them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str | None = None
    texts: list[str] | None = None
    model: str | None = None


async def read_texts(request: Request, limits: Limits) -> tuple[Texts, list[str]]:
    """The body of a request with its texts, within the limits.

    Raises:
        RefusedError: it is too large, or not as it must be.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, f"The content type is {kind or 'missing'}, expected application/json.")
    body = await _read(request, limits.bytes)
    try:
        asked = Texts.model_validate_json(body)
    except ValidationError as error:
        raise RefusedError(422, _sentence(error)) from error
    if (asked.text is None) == (asked.texts is None):
        raise RefusedError(422, "Give either text, or texts, a list.")
    texts = [asked.text] if asked.text is not None else asked.texts or []
    if len(texts) > limits.texts:
        raise RefusedError(422, f"The request has {len(texts)} texts, at most {limits.texts} are allowed.")
    longest = max(map(len, texts), default=0)
    if longest > limits.characters:
        raise RefusedError(422, f"A text has {longest} characters, at most {limits.characters} are allowed.")
    return asked, texts


async def _read(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise RefusedError(413, f"The body has more than {most} bytes.")
        parts.append(part)
    return b"".join(parts)


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    message = f"{place}: {first['msg']}" if place else first["msg"]
    return f"{message}."
