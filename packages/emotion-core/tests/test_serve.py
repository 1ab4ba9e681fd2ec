"""What the service answers to which request."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from emotion_core.classifier import Classifier
from emotion_core.cli.commands.serve import read_keys
from emotion_core.inference.loading import load
from emotion_core.inference.onnx.sessions import SPINNING
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json
from emotion_core.serving.models import ServedModel, load_models, model_names
from emotion_core.serving.settings import Limits, Settings
from emotion_core.serving.web.application import application

HAPPY = "i am so happy today"
JSON = {"content-type": "application/json"}


class Service(TestClient):
    """A client of a service in this process, which is called as browsers on the same machine call it."""

    def __init__(self, *classifiers: Classifier, settings: Settings | None = None) -> None:
        models = [ServedModel(f"model-{number}", one, "onnx", "", 128) for number, one in enumerate(classifiers, 1)]
        super().__init__(application(models, settings), "http://localhost:8000", raise_server_exceptions=False)

    def ask(self, path: str = "/predict", **body: object):
        """The answer to a body that must be taken."""
        answer = self.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


class Careful(Classifier):
    """Reads Latin letters and no German, of five words at most; says joy where it reads happy."""

    def raw_probabilities(self, texts, progress):
        """Probabilities, shape (n, 6)."""
        rows = [[0.1, 0.5, 0.1, 0.1, 0.1, 0.1] if "happy" in text else [0.3, 0.2, 0.2, 0.1, 0.1, 0.1] for text in texts]
        return np.array(rows, np.float32)

    def unread(self, texts):
        """Those without letters."""
        return [None if re.search("[a-z]", text) else "no Latin letters" for text in texts]

    def foreign(self, texts):
        """Those with a German article."""
        return ["der" in text.split() for text in texts]

    def truncated(self, texts):
        """Those of more than five words."""
        return [len(text.split()) > 5 for text in texts]


@pytest.fixture
def service() -> Service:
    """A service of one model."""
    return Service(Careful())


class TestPredict:
    """`POST /predict` in our own form."""

    def test_a_text_gets_its_emotion_and_six_probabilities(self, service: Service) -> None:
        """The answer names the model, and the emotion by id and name."""
        answer = service.ask(text=HAPPY)
        assert answer == {
            "model": "model-1",
            "predictions": [
                {
                    "label": 1,
                    "emotion": "joy",
                    "probabilities": dict(zip(EMOTIONS, [0.1, 0.5, 0.1, 0.1, 0.1, 0.1], strict=True)),
                    "truncated": False,
                    "foreign": False,
                    "uncertain": False,
                }
            ],
        }

    def test_texts_without_prediction_keep_their_places_and_say_why(self, service: Service) -> None:
        """An empty text and one of which nothing is read have nulls and a reason."""
        found = service.ask(texts=[HAPPY, "", "٣", "so sad"])["predictions"]
        assert [one["emotion"] for one in found] == ["joy", None, None, "sadness"]
        assert [one.get("reason") for one in found] == [None, "no text", "no Latin letters", None]
        assert found[1] | found[2] | {"reason": ""} == {
            "label": None,
            "emotion": None,
            "probabilities": None,
            "truncated": False,
            "foreign": False,
            "uncertain": False,
            "reason": "",
        }

    def test_a_text_that_is_not_read_to_its_end_says_so(self, service: Service) -> None:
        """Of two texts the one that is too long is marked."""
        found = service.ask(texts=[HAPPY, "so happy " * 3])["predictions"]
        assert [one["truncated"] for one in found] == [False, True]

    def test_a_text_in_another_language_says_so(self, service: Service) -> None:
        """It is predicted all the same; one without prediction has nothing that could mislead."""
        found = service.ask(texts=[HAPPY, "der Tag war so happy", ""])["predictions"]
        assert [(one["emotion"], one["foreign"]) for one in found] == [("joy", False), ("joy", True), (None, False)]

    def test_a_prediction_below_the_bound_is_uncertain(self) -> None:
        """It keeps its probabilities and has no emotion; the models say that they abstain."""
        service = Service(Careful(), settings=Settings(abstain_below=0.4))
        found = service.ask(texts=[HAPPY, "so sad"])["predictions"]
        assert [(one["label"], one["emotion"], one["uncertain"]) for one in found] == [
            (1, "joy", False),
            (-1, "uncertain", True),
        ]
        assert found[1]["probabilities"]["sadness"] == pytest.approx(0.3)
        assert service.get("/models").json()["models"][0]["abstains"] is True

    def test_no_texts_get_no_predictions(self, service: Service) -> None:
        """An empty list is a list."""
        assert service.ask(texts=[])["predictions"] == []

    def test_the_model_is_chosen_by_its_name(self, classifier: Classifier) -> None:
        """The first is the default; a name that there is not is refused with those that there are."""
        service = Service(Careful(), classifier)
        assert service.ask(text=HAPPY)["model"] == "model-1"
        assert service.ask(text=HAPPY, model="model-2")["model"] == "model-2"
        answer = service.post("/predict", json={"text": HAPPY, "model": "gpt"})
        assert answer.status_code == 404
        assert answer.json() == {"error": "No model is called gpt; there are model-1, model-2."}


class TestFormsOfOthers:
    """What clients of other services send and expect."""

    def test_hugging_face_gets_a_list_of_scores_for_each_text_best_first(self, service: Service) -> None:
        """At `/` a single text has a list of its own, too; top_k cuts the lists."""
        best = {"label": "joy", "score": 0.5}
        (scores,) = service.ask("/", inputs=HAPPY)
        assert scores[0] == best
        assert sorted(one["label"] for one in scores) == sorted(EMOTIONS)
        assert service.ask("/", inputs=[HAPPY, HAPPY], parameters={"top_k": 1}) == [[best], [best]]

    def test_text_embeddings_inference_gets_a_flat_list_for_a_single_text(self, service: Service) -> None:
        """At `/predict`, and lists for a list of texts or of texts in lists of their own."""
        assert service.ask(inputs=HAPPY, parameters={"top_k": 1}) == [{"label": "joy", "score": 0.5}]
        for several in ([HAPPY, "so sad"], [[HAPPY], ["so sad"]]):
            assert [one[0]["label"] for one in service.ask(inputs=several)] == ["joy", "sadness"]

    def test_a_text_without_prediction_has_no_scores(self, service: Service) -> None:
        """In a list its place is empty; alone it is refused with the reason."""
        assert [len(one) for one in service.ask(inputs=["", HAPPY])] == [0, 6]
        answer = service.post("/", json={"inputs": "٣"})
        assert answer.status_code == 422
        assert answer.json() == {"error": "inputs: There is no prediction for it (no Latin letters)."}

    def test_a_text_that_must_fit_is_refused_if_it_does_not(self, service: Service) -> None:
        """`truncate: false` asks for an error."""
        assert service.ask(inputs=HAPPY, truncate=False)
        answer = service.post("/predict", json={"inputs": "so happy " * 3, "truncate": False})
        assert answer.status_code == 413
        assert answer.json() == {"error": "A text has more than the 128 tokens that model-1 reads."}

    def test_infinity_gets_its_form(self, service: Service) -> None:
        """With the default of its clients, or the name of a model; usage counts characters."""
        for model in ({}, {"model": "default/not-specified"}, {"model": "model-1"}):
            answer = service.ask("/classify", input=[HAPPY, ""], **model)
            assert answer["data"][0][0] == {"label": "joy", "score": 0.5}
            assert answer["data"][1] == []
            assert answer["usage"] == {"prompt_tokens": len(HAPPY), "total_tokens": len(HAPPY)}
            assert (answer["object"], answer["model"]) == ("classify", "model-1")

    def test_info_tells_the_labels_and_the_limits(self, service: Service) -> None:
        """As Text Embeddings Inference tells them."""
        info = service.get("/info").json()
        assert info["model_type"]["classifier"]["id2label"]["1"] == "joy"
        assert (info["model_id"], info["max_input_length"]) == ("model-1", 128)
        assert info["max_client_batch_size"] == Limits.texts


BAD_BODIES = {
    "nothing": (b"", 400, "The body is not valid JSON: "),
    "half": (b'{"text": "so', 400, "The body is not valid JSON: "),
    "NaN": (b'{"text": NaN}', 400, "The body is not valid JSON: "),
    "half a character": (b'{"text": "\\ud800"}', 400, "The body is not valid JSON: "),
    "no UTF-8": (b'{"text": "\xff"}', 400, "The body is not valid JSON: "),
    "deep": (b"[" * 100_000, 400, "The body is not valid JSON: recursion limit exceeded"),
    "list": (b'["so happy"]', 422, "The body is not a JSON object"),
    "empty object": (b"{}", 422, "The request has no text. Give text, or texts, a list; not both."),
    "both": (b'{"text": "a", "texts": []}', 422, "The request has no text."),
    "number": (b'{"text": 3}', 422, "text: Expected a string."),
    "number in list": (b'{"texts": ["a", null]}', 422, "texts.1: Expected a string."),
    "misspelt": (b'{"txt": "a"}', 422, "txt: Is not known here."),
    "pair": (b'{"inputs": [["a", "b"]]}', 422, "inputs: Expected a string, a list of strings, or"),
    "top_k": (b'{"inputs": "a", "parameters": {"top_k": 0}}', 422, "parameters.top_k: "),
    "logits": (b'{"inputs": "a", "raw_scores": true}', 422, "raw_scores: "),
    "sigmoid": (b'{"inputs": "a", "parameters": {"function_to_apply": "sigmoid"}}', 422, "parameters.function_to"),
}  # fmt: skip


class TestRefused:
    """Requests that cannot be answered get a status below 500 and one sentence."""

    @pytest.mark.parametrize("name", BAD_BODIES)
    def test_a_body_that_is_not_as_it_must_be(self, service: Service, name: str) -> None:
        """The sentence says what is wrong."""
        body, status, beginning = BAD_BODIES[name]
        answer = service.post("/predict", content=body, headers=JSON)
        assert (answer.status_code, list(answer.json())) == (status, ["error"])
        sentence = answer.json()["error"]
        assert sentence.startswith(beginning)
        assert sentence.endswith(".")
        assert "\n" not in sentence

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
    def test_another_content_type(self, service: Service, kind: str) -> None:
        """Browsers send those to any address without asking it first."""
        answer = service.post("/predict", content=b'{"text": "a"}', headers={"content-type": kind})
        assert answer.status_code == 415
        assert answer.json()["error"].endswith(", expected application/json.")

    def test_an_address_and_a_method_that_there_are_not(self, service: Service) -> None:
        """Both are told in a sentence, in which the client's words stand on one line."""
        answer = service.get("/no%0Awhere")
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": "Nothing is at /no where; /docs lists what is where."},
        )
        answer = service.delete("/predict")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert answer.json() == {"error": "/predict does not take DELETE; /docs lists what takes what."}

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({"texts": ["a"] * 4}, "The request has 4 texts, at most 3 are allowed."),
            ({"text": "a" * 11}, "A text has 11 characters, at most 10 are allowed."),
            ({"text": "a" * 200}, "The body has more than 100 bytes."),
        ],
    )
    def test_a_request_beyond_a_limit(self, body: dict[str, object], sentence: str) -> None:
        """The sentence has the limit."""
        service = Service(Careful(), settings=Settings(limits=Limits(3, 10, 100)))
        answer = service.post("/predict", json=body)
        assert (answer.status_code, answer.json()) == (413, {"error": sentence})

    def test_a_body_of_unknown_size_is_read_up_to_the_limit(self) -> None:
        """It comes in pieces without end, and is refused all the same; the connection ends with the answer."""
        pieces = iter(lambda: b"a" * 60, b"")
        service = Service(Careful(), settings=Settings(limits=Limits(3, 10, 100)))
        status, headers, body = asyncio.run(raw_answer(service.app, pieces))
        assert (status, json.loads(body)) == (413, {"error": "The body has more than 100 bytes."})
        assert headers[b"connection"] == b"close"

    def test_a_body_that_does_not_arrive_is_not_waited_for(self) -> None:
        """After the time that it may take, the request is refused and the connection ends."""
        service = Service(Careful(), settings=Settings(body_seconds=0.01))
        status, headers, body = asyncio.run(raw_answer(service.app, iter([b'{"text": "so'])))
        assert (status, json.loads(body)) == (408, {"error": "The body did not arrive within 0.01 seconds."})
        assert headers[b"connection"] == b"close"

    def test_a_client_that_leaves_before_its_body_has_come_is_no_fault_of_the_service(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its request counts as refused, and no error is logged, which any stranger could cause."""
        service = Service(Careful())
        status, _, _ = asyncio.run(raw_answer(service.app, iter([b'{"text": "so']), leaves=True))
        assert status == 400
        assert 'emotion_requests_total{route="/predict",status="400"} 1.0' in service.get("/metrics").text
        assert caplog.text == ""

    def test_a_fault_of_the_model_is_one_sentence(self) -> None:
        """What failed stands in the log alone."""

        class Failing(Careful):
            def raw_probabilities(self, texts, progress):
                raise RuntimeError("secret")

        answer = Service(Failing()).post("/predict", json={"text": HAPPY})
        assert (answer.status_code, answer.json()) == (500, {"error": "The service failed; its log says why."})


async def raw_answer(app, pieces: Iterator[bytes], *, leaves: bool = False) -> tuple[int, dict[bytes, bytes], bytes]:
    """The status, the headers and the body of the answer to a body that comes in pieces, and then not at all.

    Args:
        app: the service.
        pieces: of the body.
        leaves: the client closes the connection then.
    """
    sent = []
    scope = {
        "type": "http", "method": "POST", "path": "/predict", "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip

    async def receive():
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        if leaves:
            return {"type": "http.disconnect"}
        return await asyncio.get_running_loop().create_future()

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


class TestAccess:
    """Who may ask."""

    def test_a_key_is_asked_for_but_not_for_health_and_the_page(self) -> None:
        """Each key of the file is taken, in either header."""
        service = Service(Careful(), settings=Settings(keys=("first", "second")))
        for headers in ({}, {"x-api-key": "third"}, {"authorization": "Bearer firs"}, {"authorization": "Basic first"}):
            answer = service.get("/models", headers=headers)
            assert answer.status_code == 401
            assert answer.json()["error"].startswith("No valid API key; send it as Authorization: Bearer KEY")
            assert answer.headers["www-authenticate"] == "Bearer"
        for headers in ({"x-api-key": "second"}, {"authorization": "bearer first"}):
            assert service.get("/models", headers=headers).status_code == 200
        assert service.post("/", json={"inputs": HAPPY}).status_code == 401
        assert [service.get(path).status_code for path in ("/health", "/", "/page/page.js")] == [200, 200, 200]

    def test_a_website_whose_name_leads_here_is_refused(self) -> None:
        """Only names that are allowed may stand in Host, with any port and in any case."""
        service = Service(Careful(), settings=Settings(hosts=("localhost", "::1")))
        assert service.get("/models", headers={"host": "evil.example:8000"}).json() == {
            "error": "Host is evil.example; --allowed-host evil.example would let it ask."
        }
        for host in ("localhost", "LOCALHOST:1", "[::1]:8000", "localhost."):
            assert service.get("/models", headers={"host": host}).status_code == 200

    def test_pages_of_other_websites_may_ask_only_if_they_are_named(self, service: Service) -> None:
        """Without that no answer has a header for them."""
        headers = {"origin": "https://example.org", "access-control-request-method": "POST"}
        assert (
            "access-control-allow-origin" not in service.post("/predict", json={"text": "a"}, headers=headers).headers
        )
        assert service.options("/predict", headers=headers).status_code == 405
        named = Service(Careful(), settings=Settings(origins=("https://example.org",), keys=("key",)))
        assert (
            named.options("/predict", headers=headers).headers["access-control-allow-origin"] == "https://example.org"
        )
        other = named.options("/predict", headers=headers | {"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


class TestTold:
    """What the service tells of itself."""

    def test_models_tell_labels_and_limits(self, service: Service) -> None:
        """Whatever a page needs to ask well."""
        told = service.get("/models").json()
        (model,) = told["models"]
        assert (model["name"], model["labels"], model["max_tokens"]) == ("model-1", list(EMOTIONS), 128)
        assert told["default"] == "model-1"
        assert told["limits"] == {"texts": 256, "characters": 20_000, "bytes": 4_000_000}

    def test_metrics_count_requests_texts_and_batches(self, service: Service) -> None:
        """By route and status; what no route answers shares one name."""
        service.ask(texts=[HAPPY, ""])
        service.get("/nowhere")
        service.get("/elsewhere")
        text = service.get("/metrics").text
        for line in (
            'emotion_requests_total{route="/predict",status="200"} 1.0',
            'emotion_requests_total{route="other",status="404"} 2.0',
            'emotion_texts_total{model="model-1"} 2.0',
            'emotion_texts_without_prediction_total{model="model-1",reason="no text"} 1.0',
            'emotion_predictions_total{emotion="joy",model="model-1"} 1.0',
            'emotion_batch_texts_sum{model="model-1"} 2.0',
            'emotion_waiting_texts{model="model-1"} 0.0',
            'emotion_request_seconds_count{route="/predict"} 1.0',
        ):
            assert f"\n{line}\n" in text

    def test_the_page_and_the_reference_load_nothing_from_elsewhere(self, service: Service) -> None:
        """Both are HTML that names no other host, under a policy that forbids it."""
        for path in ("/", "/docs"):
            answer = service.get(path)
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["content-security-policy"].startswith("default-src 'self';")
            assert not re.search(r"(src|href)=[\"'](https?:)?//", answer.text)
        assert "PredictRequest" in service.get("/docs").text

    def test_the_document_has_all_addresses(self, service: Service) -> None:
        """With the forms of requests, whose references lead somewhere."""
        document = service.get("/openapi.json").json()
        assert set(document["paths"]) == {"/predict", "/", "/classify", "/models", "/info", "/health", "/metrics"}
        named = set(re.findall("#/components/schemas/([A-Za-z]+)", json.dumps(document)))
        assert named <= set(document["components"]["schemas"])
        assert {"PredictRequest", "HubRequest", "ClassifyRequest", "PredictAnswer"} <= named

    def test_no_text_is_logged_unless_asked_for(self, caplog: pytest.LogCaptureFixture) -> None:
        """Even where the request fails; a path stands on one line."""
        caplog.set_level(logging.INFO, "emotion_core.serving")
        Service(Careful()).ask(text=HAPPY)
        assert caplog.messages == []
        Service(Careful(), settings=Settings(access_log=True)).get("/a%0Ab")
        assert re.fullmatch(r"testclient GET /a b 404 [\d.]+ ms", caplog.messages[0])
        caplog.clear()
        Service(Careful(), settings=Settings(log_texts=True)).ask(text="so\nhappy")
        assert caplog.messages == [r'model-1 "so\nhappy"']


class TestCommand:
    """Mistakes are told before anything is loaded or listened on."""

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"\n \n", "holds no key. Write one on each line."),
            ("schlüssel".encode(), "has a key with a space, or with other characters than those of ASCII."),
            (b"two words", "has a key with a space, or with other characters than those of ASCII."),
            (b"\xff", "the keys cannot be read ("),
        ],
    )
    def test_a_file_without_usable_keys(self, refuse, tmp_path: Path, content: bytes, message: str) -> None:
        """A service that nobody could ask, or everybody, does not begin."""
        file = tmp_path / "keys"
        file.write_bytes(content)
        assert refuse("serve", tmp_path, "--api-key-file", file).startswith(f"{file}: {message}")

    def test_a_file_of_keys_has_one_on_each_line(self, tmp_path: Path) -> None:
        """Empty lines and white space around them do not count, nor does the mark that editors put before all."""
        (tmp_path / "keys").write_text("\ufefffirst\n\n  second \r\n", encoding="utf-8")
        assert read_keys(tmp_path / "keys") == ("first", "second")

    @pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "a" * 64, "\udcff"])
    @pytest.mark.parametrize("port", [0, 8000])
    def test_a_host_that_is_not_this_machine(self, refuse, tmp_path: Path, host: str, port: int) -> None:
        """Whatever it is, the message says that it is the host."""
        message = refuse("serve", tmp_path, "--host", host, "--port", port)
        assert re.fullmatch(rf".*, port {port}: cannot be listened on \(.+\)\. Name another with --host\.", message)

    def test_a_queue_without_room_for_a_request(self, refuse, tmp_path: Path) -> None:
        """Such a request would never be taken."""
        message = refuse("serve", tmp_path, "--queue", 10, "--max-texts", 11)
        assert message == "queue: found 10, expected at least the 11 texts of a request."

    def test_a_run_in_the_format_of_its_training(self, refuse, runs, tmp_path: Path) -> None:
        """The message has the command that converts it."""
        run = shutil.copytree(runs["words"], tmp_path / "gru")
        (run / "run.json").write_text(json.dumps(read_json(run, "run.json") | {"package": "emotion-rnn"}))
        assert refuse("serve", run, "--port", 0) == (
            f"{run}: is in the format 'keras', which the service does not load. Convert it to ONNX: "
            f"emotion-rnn compress {run} --technique onnx"
        )

    def test_models_are_called_like_their_folders(self, tmp_path: Path) -> None:
        """A later one of the same name gets a number that no other has."""
        folders = [tmp_path / name for name in ("a/gru", "b/gru", "gru-2", "c/gru")]
        assert model_names(folders) == ["gru", "gru-2", "gru-2-2", "gru-3"]


def test_the_threads_of_a_graph_sleep_while_nobody_asks() -> None:
    """In a service alone: they would take the core that the event loop needs."""
    graph = Path(__file__).parents[2] / "emotion-bert" / "tests" / "runs_of_version_0_1" / "onnx"
    (model,) = load_models([graph])
    assert model.classifier._session.get_session_options().get_session_config_entry(SPINNING) == "0"
    with pytest.raises(RuntimeError, match="does not have"):
        load(graph)._session.get_session_options().get_session_config_entry(SPINNING)
