"""What requests and answers have in common, however they come: their forms, and the sentences that refuse them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emotion_core.labels import EMOTIONS
from emotion_core.printable import one_line
from emotion_core.serving.settings import Limits

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
Probability = Annotated[float, Field(ge=0, le=1)]


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


class PredictionAnswer(Form):
    """What is predicted for a text."""

    label: int | None
    emotion: str | None
    probabilities: dict[Literal[EMOTIONS], Probability] | None  # type: ignore[valid-type]
    truncated: bool
    foreign: bool
    uncertain: bool
    neutral: Probability | None = None
    reason: str = ""


class PredictAnswer(Form):
    """The predictions in the order of the texts, and the model."""

    model: str
    predictions: list[PredictionAnswer]


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


def within(texts: list[str], limits: Limits) -> list[str]:
    """The texts of a request.

    Raises:
        RefusedError: there are too many, or one is too long.
    """
    if len(texts) > limits.texts:
        raise RefusedError(413, f"The request has {len(texts)} texts, at most {limits.texts} are allowed.")
    longest = max(map(len, texts), default=0)
    if longest > limits.characters:
        raise RefusedError(413, f"A text has {longest} characters, at most {limits.characters} are allowed.")
    return texts
