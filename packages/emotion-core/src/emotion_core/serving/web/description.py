"""The OpenAPI document of the service, and a page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from emotion_core.serving.forms import Form, PredictAnswer
from emotion_core.serving.web.bodies import JSON_TYPE
from emotion_core.serving.web.service import Service
from emotion_core.serving.web.shapes import (
    ClassifyAnswer,
    ClassifyRequest,
    ErrorAnswer,
    HealthAnswer,
    HubRequest,
    InfoAnswer,
    ModelsAnswer,
    PredictRequest,
    Score,
)

REF = "#/components/schemas/{model}"
REQUESTS = (PredictRequest, HubRequest, ClassifyRequest)

DESCRIPTION = """Predicts which of six emotions a short text has: sadness, joy, love, anger, fear or surprise.

An error is answered with a status of 400 or higher and `{"error": "one sentence"}`."""


def takes(*kinds: type[Form], answers: object) -> dict[str, Any]:
    """What the document says of a route that takes one of some forms of requests, for ``add_api_route``."""
    schemas = [{"$ref": REF.format(model=kind.__name__)} for kind in kinds]
    content = {JSON_TYPE: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    return gives(answers) | {"openapi_extra": {"requestBody": {"required": True, "content": content}}}


def gives(answers: object = None) -> dict[str, Any]:
    """What the document says of the answers of a route."""
    good = {"description": "The answer."} | ({} if answers is None else {"model": answers})
    bad = {"model": ErrorAnswer, "description": "What is wrong with the request, in one sentence."}
    full = {"model": ErrorAnswer, "description": "Too many texts wait; come again after `Retry-After` seconds."}
    return {"responses": {200: good, "4XX": bad, 503: full}}


def described(service: Service) -> list[APIRoute]:
    """The routes that the document describes, with what it says of them."""
    predicts = takes(PredictRequest, HubRequest, answers=PredictAnswer | list[Score] | list[list[Score]])
    hub = takes(HubRequest, answers=list[list[Score]])
    classifies = takes(ClassifyRequest, answers=ClassifyAnswer)
    post, get = ["POST"], ["GET"]
    return [
        APIRoute("/predict", service.predict, methods=post, **predicts),
        APIRoute("/", service.hub, methods=post, **hub),
        APIRoute("/classify", service.classify, methods=post, **classifies),
        APIRoute("/", service.page, methods=get, **gives(), response_class=HTMLResponse),
        APIRoute("/models", service.models, methods=get, **gives(ModelsAnswer)),
        APIRoute("/info", service.info, methods=get, **gives(InfoAnswer)),
        APIRoute("/health", service.health, methods=get, **gives(HealthAnswer)),
        APIRoute("/metrics", service.metrics, methods=get, **gives(), response_class=PlainTextResponse),
    ]


def openapi(app: FastAPI, routes: Sequence[APIRoute], *, keys: bool) -> Callable[[], dict[str, Any]]:
    """What makes the OpenAPI document of the application, once.

    Args:
        app: the application.
        routes: that are described.
        keys: whether requests need an API key.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=routes)
            _, requests = models_json_schema([(kind, "validation") for kind in REQUESTS], ref_template=REF)
            made["components"]["schemas"] |= requests["$defs"]
            if keys:
                made["components"]["securitySchemes"] = {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                }
                made["security"] = [{"bearer": []}, {"header": []}]
            app.openapi_schema = made
        return app.openapi_schema

    return document


def reference_page(document: dict[str, Any]) -> str:
    """The OpenAPI document as a page that needs no script and loads nothing from elsewhere."""
    parts = [
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>{_operation(operation)}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [
        f'<h3 id="{escape(name)}">{escape(name)}</h3><pre>{escape(json.dumps(schema, indent=2))}</pre>'
        for name, schema in document["components"]["schemas"].items()
    ]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document['info']['title'])}: reference</title></head><body>",
            f"<h1>{escape(document['info']['title'])}</h1>{_paragraphs(document['info']['description'])}",
            '<p>For other tools: <a href="openapi.json">openapi.json</a>.</p>',
            *parts,
            "<h2>Forms of requests and answers</h2>",
            *schemas,
            "</body></html>",
        ]
    )


def _operation(operation: dict[str, Any]) -> str:
    found = _paragraphs(operation.get("description", ""))
    if "requestBody" in operation:
        found += f"<p>Request: {_names(operation['requestBody'])}</p>"
    return found + f"<p>Answer: {_names(operation['responses']['200']) or 'see above'}</p>"


def _names(content: dict[str, Any]) -> str:
    """Links to the forms that a part of the document names."""
    names: list[str] = []
    for part in json.dumps(content).split('"#/components/schemas/')[1:]:
        name = part.partition('"')[0]
        names += [name] if name not in names else []
    return ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(' '.join(part.split()))}</p>" for part in text.split("\n\n") if part.strip())
