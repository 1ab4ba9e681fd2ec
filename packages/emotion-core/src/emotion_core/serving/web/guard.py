"""What each request passes first: who may ask, what is counted and logged, and the headers of each answer."""

from __future__ import annotations

import logging
from hmac import compare_digest
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emotion_core.printable import one_line
from emotion_core.serving.forms import RefusedError, shown
from emotion_core.serving.settings import Settings
from emotion_core.serving.web.bodies import refusal
from emotion_core.serving.web.metrics import Metrics

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of each answer: a page of this service loads the files of this service alone."""

RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
OPEN = ("/", "/health")
"""What needs no key, with the files of the page."""
PAGE_FILES = "/page/"
OTHER = "other"
"""The route of what no route answers, so that strangers cannot make up more and more names."""

LOG = logging.getLogger(__name__)


class Guard:
    """The outermost part of the service.

    Args:
        app: what answers.
        settings: of the service.
        metrics: of the service.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._hosts = frozenset(settings.hosts)
        self._keys = [key.encode() for key in settings.keys]
        self._log = settings.access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *RAW_HEADERS]
            await send(message)

        try:
            refused = self._refusal(scope)
            await (self._app if refused is None else refusal(refused))(scope, receive, send_on)
        finally:
            self._tell(scope, status, perf_counter() - begun)

    def _refusal(self, scope: Scope) -> RefusedError | None:
        if not self._hosts and not self._keys:
            return None
        headers = Headers(scope=scope)
        host = host_name(headers.get("host", "")) if self._hosts else ""
        # A website that has its own name lead to this machine must not reach what listens on loopback. Browsers send
        # the name; programs that send none are none.
        if self._hosts and host and host not in self._hosts:
            return RefusedError(403, f"Host is {shown(host)}; --allowed-host {shown(host)} would let it ask.")
        is_open = scope["method"] in ("GET", "HEAD") and (scope["path"] in OPEN or scope["path"].startswith(PAGE_FILES))
        if self._keys and not is_open and not self._has_key(headers):
            sentence = "No valid API key; send it as Authorization: Bearer KEY, or as X-API-Key: KEY."
            return RefusedError(401, sentence, {"WWW-Authenticate": "Bearer"})
        return None

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        # Each key is compared to its end, so that the time tells nothing.
        return sum(compare_digest(given.encode(), key) for key in self._keys) > 0

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.requests(route, status).inc()
        self._metrics.seconds(route).observe(seconds)
        if self._log:
            client = scope["client"][0] if scope.get("client") else "-"
            path = one_line(scope["path"])
            LOG.info("%s %s %s %d %.1f ms", client, one_line(scope["method"]), path, status, seconds * 1000)


def route_of(scope: Scope) -> str:
    """The route that has answered a request; those of the page share one name, and what no route answers another."""
    if scope["path"].startswith(PAGE_FILES):
        return PAGE_FILES
    return scope["path"] if "endpoint" in scope else OTHER


def host_name(host: str) -> str:
    """The name in a ``Host`` header, in lower case and without the port and the brackets of an IPv6 address."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
