"""The application: its addresses, and what each answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from emotion_core.colours import stylesheet
from emotion_core.labels import EMOTIONS
from emotion_core.serving.bodies import RefusedError, read_texts
from emotion_core.serving.models import ServedModel
from emotion_core.serving.predictions import answers
from emotion_core.serving.settings import Settings

PAGE = Path(__file__).parent / "page"

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer: the page loads its own files alone."""


def application(models: Sequence[ServedModel], settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application.

    Args:
        models: at least one; the first is the default.
        settings: None for the usual.
    """
    service = Service(models, settings or Settings())
    app = FastAPI(title="Six emotions", docs_url=None, redoc_url=None)
    app.add_api_route("/predict", service.predict, methods=["POST"])
    app.add_api_route("/models", service.models, methods=["GET"])
    app.add_api_route("/health", service.health, methods=["GET"])
    app.add_api_route("/", service.page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/page/colours.css", service.colours, methods=["GET"], include_in_schema=False)
    app.mount("/page", StaticFiles(directory=PAGE))
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(HTTPException, unknown)

    @app.middleware("http")
    async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    return app


class Service:
    """The models of a service, and what its addresses answer."""

    def __init__(self, models: Sequence[ServedModel], settings: Settings) -> None:
        self._models = {model.name: model for model in models}
        self._default = models[0].name
        self._settings = settings

    async def predict(self, request: Request) -> Response:
        """The emotions of one text or several."""
        asked, texts = await read_texts(request, self._settings.limits)
        name = self._default if asked.model is None else asked.model
        if name not in self._models:
            raise RefusedError(404, f"There is no model {name!r}; there are {', '.join(self._models)}.")
        classifier = self._models[name].classifier
        found = await asyncio.to_thread(answers, classifier, texts, self._settings.abstain_below)
        return JSONResponse({"model": name, "predictions": found})

    async def models(self) -> Response:
        """The models, the default one, and the limits of a request."""
        described = [
            {
                "name": model.name,
                "format": model.format,
                "labels": EMOTIONS,
                "max_tokens": model.max_tokens,
                "abstains": self._settings.abstain_below > 0,
            }
            for model in self._models.values()
        ]
        limits = asdict(self._settings.limits)
        return JSONResponse({"models": described, "default": self._default, "limits": limits})

    async def health(self) -> Response:
        """Whether the service answers."""
        return JSONResponse({"status": "ok"})

    async def page(self) -> Response:
        """The page."""
        return FileResponse(PAGE / "index.html")

    async def colours(self) -> Response:
        """The colours of the emotions, for the page."""
        return Response(stylesheet(), media_type="text/css")


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that is refused."""
    assert isinstance(error, RefusedError)
    return JSONResponse({"error": error.sentence}, error.status)


async def unknown(request: Request, error: Exception) -> Response:
    """The answer where no address or method fits."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": f"{request.method} {request.url.path}: {error.detail}."}, error.status_code)
