"""The forms of requests and answers over HTTP: our own, and those of services that clients know.

The answers are written as plain dictionaries, which costs least; the models of answers state their form in the OpenAPI
document, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from emotion_core.serving.forms import Form, Probability


def _no_logits(asked: bool) -> bool:
    if asked:
        raise PydanticCustomError("raw_scores", "Only probabilities can be had here, no raw scores")
    return asked


OnlyProbabilities = Annotated[StrictBool, AfterValidator(_no_logits), WithJsonSchema({"const": False})]


class PredictRequest(Form):
    """One text, or several, and the model that is to predict them."""

    text: StrictStr | None = None
    texts: list[StrictStr] | None = None
    model: StrictStr | None = None


class HubParameters(Form):
    """What clients of Hugging Face ask for."""

    top_k: Annotated[StrictInt, Field(ge=1)] | None = None
    function_to_apply: Literal["softmax"] | None = None
    truncation: StrictBool | None = None
    return_all_scores: StrictBool | None = None


class HubRequest(Form):
    """A request as the clients of Hugging Face and of Text Embeddings Inference send it."""

    expected: ClassVar[Mapping[str, str]] = {"inputs": "a string, a list of strings, or one of lists of one string"}

    inputs: StrictStr | list[StrictStr | Annotated[list[StrictStr], Field(min_length=1, max_length=1)]]
    parameters: HubParameters | None = None
    options: dict[str, Any] | None = None
    truncate: StrictBool | None = None
    raw_scores: OnlyProbabilities | None = None
    model: StrictStr | None = None

    def texts(self) -> list[str]:
        """The texts; one that stands alone in a list of its own is a text like the others."""
        if isinstance(self.inputs, str):
            return [self.inputs]
        return [entry if isinstance(entry, str) else entry[0] for entry in self.inputs]

    @property
    def must_fit(self) -> bool:
        """Whether a text that is longer than the model reads is refused."""
        return self.truncate is False or (self.parameters is not None and self.parameters.truncation is False)


class ClassifyRequest(Form):
    """A request as the clients of infinity send it."""

    input: list[StrictStr]
    model: StrictStr = "default/not-specified"
    raw_scores: OnlyProbabilities | None = None


class Score(Form):
    """An emotion and its probability."""

    label: str
    score: Probability


class Usage(Form):
    """How much was read, in characters, as infinity counts without a tokenizer."""

    prompt_tokens: int
    total_tokens: int


class ClassifyAnswer(Form):
    """The scores of each text, best first; none for a text without prediction."""

    object: Literal["classify"]
    data: list[list[Score]]
    model: str
    usage: Usage
    id: str
    created: int


class ModelAnswer(Form):
    """What is to be known of a model: `max_tokens` is null if it reads texts of any length.

    `neutral`: predictions say how probable it is that a text shows no emotion; above `neutral_threshold`, which is null
    for never, they call it neutral.
    """

    name: str
    format: str
    labels: list[str]
    max_tokens: int | None
    abstains: bool
    abstain_below: Probability
    neutral: bool
    neutral_threshold: Probability | None
    never_predicted: list[str]


class LimitsAnswer(Form):
    """How many texts and bytes a request may have, and how many characters a text."""

    texts: int
    characters: int
    bytes: int


class ModelsAnswer(Form):
    """The models; the default is taken by requests that name none."""

    models: list[ModelAnswer]
    default: str
    limits: LimitsAnswer


class InfoAnswer(BaseModel):
    """The default model, in the words of Text Embeddings Inference."""

    model_id: str
    model_dtype: str
    model_type: dict[str, dict[str, dict[str, StrictInt | str]]]
    max_input_length: int | None
    max_client_batch_size: int
    version: str


class HealthAnswer(Form):
    """That all is well."""

    status: Literal["ok"]


class ErrorAnswer(Form):
    """What is wrong, in one sentence."""

    error: str
