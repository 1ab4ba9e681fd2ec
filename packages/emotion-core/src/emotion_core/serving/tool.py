"""One tool that classifies texts, for clients of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from functools import partial
from types import FrameType
from typing import Any

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import StrictStr

from emotion_core.inference.predict import Asked
from emotion_core.labels import EMOTIONS
from emotion_core.serving.batches import Batches, FullError
from emotion_core.serving.forms import Form, PredictAnswer, RefusedError, checked, shown, within
from emotion_core.serving.models import ServedModel
from emotion_core.serving.predictions import Prediction, predictions
from emotion_core.serving.settings import Limits, Settings
from emotion_core.system.environment import installed_versions
from emotion_core.system.signals import handled_by

NAME = "classify_emotions"

DIGITS = 4
"""Of a probability after the point: a client that is a language model reads each digit."""

Context = ServerRequestContext[Any]

LOG = logging.getLogger(__name__)


class ClassifyTexts(Form):
    """The texts to classify."""

    texts: list[StrictStr]


class EmotionTool:
    """The tool: what clients are told of it, and its answers.

    Args:
        model: that predicts.
        limits: of a call.
        asked: when a prediction is uncertain or neutral.
    """

    def __init__(self, model: ServedModel, limits: Limits, asked: Asked) -> None:
        self._model, self._limits = model, limits
        predict = partial(predictions, model.classifier, asked=asked.settled(model.classifier))
        self._batches = Batches(predict, Settings.batch, max(Settings.queue, limits.texts))

    async def listed(self, context: Context, asked: PaginatedRequestParams | None) -> ListToolsResult:
        """The one tool."""
        return ListToolsResult(tools=[self.described()])

    def described(self) -> Tool:
        """The tool as clients see it."""
        takes = ClassifyTexts.model_json_schema()
        texts = takes["properties"]["texts"]
        texts["maxItems"], texts["items"]["maxLength"] = self._limits.texts, self._limits.characters
        return Tool(
            name=NAME,
            title="Emotions of texts",
            description=self._description(),
            input_schema=takes,
            output_schema=PredictAnswer.model_json_schema(),
            annotations=ToolAnnotations(
                read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
            ),
        )

    def _description(self) -> str:
        sentences = [
            f"Predicts which of six emotions each of several short English texts has: {', '.join(EMOTIONS)}.",
            "Predictions come in the order of the texts, each with the probabilities of all six.",
            "truncated: the text is longer than what the model reads.",
            "foreign: the text seems to be in a language that the model does not read.",
            "uncertain: no emotion is probable enough.",
            "A text without prediction has a reason instead.",
            f"At most {self._limits.texts} texts, each of at most {self._limits.characters} characters.",
        ]
        if self._model.classifier.gate is not None:
            sentences.append("neutral: the probability that the text shows none of the emotions.")
        if never := self._model.never_predicted:
            sentences.append(f"This model never predicts {', '.join(never)}.")
        return " ".join(sentences)

    async def call(self, context: Context, asked: CallToolRequestParams) -> CallToolResult:
        """The predictions, or one sentence that says what is wrong.

        Raises:
            MCPError: the client calls another tool.
        """
        if asked.name != NAME:
            raise MCPError(INVALID_PARAMS, f"No tool is called {shown(asked.name)}; there is {NAME}.")
        try:
            texts = within(checked(ClassifyTexts, asked.arguments or {}).texts, self._limits)
            found = await self._batches.predict(texts)
        except RefusedError as refused:
            return _failed(refused.sentence)
        except FullError:
            return _failed("Too many texts wait; call again when there are answers.")
        except Exception:
            LOG.exception("A call failed.")
            return _failed("The tool failed; its standard error says why.")
        answer = {"model": self._model.name, "predictions": [_rounded(one).to_json() for one in found]}
        return CallToolResult(content=[TextContent(text=json.dumps(answer))], structured_content=answer)


def server_of(
    model: ServedModel,
    limits: Limits | None = None,
    abstain_below: float | None = None,
    neutral_threshold: float | None = None,
) -> Server[Any]:
    """What answers a client.

    Args:
        model: that predicts.
        limits: of a call; None for the usual.
        abstain_below: a prediction whose highest probability is below it is uncertain; None as the run says.
        neutral_threshold: a text whose probability of being neutral is above it is called so; None as the run says.

    Raises:
        ModelError: there is a ``neutral_threshold``, and the run has no neutral gate.
    """
    asked = Asked(abstain_below=abstain_below, neutral_threshold=neutral_threshold)
    tool = EmotionTool(model, limits or Limits(), asked)
    version = installed_versions().get("emotion-core", "")
    return Server(
        "emotion-core", version=version, title="Six emotions", on_list_tools=tool.listed, on_call_tool=tool.call
    )


def answer(server: Server[Any]) -> None:
    """Answer a client over standard input and output, until it leaves or a signal comes."""
    with handled_by(_leave):
        try:
            asyncio.run(_answer(server))
        except* BrokenPipeError:
            LOG.debug("The client has left without waiting for its answers.")


async def _answer(server: Server[Any]) -> None:
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: the thread that waits for the client's next line cannot be interrupted, and nothing is to tidy."""
    os._exit(128 + number)


def _failed(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=sentence)], is_error=True)


def _rounded(found: Prediction) -> Prediction:
    shares = found.probabilities
    neutral = None if found.neutral is None else round(found.neutral, DIGITS)
    return found._replace(probabilities=shares and tuple(round(share, DIGITS) for share in shares), neutral=neutral)
