"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from emotion_core.serving.models import ServedModel
from emotion_core.serving.settings import Settings
from emotion_core.serving.web.bodies import RefusedError, shown
from emotion_core.serving.web.description import CLASSIFIES, HUB, PREDICTS, gives, openapi, reference_page
from emotion_core.serving.web.guard import HEADERS, Guard
from emotion_core.serving.web.metrics import Metrics
from emotion_core.serving.web.service import PAGE, Service
from emotion_core.system.environment import installed_versions


def application(models: Sequence[ServedModel], settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application.

    Args:
        models: at least one, each with a name of its own; the first is the default.
        settings: None for the usual.
    """
    settings, metrics = settings or Settings(), Metrics()
    service = Service(models, settings, metrics)
    version = installed_versions().get("emotion-core", "0")
    app = FastAPI(title="Six emotions", version=version, docs_url=None, redoc_url=None)
    app.add_api_route("/predict", service.predict, methods=["POST"], **PREDICTS)
    app.add_api_route("/", service.hub, methods=["POST"], **HUB)
    app.add_api_route("/classify", service.classify, methods=["POST"], **CLASSIFIES)
    for name in ("models", "info", "health", "metrics"):
        app.add_api_route(f"/{name}", getattr(service, name), methods=["GET"], **gives())
    app.add_api_route("/", service.page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/page/colours.css", service.colours, methods=["GET"], include_in_schema=False)
    app.openapi = openapi(app, keys=bool(settings.keys))  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    async def reference() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))

    app.mount("/page", StaticFiles(directory=PAGE))
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(Exception, failed)
    app.add_middleware(Guard, settings=settings, metrics=metrics)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
        )
    return app


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that is refused."""
    assert isinstance(error, RefusedError)
    return error.answer()


async def unknown(request: Request, error: Exception) -> Response:
    """The answer where no address fits, or no method."""
    assert isinstance(error, HTTPException)
    place = shown(request.scope["path"])
    if error.status_code == 404:
        sentence = f"Nothing is at {place}; /docs lists what is where."
    elif error.status_code == 405:
        sentence = f"{place} does not take {shown(request.method)}; /docs lists what takes what."
    else:
        sentence = f"{place}: {error.detail}."
    return JSONResponse({"error": sentence}, error.status_code, error.headers)


async def failed(request: Request, error: Exception) -> Response:
    """The answer where the service itself is at fault; the log says more."""
    return JSONResponse({"error": "The service failed; its log says why."}, 500, HEADERS)
