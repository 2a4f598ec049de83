"""Coming in and going: login, registration, logout, language."""

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

LOGIN = "/account/login/"
REGISTER = "/account/register/"
LONG = "x" * 1_000_000


@pytest.fixture
def person(db) -> User:
    return UserFactory(email="zhang@example.com", name="示例张工")


def registration(**changes):
    return {"name": "示例李工", "email": "li@example.com", "password": "jingxi-Sunmao-7"} | changes


class TestLogin:
    def test_with_the_address_in_any_case(self, client, person):
        response = client.post(LOGIN, {"username": "Zhang@Example.com", "password": PASSWORD})

        assert response.url == reverse("dashboards:desk")
        assert client.session[SESSION_KEY] == str(person.pk)

    def test_leads_where_the_person_was_going(self, client, person):
        response = client.get(reverse("accounts:notices"))
        assert response.url == f"{LOGIN}?next=/account/notices/"

        assert 'value="/account/notices/"' in client.get(response.url).content.decode()
        entered = client.post(response.url, {"username": person.email, "password": PASSWORD})
        assert entered.url == "/account/notices/"

    def test_after_a_form_sent_too_late_leads_back_to_its_page(self, client):
        """A session that ran out: the address of the form itself only takes a POST."""
        late = client.post(
            reverse("accounts:notices-read-all"), headers={"referer": "http://testserver/account/notices/"}
        )

        assert late.url == f"{LOGIN}?next=http%3A//testserver/account/notices/"

    def test_is_never_shown_inside_a_fragment(self, client):
        fragment = client.get(
            reverse("accounts:notices"),
            headers={"hx-request": "true", "hx-current-url": "http://testserver/desk/"},
        )

        assert fragment.headers["HX-Redirect"] == f"{LOGIN}?next=http%3A//testserver/desk/"

    @pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, client, person, page):
        response = client.post(LOGIN, {"username": person.email, "password": PASSWORD, "next": page})

        assert response.url == reverse("dashboards:desk")

    def test_keeps_the_language_the_visitor_chose_on_the_way_in(self, client, person):
        client.post(reverse("set_language"), {"language": "en", "next": "/"})

        client.post(LOGIN, {"username": person.email, "password": PASSWORD})

        person.refresh_from_db()
        assert person.language == "en"
        assert '<html lang="en"' in client.get(reverse("accounts:profile")).content.decode()

    def test_brings_the_language_of_the_account(self, client, person):
        User.objects.update(language="en")

        response = client.post(LOGIN, {"username": person.email, "password": PASSWORD})

        assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
        assert '<html lang="en"' in client.get(reverse("accounts:profile")).content.decode()

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"username": "zhang@example.com", "password": "wrong"},
            {"username": "nobody@example.com", "password": PASSWORD},
            {"username": "zhang@example.com", "password": LONG},
            {"username": LONG, "password": PASSWORD},
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_address(self, client, person, data):
        response = client.post(LOGIN, data)

        assert response.status_code == 200
        assert response.context["form"].errors
        assert data.get("username", "") in response.content.decode()
        assert SESSION_KEY not in client.session

    def test_a_stopped_account_stays_out(self, client, person):
        User.objects.update(is_active=False)

        client.post(LOGIN, {"username": person.email, "password": PASSWORD})

        assert SESSION_KEY not in client.session

    def test_is_not_asked_twice(self, client_of, person):
        assert client_of(person).get(LOGIN).url == reverse("dashboards:desk")

    def test_refuses_other_methods(self, client):
        assert client.put(LOGIN).status_code == 405


class TestRegister:
    def test_makes_an_account_and_leads_to_registering_an_organisation(self, client, db):
        response = client.post(REGISTER, registration())

        user = User.objects.get(email="li@example.com")
        assert user.name == "示例李工"
        assert client.session[SESSION_KEY] == str(user.pk)
        assert response.url == reverse("accounts:organisation-create")

    def test_leads_where_the_person_was_going(self, client, db):
        response = client.post(REGISTER, registration(next="/account/invitations/abc/"))

        assert response.url == "/account/invitations/abc/"

    def test_remembers_the_language_the_page_was_read_in(self, client, db):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

        client.post(REGISTER, registration())

        assert User.objects.get().language == "en"

    def test_understands_full_width_letters_in_the_address(self, client, db):
        client.post(REGISTER, registration(email="Li@example.com"))

        assert User.objects.get().email == "li@example.com"

    def test_a_second_click_is_a_login(self, client, db):
        client.post(REGISTER, registration())
        response = Client().post(REGISTER, registration())

        assert response.status_code == 302
        assert User.objects.count() == 1

    def test_an_address_is_registered_once_whatever_its_case(self, client, person):
        response = client.post(REGISTER, registration(email="ZHANG@example.com"))

        assert "该邮箱已注册" in str(response.context["form"].errors["email"])
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": LONG}, "name"),
            ({"email": "not-an-address"}, "email"),
            ({"email": f"{LONG}@example.com"}, "email"),
            ({"password": "12345678"}, "password"),
            ({"password": "aB3-x"}, "password"),
            ({"password": "li@example.com"}, "password"),
            ({"password": LONG}, "password"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_the_rest(self, client, db, changes, field):
        data = registration(**changes)
        response = client.post(REGISTER, data)

        assert list(response.context["form"].errors) == [field]
        page = response.content.decode()
        assert data["name"] in page
        assert data["email"] in page
        assert data["password"] not in page or data["password"] == data["email"]
        assert not User.objects.exists()

    def test_html_in_a_name_is_text(self, client, db):
        client.post(REGISTER, registration(name="<script>alert(1)</script>"))

        page = client.get(reverse("accounts:profile")).content.decode()
        assert "<script>alert(1)</script>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_somebody_logged_in_is_sent_on(self, client_of, person):
        assert client_of(person).get(REGISTER).url == reverse("dashboards:desk")


class TestLogout:
    def test_ends_the_session(self, client_of, person):
        client = client_of(person)

        assert client.post(reverse("accounts:logout")).url == reverse("dashboards:home")
        assert SESSION_KEY not in client.session

    def test_only_by_post(self, client_of, person):
        assert client_of(person).get(reverse("accounts:logout")).status_code == 405


class TestLanguage:
    def test_a_visitor_chooses_for_the_browser(self, client, db):
        response = client.post(reverse("set_language"), {"language": "en", "next": LOGIN})

        assert response.url == LOGIN
        assert '<html lang="en"' in client.get(LOGIN).content.decode()

    def test_a_persons_choice_is_remembered_with_the_account(self, client_of, person):
        client_of(person).post(reverse("set_language"), {"language": "en", "next": "/"})

        person.refresh_from_db()
        assert person.language == "en"

    def test_an_unknown_language_changes_nothing(self, client_of, person):
        client_of(person).post(reverse("set_language"), {"language": "xx", "next": "/"})

        person.refresh_from_db()
        assert person.language == "zh-hans"


def test_a_form_says_what_is_missing_or_too_long_in_the_words_of_the_other_pages(client, db):
    page = client.post(REGISTER, registration(name=LONG, email="")).content.decode()

    assert "最多 60 个字，现在有 1000000 个字。" in page
    assert "请填写此项。" in page
