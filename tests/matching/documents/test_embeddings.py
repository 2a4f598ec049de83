"""The optional endpoint of embeddings: its real client against a small server, and what is sent, kept and used."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Organisation
from matching.documents import embeddings, tasks
from matching.documents.embeddings import (
    BATCH,
    EmbeddingsUnavailable,
    embed,
    nearest,
)
from matching.documents.maintenance import reconcile
from matching.engine.index import Near
from matching.models import Match, MatchRun, StoredDocument
from matching.runs import actions, pairing
from matching.runs import execution as runs
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory


class Endpoint:
    """An OpenAI-compatible server on this machine: answers from `script` first, then properly."""

    def __init__(self) -> None:
        self.script: list[Any] = []  # (status, body) or a function of the request's texts that gives one
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.release = Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(body)
                endpoint.keys.append(self.headers["Authorization"])
                endpoint.paths.append(self.path)
                answer = endpoint.script.pop(0) if endpoint.script else proper
                status, said = answer(body["input"]) if callable(answer) else answer
                if status is None:  # hangs until the test ends, then answers into the void
                    endpoint.release.wait(30)
                    return
                self.send_response(status)
                self.end_headers()
                self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

            def log_message(self, *args: object) -> None:
                """Not into the output of the tests."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def texts(self) -> list[str]:
        return [text for body in self.asked for text in body["input"]]


def vector_of(text: str) -> list[float]:
    """Near to each other when both speak of steel."""
    return [3.0, 4.0, 0.0] if "钢" in text else [0.0, 0.0, 2.0]


def proper(texts: list[str]) -> tuple[int, Any]:
    rows = [{"index": place, "embedding": vector_of(text)} for place, text in enumerate(texts)]
    return 200, {"object": "list", "data": rows[::-1]}  # in any order: the index counts


@pytest.fixture
def endpoint(settings: Settings) -> Iterator[Endpoint]:
    running = Endpoint()
    settings.EMBEDDINGS_URL, settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_KEY = running.url, "test-model", "k-1"
    yield running
    running.stop()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    pauses: list[float] = []
    monkeypatch.setattr(embeddings.time, "sleep", pauses.append)
    return pauses


# --- the client --------------------------------------------------------------------------------------------------


def test_texts_become_vectors_of_length_one_in_their_order(endpoint: Endpoint) -> None:
    vectors = embed(["轴承钢", "古籍"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]], rtol=1e-6)
    assert endpoint.asked == [{"model": "test-model", "input": ["轴承钢", "古籍"]}]
    assert (endpoint.keys, endpoint.paths) == (["Bearer k-1"], ["/v1/embeddings"])


def test_many_texts_are_asked_in_batches_and_long_ones_cut(endpoint: Endpoint, settings: Settings) -> None:
    settings.EMBEDDINGS_KEY = ""
    assert embed([*["钢"] * BATCH, "钢" * 10_000, ""]).shape == (BATCH + 2, 3)
    assert [len(body["input"]) for body in endpoint.asked] == [BATCH, 2]
    assert len(endpoint.texts[-2]) == embeddings.LONGEST
    assert endpoint.texts[-1], "servers refuse an empty text"
    assert endpoint.keys == [None, None]


def test_nothing_is_asked_for_no_texts(endpoint: Endpoint) -> None:
    assert len(embed([])) == 0
    assert endpoint.asked == []


def test_too_many_requests_and_faults_are_tried_again_after_longer_and_longer_pauses(
    endpoint: Endpoint, no_pause: list[float]
) -> None:
    endpoint.script = [(429, {}), (503, {}), (500, {})]
    assert len(embed(["钢"])) == 1
    assert no_pause == [1.0, 2.0, 4.0]


def test_in_the_end_it_gives_up_and_says_why(endpoint: Endpoint, no_pause: list[float]) -> None:
    endpoint.script = [(503, {})] * 9
    with pytest.raises(EmbeddingsUnavailable, match="HTTP 503, 4 times"):
        embed(["钢"])
    assert len(endpoint.asked) == 4


def test_a_refusal_is_not_repeated(endpoint: Endpoint) -> None:
    endpoint.script = [(401, {"error": "no such key"})]
    with pytest.raises(EmbeddingsUnavailable, match=r"HTTP 401.*no such key"):
        embed(["钢"])
    assert len(endpoint.asked) == 1


def test_a_server_that_hangs_costs_the_timeout_each_time(endpoint: Endpoint, no_pause: list[float]) -> None:
    endpoint.script = [(None, None)] * 4
    with pytest.raises(EmbeddingsUnavailable, match="no answer"):
        embed(["钢"], timeout=0.2)
    assert len(endpoint.asked) == 4


def test_a_server_that_is_not_there_is_no_answer(endpoint: Endpoint, settings: Settings, no_pause: list[float]) -> None:
    settings.EMBEDDINGS_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(EmbeddingsUnavailable, match="no answer"):
        embed(["钢"])


def rows(*vectors: Any) -> tuple[int, Any]:
    return 200, {"data": [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (rows([1.0, 0.0], [1.0]), "different length"),
        (rows([1.0, 0.0]), "1 vectors for 2 texts"),
        (rows([], []), "2 vectors for 2 texts"),
        (rows([1.0], ["x"]), "another shape"),
        (rows([1.0], [float("nan")]), "numbers that are none"),
        ((200, {"vectors": []}), "another shape"),
        ((200, b"<html>"), "not JSON"),
    ],
    ids=["lengths", "too few", "empty", "words", "not a number", "shape", "not JSON"],
)
def test_an_answer_that_cannot_be_used_is_named(endpoint: Endpoint, answer: Any, words: str) -> None:
    endpoint.script = [answer]
    with pytest.raises(EmbeddingsUnavailable, match=words):
        embed(["钢", "古籍"])


