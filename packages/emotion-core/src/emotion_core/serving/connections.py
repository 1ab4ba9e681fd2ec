"""A connection of the service: what comes beside the bodies of requests has to be short, and to come in time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536
"""Of the first line and the headers of a request, with what comes beyond that at once."""

BESIDE_BODY = 8
"""Bytes that may come for each one of a body, as where it comes in chunks of one byte."""


class Connection(HttpToolsProtocol):
    """Reads requests as uvicorn does, but ends where what comes before or after a body has no end.

    uvicorn keeps all of that and waits for it as long as the client likes: so a stranger could take the memory with one
    header, and all connections with silence. Here it may take as long as a connection may be idle.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._requests, self._beside = 0, 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless too much has come that is no body."""
        requests = self._requests
        super().data_received(data)
        if requests == self._requests:  # else a part belongs to the request before
            self._beside += len(data)
            if self._beside > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response(f"More than {HEAD_BYTES} bytes of headers.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._requests, self._beside = self._requests + 1, 0
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head of a request has ended."""
        self._wait_no_longer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body gives room for what comes beside it."""
        self._beside -= (1 + BESIDE_BODY) * len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Wait for the next request, if none has come."""
        super().on_response_complete()
        if self._deadline is None and self.cycle.response_complete:
            self._wait_for_head()

    def _wait_for_head(self) -> None:
        self._wait_no_longer()
        self._deadline = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _wait_no_longer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
