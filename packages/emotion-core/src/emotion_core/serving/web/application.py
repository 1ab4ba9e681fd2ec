"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from emotion_core.serving.forms import RefusedError, shown
from emotion_core.serving.models import ServedModel
from emotion_core.serving.settings import Settings
from emotion_core.serving.web.bodies import refusal
from emotion_core.serving.web.description import described, openapi, reference_page
from emotion_core.serving.web.guard import HEADERS, Guard
from emotion_core.serving.web.metrics import Metrics
from emotion_core.serving.web.service import PAGE, Service
from emotion_core.system.environment import installed_versions

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig


def application(models: Sequence[ServedModel], settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application.

    Args:
        models: at least one, each with a name of its own; the first is the default.
        settings: None for the usual.
    """
    settings, metrics = settings or Settings(), Metrics()
    service = Service(models, settings, metrics)
    version = installed_versions().get("emotion-core", "0")
    # What others write into a trace or count belongs to them; it is looked for with each request.
    telemetry: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(title="Six emotions", version=version, docs_url=None, redoc_url=None, telemetry=telemetry)
    routes = described(service)
    app.openapi = openapi(app, routes, keys=bool(settings.keys))  # type: ignore[method-assign]
    # FastAPI describes the routes, and Starlette calls them, in half of the time: each reads its body itself.
    for route in routes:
        app.add_route(route.path, route.endpoint, methods=list(route.methods or ()))
    app.add_route("/page/colours.css", service.colours)
    app.add_route("/docs", reference)
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


async def reference(request: Request) -> Response:
    """The OpenAPI document as a page."""
    return HTMLResponse(reference_page(request.app.openapi()))


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that is refused."""
    assert isinstance(error, RefusedError)
    return refusal(error)


async def unknown(request: Request, error: Exception) -> Response:
    """The answer where no address fits, or no method."""
    assert isinstance(error, HTTPException)
    path, headers = request.scope["path"], error.headers
    if error.status_code == 404:
        sentence = f"Nothing is at {shown(path)}; /docs lists what is where."
    elif error.status_code == 405:
        sentence = f"{shown(path)} does not take {shown(request.method)}; /docs lists what takes what."
        taken = {
            method
            for route in request.app.routes
            if route.path == path
            for method in getattr(route, "methods", None) or ()
        }
        headers = {"Allow": ", ".join(sorted(taken))} if taken else headers
    else:
        sentence = f"{shown(path)}: {error.detail}."
    return JSONResponse({"error": sentence}, error.status_code, headers)


async def failed(request: Request, error: Exception) -> Response:
    """The answer where the service itself is at fault; the log says more."""
    return JSONResponse({"error": "The service failed; its log says why."}, 500, HEADERS)
