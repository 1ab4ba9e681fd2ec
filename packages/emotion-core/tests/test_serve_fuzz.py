"""Whatever is sent to the service, it answers with what its document says, and never with a fault of its own."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_serve import JSON, Careful, Service

schemathesis = pytest.importorskip("schemathesis")
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

EXAMPLES = int(os.environ.get("EMOTION_FUZZ_EXAMPLES", "30"))
"""Requests of each kind."""

BODIES = (
    {"text": "so happy", "model": "model-1"},
    {"texts": ["so happy", "", "so sad"]},
    {"inputs": [["so happy"], "so sad"], "parameters": {"top_k": 2, "function_to_apply": "softmax"}, "truncate": True},
    {"input": ["so happy"], "model": "default/not-specified", "raw_scores": False},
)
PIECES = (
    b"{", b"}", b"[" * 300, b"]", b'"', rb"\ud800", rb"\u0000", b"\xff\xfe", b"NaN", b"1e999", b"null", b",", b":",
    b"9" * 5000,
)  # fmt: skip

service = Service(Careful())
schema = schemathesis.openapi.from_asgi("/openapi.json", service.app)
quick = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@schema.parametrize()
@quick
def test_requests_that_follow_the_document_or_just_miss_it(case) -> None:
    """Each answer has a status, a type and a form that the document states, and what it forbids is refused."""
    # The document cannot say that a text has words, nor that there is one text or several.
    case.call_and_validate(headers={"Host": "localhost"}, excluded_checks=[positive_data_acceptance])


@st.composite
def spoilt_bodies(draw: st.DrawFn) -> bytes:
    """The bytes of a good body, in some places of which something is put in, taken out or turned over."""
    body = bytearray(json.dumps(draw(st.sampled_from(BODIES))).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.integers(0, 2)):
            case 0:
                body[place:place] = draw(st.sampled_from(PIECES))
            case 1:
                del body[place : place + draw(st.integers(1, 9))]
            case 2 if body:
                body[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(body)


@given(spoilt_bodies(), st.sampled_from(["/predict", "/", "/classify"]))
@quick
def test_bodies_that_were_spoilt_get_an_answer_or_one_sentence(body: bytes, path: str) -> None:
    """Never a fault of the service, and nothing that is no JSON."""
    answer = service.post(path, content=body, headers=JSON)
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert list(answer.json()) == ["error"]
        assert answer.json()["error"].endswith(".")