def test_only_http_addresses_are_asked(settings: Settings) -> None:
    settings.EMBEDDINGS_URL = "file:///etc"
    with pytest.raises(EmbeddingsUnavailable, match="no http address"):
        embed(["钢"])


# --- what is sent and kept ---------------------------------------------------------------------------------------


@pytest.fixture
def no_broker(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


def stored() -> None:
    reconcile(at=timezone.now())


def test_off_by_default_nothing_is_asked(no_broker: None) -> None:
    OutputFactory(published=True)
    stored()
    tasks.embed_documents()
    assert StoredDocument.objects.get().embedding is None


def test_missing_vectors_are_fetched_once_and_needs_matched_again(endpoint: Endpoint, no_broker: None) -> None:
    need, output = NeedFactory(published=True), OutputFactory(published=True)
    stored()
    tasks.embed_documents()
    assert {len(row.embedding) for row in StoredDocument.objects.all()} == {12}
    assert MatchRun.objects.get().needs.get() == need
    tasks.embed_documents()
    assert len(endpoint.asked) == 1
    output.summary += "补充说明。"
    output.save()
    stored()
    assert StoredDocument.objects.get(solution=output).embedding is None
    tasks.embed_documents()
    assert len(endpoint.texts) == 3
    assert MatchRun.objects.count() == 1, "an output alone starts no run"


def test_a_vector_is_not_kept_without_the_run_that_uses_it(
    endpoint: Endpoint, no_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    NeedFactory(published=True)
    stored()

    def dies(**_: Any) -> None:
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "start_run", dies)
        with pytest.raises(RuntimeError):
            tasks.embed_documents()
    assert StoredDocument.objects.get().embedding is None
    tasks.embed_documents()
    assert MatchRun.objects.get().needs.count() == 1


def test_of_a_need_only_what_everybody_may_read_is_sent(endpoint: Endpoint, no_broker: None) -> None:
    secret = "机密辊速绝密工况"
    need = NeedFactory(published=True, background=secret, disclosure={"background": "named"})
    NeedFactory(submitted=True, background=secret)
    NeedFactory(background=secret)
    stored()
    tasks.embed_documents()
    assert len(endpoint.texts) == 1
    assert need.title in endpoint.texts[0]
    assert secret not in json.dumps(endpoint.asked, ensure_ascii=False)


def test_what_is_hidden_later_loses_its_vector_at_once(endpoint: Endpoint, no_broker: None) -> None:
    need = NeedFactory(published=True)
    stored()
    tasks.embed_documents()
    need.disclosure = {"background": "named"}
    need.save()
    stored()
    assert StoredDocument.objects.get().embedding is None


def test_an_endpoint_that_fails_leaves_everything_as_it_was(endpoint: Endpoint, no_broker: None) -> None:
    NeedFactory(published=True)
    stored()
    endpoint.script = [(401, {})]
    tasks.embed_documents()
    assert StoredDocument.objects.get().embedding is None
    assert not MatchRun.objects.exists()


# --- what it adds ------------------------------------------------------------------------------------------------


def test_the_nearest_are_those_of_the_highest_cosine(endpoint: Endpoint, no_broker: None) -> None:
    need = NeedFactory(published=True)
    steel = OutputFactory(published=True, title="合金钢")
    OutputFactory(published=True, title="古籍", summary="残损异体字", keywords=[], innovations=[], technical_field="")
    stored()
    tasks.embed_documents()
    assert nearest([need.code]) == {need.code: [steel.code]}
    assert nearest([need.code], limit=0) == {need.code: []}
    assert nearest(["N-NOTHERE"]) == {}
    StoredDocument.objects.filter(solution=steel).update(embedding=b"\0" * 8)
    assert nearest([need.code]) == {need.code: []}, "a vector of another length is not compared"


def test_a_run_looks_at_them_too_and_scores_them_like_all_others(
    endpoint: Endpoint, no_broker: None, enterprise: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = NeedFactory(published=True, organisation=enterprise)
    hiding = NeedFactory(published=True, organisation=enterprise, disclosure={"benchmark": "named"})
    output = OutputFactory(published=True)
    stored()
    tasks.embed_documents()

    def finds(near: Near) -> set[tuple[str, str]]:
        monkeypatch.setattr(pairing, "retrieve", lambda *_args, **_kwargs: near)
        Match.objects.all().delete()
        actions.start_run(trigger="need_changed", needs=[need, hiding], by=None, at=timezone.now())
        runs.work_off()
        return set(Match.objects.values_list("need__code", "grade"))

    by_vectors = finds(Near.of([]))
    assert {code for code, _grade in by_vectors} == {need.code, hiding.code}
    assert Match.objects.filter(solution=output, need=hiding).exclude(public_grade="").exists()
    monkeypatch.undo()
    monkeypatch.setattr(actions, "nudge", lambda: None)
    Match.objects.all().delete()
    actions.start_run(trigger="need_changed", needs=[need, hiding], by=None, at=timezone.now())
    runs.work_off()
    assert set(Match.objects.values_list("need__code", "grade")) == by_vectors
