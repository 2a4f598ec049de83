"""How refusals are answered: on pages by the middleware, in the API in one shape."""

import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse
from django.urls import include, path, reverse
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

import config.urls
from accounts.permissions import Denied
from lib.refusals import NotReady, WrongState


def raising(error):
    def view(request, *args, **kwargs):
        raise error

    return view


class Raising(APIView):
    authentication_classes = ()
    permission_classes = ()
    error = Exception()

    def get(self, request):
        raise self.error


urlpatterns = [
    path("denied/", raising(Denied("只有某某可以，请联系某某。"))),
    path("wrong-state/", raising(WrongState("已经发布。"))),
    path("not-ready/", raising(NotReady(["缺标题。", "缺预算。"]))),
    path("fault/", raising(RuntimeError("secret detail"))),
    path("", include(config.urls)),
]


@pytest.fixture
def wrong_urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.usefixtures("wrong_urls")
class TestPages:
    def test_a_denial_is_a_page_with_the_reason_and_a_way_out(self, client_of, buyer):
        response = client_of(buyer).get("/denied/")

        assert response.status_code == 403
        assert "只有某某可以，请联系某某。" in response.content.decode()
        assert reverse("dashboards:desk") in response.content.decode()

    @pytest.mark.parametrize(
        ("url", "message"), [("/wrong-state/", "已经发布。"), ("/not-ready/", "缺标题。 缺预算。")]
    )
    def test_a_wrong_state_is_a_message_on_the_page_one_came_from(self, client_of, buyer, url, message):
        client = client_of(buyer)
        page = "http://testserver/account/profile/"

        response = client.post(url, headers={"referer": page}, follow=True)

        assert response.redirect_chain == [(page, 302)]
        assert message in response.content.decode()

    @pytest.mark.parametrize("referer", ["", "https://evil.example/", "http://testserver/wrong-state/"])
    def test_without_a_page_of_ours_to_go_back_to_it_is_the_desk(self, client_of, buyer, referer):
        response = client_of(buyer).post("/wrong-state/", headers={"referer": referer})

        assert response.url == reverse("dashboards:desk")

    def test_htmx_is_told_to_load_the_whole_page(self, client_of, buyer):
        page = "http://testserver/account/profile/"

        response = client_of(buyer).post("/wrong-state/", headers={"hx-request": "true", "hx-current-url": page})

        assert response.headers["HX-Redirect"] == page

    def test_other_faults_are_not_swallowed(self, client_of, buyer):
        with pytest.raises(RuntimeError):
            client_of(buyer).get("/fault/")


@pytest.fixture
def answer(db):
    def answering(error) -> HttpResponse:
        view = Raising.as_view(error=error)
        return view(APIRequestFactory().get("/api/v1/somewhere/"))

    return answering


class TestApi:
    @pytest.mark.parametrize(
        ("error", "status", "code", "message"),
        [
            (Denied("没有权限，因为……"), 403, "permission_denied", "没有权限，因为……"),
            (WrongState("已经发布。"), 409, "wrong_state", "已经发布。"),
            (NotReady("缺标题。"), 409, "not_ready", "缺标题。"),
            (NotReady(["缺标题。", "缺预算。"]), 409, "not_ready", "缺标题。 缺预算。"),
            (Http404(), 404, "not_found", None),
            (PermissionDenied(), 403, "permission_denied", None),
            (exceptions.NotAuthenticated(), 403, "not_authenticated", None),
            (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", None),
            (exceptions.ParseError(), 400, "parse_error", None),
            (exceptions.Throttled(wait=3), 429, "throttled", None),
        ],
    )
    def test_every_error_has_one_shape(self, answer, error, status, code, message):
        response = answer(error)

        assert response.status_code == status
        assert set(response.data) == {"error"}
        assert response.data["error"]["code"] == code
        assert response.data["error"]["message"]
        assert message is None or response.data["error"]["message"] == message
        assert response.data["error"]["fields"] == {}

    @pytest.mark.parametrize(
        ("error", "fields"),
        [
            (exceptions.ValidationError({"title": ["必填"]}), {"title": ["必填"]}),
            (exceptions.ValidationError({"non_field_errors": ["不一致"]}), {"": ["不一致"]}),
            (exceptions.ValidationError("不行"), {"": ["不行"]}),
            (DjangoValidationError({"name": ["太长"]}), {"name": ["太长"]}),
            (
                exceptions.ValidationError({"indicators": [{}, {"value": ["请填数字"]}]}),
                {"indicators": [{}, {"value": ["请填数字"]}]},
            ),
        ],
    )
    def test_wrong_input_names_the_fields(self, answer, error, fields):
        response = answer(error)

        assert response.status_code == 400
        assert response.data["error"]["code"] == "invalid"
        assert response.data["error"]["fields"] == fields

    def test_a_fault_is_logged_and_says_nothing_of_itself(self, answer, caplog):
        with caplog.at_level(logging.ERROR, logger="accounts.api.errors"):
            response = answer(RuntimeError("secret detail"))

        assert response.status_code == 500
        assert response.data["error"]["code"] == "server_error"
        assert "secret" not in str(response.data)
        assert "secret detail" in caplog.text


def test_an_address_that_only_takes_forms_answers_a_person_with_a_page(client_of, buyer):
    answer = client_of(buyer).get(reverse("accounts:notices-read-all"))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开" in answer.content.decode()
