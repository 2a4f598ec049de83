"""What holds for every endpoint: errors of one shape, pages, keys, rates, and the description of it all."""

import json
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle

from needs.models import Need
from tests.api.content import error_of, fields_of, need_body
from tests.factories.accounts import OrganisationFactory
from tests.factories.needs import NeedFactory

NEEDS = "/api/v1/needs/"


# --- Errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v1/",
        "/api/v2/needs/",
        "/api/v1/nonsense/",
        "/api/v1/needs",
        "/api/v1/needs/N-999999/",
        "/api/v1/needs/N-999999/nonsense/",
        "/api/v1/needs/n-abc/",
        "/api/v1/needs/1/",
        "/api/v1/needs/N-%00%00%00%00%00%00/",
        "/api/v1/needs/?page=99",
        "/api/v1/needs/?page=x",
    ],
)
def test_what_does_not_exist_is_a_404_in_the_shape_of_errors(address, visitor):
    response = visitor.get(address)
    assert response["Content-Type"] == "application/json"
    assert (response.status_code, error_of(response)) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_an_address_that_does_not_exist_has_no_method_either(method, api_of, buyer):
    response = getattr(api_of(buyer), method)("/api/v1/nonsense/")
    assert (response.status_code, error_of(response)) == (404, "not_found")


@pytest.mark.parametrize("method", ["put", "delete", "options", "patch"])
def test_a_wrong_method_is_named(method, api_of, buyer):
    response = getattr(api_of(buyer), method)(NEEDS)
    assert (response.status_code, error_of(response)) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "body",
    ["", "{", "{'title': 1}", '{"trl_min": NaN}', b"\xff\xfe", "[" * 100_000, '{"trl_min": 1' + "0" * 5000 + "}"],
)
def test_a_body_that_is_no_json_is_said_to_be_none(body, api_of, buyer):
    response = api_of(buyer).post(NEEDS, body, content_type="application/json")
    assert (response.status_code, error_of(response)) == (400, "parse_error" if body else "invalid")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7"])
def test_a_body_that_is_no_object_is_refused(body, api_of, buyer):
    response = api_of(buyer).post(NEEDS, body, content_type="application/json")
    assert (response.status_code, *fields_of(response)) == (400, "")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_only_json_is_read(kind, api_of, buyer):
    response = api_of(buyer).post(NEEDS, "title=x", content_type=kind)
    assert (response.status_code, error_of(response)) == (415, "unsupported_media_type")


def test_a_huge_body_is_refused_before_it_is_read(api_of, buyer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api_of(buyer).post(NEEDS, need_body(background="字" * 1000), format="json")
    assert (response.status_code, error_of(response)) == (413, "too_large")
    assert not Need.objects.exists()


def test_a_megabyte_in_one_field_is_named_at_the_field(api_of, buyer):
    response = api_of(buyer).post(NEEDS, need_body(difficulty="长" * 350_000), format="json")
    assert (response.status_code, *fields_of(response)) == (400, "difficulty")
    assert len(response.content) < 1000


def test_thousands_of_unknown_fields_are_not_all_repeated(api_of, buyer):
    body = {f"field{number}": 1 for number in range(5000)}
    response = api_of(buyer).post(NEEDS, body, format="json")
    assert len(fields_of(response)) == 20


def test_a_fault_is_told_without_its_trace(api_of, buyer, monkeypatch):
    def fault(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("needs.need.actions.create_need", fault)
    response = api_of(buyer).post(NEEDS, need_body(), format="json")
    assert (response.status_code, error_of(response)) == (500, "server_error")
    assert "secret" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_messages_are_in_the_language_of_the_request(visitor):
    assert (
        visitor.delete(NEEDS).json()["error"]["message"]
        != (visitor.delete(NEEDS, HTTP_ACCEPT_LANGUAGE="en").json()["error"]["message"])
    )


# --- Who asks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Token nonsense", "Token", "Token a b", "Token \u00e9"])
def test_a_key_that_is_none_is_refused_even_for_reading(header, visitor):
    response = visitor.get(NEEDS, HTTP_AUTHORIZATION=header)
    assert (response.status_code, error_of(response)) == (401, "authentication_failed")
    assert response["WWW-Authenticate"] == "Token"


def test_a_key_of_a_person_who_may_not_log_in_opens_nothing(visitor, buyer):
    key = Token.objects.create(user=buyer).key
    buyer.is_active = False
    buyer.save()
    assert visitor.get(NEEDS, HTTP_AUTHORIZATION=f"Token {key}").status_code == 401


def test_the_session_of_the_site_works_too(buyer, enterprise):
    client = APIClient()
    client.force_login(buyer)
    assert client.get("/api/v1/me/").json()["email"] == buyer.email
    assert client.post(NEEDS, need_body(), format="json").status_code == 201


def test_a_session_writes_only_with_its_csrf_token(buyer):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(buyer)
    response = client.post(NEEDS, need_body(), format="json")
    assert (response.status_code, error_of(response)) == (403, "permission_denied")
    assert not Need.objects.exists()


# --- Pages and rates -------------------------------------------------------------------------------


def test_twenty_a_page_unless_asked_otherwise_a_hundred_at_most(visitor):
    OrganisationFactory.create_batch(101)
    first = visitor.get("/api/v1/organisations/").json()
    assert (first["count"], len(first["results"])) == (101, 20)
    assert "page=2" in first["next"]
    assert first["previous"] is None
    assert len(visitor.get("/api/v1/organisations/?page_size=50&page=3").json()["results"]) == 1
    assert len(visitor.get("/api/v1/organisations/?page_size=1000").json()["results"]) == 100


def test_pages_hold_everything_once(visitor):
    needs = NeedFactory.create_batch(5, published=True)
    pages = [visitor.get(f"{NEEDS}?page_size=2&page={page}").json()["results"] for page in (1, 2, 3)]
    assert sorted(row["code"] for page in pages for row in page) == sorted(need.code for need in needs)


def test_who_asks_too_often_is_told_when_to_come_back(visitor, monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})
    answers = [visitor.get(NEEDS) for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert error_of(answers[2]) == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_a_made_up_address_does_not_give_a_new_rate(visitor, monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "1/min"})
    visitor.get(NEEDS, HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert visitor.get(NEEDS, HTTP_X_FORWARDED_FOR="10.0.0.2").status_code == 429


# --- The description -------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_description_is_complete(tmp_path: Path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


@pytest.mark.slow
def test_every_endpoint_has_an_english_summary_and_names_its_errors(visitor):
    schema = visitor.get(reverse("api-schema"), {"format": "json"}).json()
    assert len(schema["paths"]) >= 26
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary", "").isascii(), f"{method} {path}"
            assert operation["summary"], f"{method} {path}"
            assert "get_queryset" not in operation.get("description", ""), f"{method} {path}"
            errors = [status for status in operation["responses"] if status >= "400"]
            assert errors, f"{method} {path}"
            for status in errors:
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}


@pytest.mark.slow
def test_description_and_docs_are_public(visitor):
    assert visitor.get(reverse("api-schema")).status_code == 200
    page = visitor.get(reverse("api-docs"))
    assert page.status_code == 200
    text = page.content.decode()
    assert reverse("api-schema") in text
    assert f"{project.STATIC_URL}drf_spectacular_sidecar/" in text
    assert "//cdn" not in text


def test_no_answer_of_the_api_needs_more_than_json(visitor):
    response = visitor.get(NEEDS, HTTP_ACCEPT="text/html")
    assert (response.status_code, error_of(response)) == (406, "not_acceptable")
    json.loads(response.content)
