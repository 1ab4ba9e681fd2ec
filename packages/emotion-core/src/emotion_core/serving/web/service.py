"""What each address of the service answers."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from uuid import uuid4

from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from emotion_core.evaluation.colours import stylesheet
from emotion_core.inference.predict import Asked
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS, ID_TO_EMOTION
from emotion_core.serving.batches import Batches, FullError
from emotion_core.serving.forms import RefusedError, checked, shown, within
from emotion_core.serving.models import ServedModel
from emotion_core.serving.predictions import Prediction, predictions
from emotion_core.serving.settings import Settings
from emotion_core.serving.web.bodies import read_object
from emotion_core.serving.web.metrics import Metrics
from emotion_core.serving.web.shapes import ClassifyRequest, HubRequest, PredictRequest
from emotion_core.system.environment import installed_versions

PAGE = Path(__file__).parents[1] / "page"

RETRY_SECONDS = 1
"""After which a client may come again whose texts had no room."""

LOG = logging.getLogger(__name__)


class Service:
    """The models of a service, and the answers to requests.

    Args:
        models: at least one, each with a name of its own; the first is the default.
        settings: of the service.
        metrics: of the service.
    """

    def __init__(self, models: Sequence[ServedModel], settings: Settings, metrics: Metrics) -> None:
        self._models = {model.name: model for model in models}
        self._default = models[0]
        self._settings, self._metrics = settings, metrics
        asked = Asked(abstain_below=settings.abstain_below, neutral_threshold=settings.neutral_threshold)
        self._asked = {model.name: asked.settled(model.classifier) for model in models}
        self._batches = {
            model.name: Batches(
                partial(predictions, model.classifier, asked=self._asked[model.name]),
                settings.batch,
                settings.queue,
                metrics.batches(model.name).observe,
            )
            for model in models
        }

    async def predict(self, request: Request) -> Response:
        """The emotion of a text, or of each of several texts.

        Clients of Hugging Face and of Text Embeddings Inference may send `inputs` in place of `text` or `texts`; they
        get a list of scores for a text, and a list of such lists for a list of texts.
        """
        value = await read_object(request, self._settings)
        if "inputs" in value:
            asked = checked(HubRequest, value)
            scores = await self._hub_scores(asked)
            return JSONResponse(scores[0] if isinstance(asked.inputs, str) else scores)
        own = checked(PredictRequest, value)
        if (own.text is None) == (own.texts is None):
            raise RefusedError(422, "The request has no text. Give text, or texts, a list; not both.")
        texts = [own.text] if own.text is not None else own.texts or []
        model = self._model(own.model)
        found = await self._predict(model, texts)
        return JSONResponse({"model": model.name, "predictions": [prediction.to_json() for prediction in found]})

    async def hub(self, request: Request) -> Response:
        """The scores of each text, as clients of Hugging Face expect them: a list for each, also for a single text."""
        asked = checked(HubRequest, await read_object(request, self._settings))
        return JSONResponse(await self._hub_scores(asked))

    async def classify(self, request: Request) -> Response:
        """The scores of each text, as clients of infinity expect them."""
        asked = checked(ClassifyRequest, await read_object(request, self._settings))
        default = ClassifyRequest.model_fields["model"].default
        model = self._model(None if asked.model == default else asked.model)
        found = await self._predict(model, asked.input)
        characters = sum(map(len, asked.input))
        return JSONResponse(
            {
                "object": "classify",
                "data": [prediction.scores() for prediction in found],
                "model": model.name,
                "usage": {"prompt_tokens": characters, "total_tokens": characters},
                "id": f"emotion-{uuid4()}",
                "created": int(time.time()),
            }
        )

    async def models(self, request: Request) -> Response:
        """The models, the default one, and the limits of a request."""
        described = [
            {
                "name": model.name,
                "format": model.format,
                "labels": EMOTIONS,
                "max_tokens": model.max_tokens,
                "abstains": bool(self._asked[model.name].abstain_below),
                "abstain_below": self._asked[model.name].abstain_below or 0.0,
                "neutral": model.classifier.gate is not None,
                "neutral_threshold": self._asked[model.name].neutral_threshold,
                "never_predicted": model.never_predicted,
            }
            for model in self._models.values()
        ]
        limits = asdict(self._settings.limits)
        return JSONResponse({"models": described, "default": self._default.name, "limits": limits})

    async def info(self, request: Request) -> Response:
        """The default model, in the words of Text Embeddings Inference."""
        model, settings = self._default, self._settings
        return JSONResponse(
            {
                "model_id": model.name,
                "model_sha": None,
                "model_dtype": "int8" if "int8" in model.technique else "float32",
                "model_type": {"classifier": {"id2label": ID_TO_EMOTION, "label2id": EMOTION_TO_ID}},
                "max_concurrent_requests": settings.queue,
                "max_input_length": model.max_tokens,
                "max_batch_tokens": settings.batch * (model.max_tokens or 1),
                "max_batch_requests": settings.batch,
                "max_client_batch_size": settings.limits.texts,
                "auto_truncate": True,
                "tokenization_workers": 1,
                "version": installed_versions().get("emotion-core", ""),
                "sha": None,
                "docker_label": None,
            }
        )

    async def health(self, request: Request) -> Response:
        """Says that the service answers; needs no key."""
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """What was counted, in the text format of Prometheus."""
        for name, batches in self._batches.items():
            self._metrics.waiting(name).set(batches.waiting)
        return Response(self._metrics.text(), media_type=CONTENT_TYPE_LATEST)

    async def colours(self, request: Request) -> Response:
        """The colours of the emotions, for the page."""
        return Response(stylesheet(), media_type="text/css")

    async def page(self, request: Request) -> Response:
        """The page for trying the models."""
        return FileResponse(PAGE / "index.html")

    def _model(self, name: str | None) -> ServedModel:
        if name is None:
            return self._default
        if name not in self._models:
            raise RefusedError(404, f"No model is called {shown(name)}; there are {', '.join(self._models)}.")
        return self._models[name]

    async def _predict(self, model: ServedModel, texts: list[str]) -> list[Prediction]:
        within(texts, self._settings.limits)
        if self._settings.log_texts:
            for text in texts:
                LOG.info("%s %s", model.name, json.dumps(text))
        try:
            found = await self._batches[model.name].predict(texts)
        except FullError:
            sentence = f"Too many texts wait for {model.name}; come again in {RETRY_SECONDS} second."
            raise RefusedError(503, sentence, {"Retry-After": str(RETRY_SECONDS)}) from None
        self._metrics.count(model.name, found)
        return found

    async def _hub_scores(self, asked: HubRequest) -> list[list[dict[str, object]]]:
        model = self._model(asked.model)
        found = await self._predict(model, asked.texts())
        if asked.must_fit and any(prediction.truncated for prediction in found):
            raise RefusedError(413, f"A text has more than the {model.max_tokens} tokens that {model.name} reads.")
        if isinstance(asked.inputs, str) and (reason := found[0].reason) is not None:
            raise RefusedError(422, f"inputs: There is no prediction for it ({reason}).")
        most = None if asked.parameters is None else asked.parameters.top_k
        return [prediction.scores()[:most] for prediction in found]
