"""One's own account."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from accounts.models import User
from tests.factories.accounts import PASSWORD, MembershipFactory

PROFILE = "/account/profile/"


def test_pages_of_the_account_ask_for_a_login(client, db):
    for name in ("profile", "password-change", "token", "notices", "organisation-create"):
        url = reverse(f"accounts:{name}")
        assert client.get(url).url == f"{reverse('accounts:login')}?next={url}"


class TestProfile:
    def test_shows_my_organisations_and_a_way_to_register_one(self, client_of, buyer, enterprise, newcomer):
        assert enterprise.name in client_of(buyer).get(PROFILE).content.decode()
        assert reverse("accounts:organisation-create") in client_of(newcomer).get(PROFILE).content.decode()

    def test_is_saved_and_the_language_applied_at_once(self, client_of, buyer):
        client = client_of(buyer)

        page = client.post(PROFILE, {"name": "示例采购 主管", "language": "en"}, follow=True).content.decode()

        buyer.refresh_from_db()
        assert (buyer.name, buyer.language, buyer.wants_recommendations) == ("示例采购 主管", "en", False)
        assert '<html lang="en"' in page

    def test_recommendations_can_be_switched_on_again(self, client_of, buyer):
        User.objects.update(wants_recommendations=False)

        client_of(buyer).post(PROFILE, {"name": "示例", "language": "zh-hans", "wants_recommendations": "on"})

        buyer.refresh_from_db()
        assert buyer.wants_recommendations

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"name": "", "language": "en"}, "name"),
            ({"name": "长" * 61, "language": "en"}, "name"),
            ({"name": "示例", "language": "xx"}, "language"),
        ],
    )
    def test_a_mistake_is_said_and_nothing_written(self, client_of, buyer, data, field):
        response = client_of(buyer).post(PROFILE, data)

        assert list(response.context["form"].errors) == [field]
        assert User.objects.get(pk=buyer.pk).name == "示例采购方"


class TestPassword:
    url = "/account/password/"
    new = "jingxi-Sunmao-7"

    def test_is_changed_and_this_session_goes_on(self, client_of, buyer):
        client, elsewhere = client_of(buyer), client_of(buyer)

        response = client.post(
            self.url, {"old_password": PASSWORD, "new_password1": self.new, "new_password2": self.new}
        )

        assert response.url == PROFILE
        assert client.get(PROFILE).status_code == 200
        assert elsewhere.get(PROFILE).status_code == 302
        login = Client()
        login.post(reverse("accounts:login"), {"username": buyer.email, "password": self.new})
        assert SESSION_KEY in login.session

    @pytest.mark.parametrize(
        ("old", "first", "second", "field"),
        [
            ("wrong", new, new, "old_password"),
            (PASSWORD, new, "something-Else-8", "new_password2"),
            (PASSWORD, "12345678", "12345678", "new_password2"),
        ],
    )
    def test_a_mistake_is_said_at_its_field(self, client_of, buyer, old, first, second, field):
        response = client_of(buyer).post(
            self.url, {"old_password": old, "new_password1": first, "new_password2": second}
        )

        assert list(response.context["form"].errors) == [field]


class TestToken:
    url = "/account/token/"

    def test_is_made_and_shown_once(self, client_of, buyer):
        client = client_of(buyer)

        page = client.post(self.url, follow=True).content.decode()

        key = Token.objects.get(user=buyer).key
        assert key in page
        assert key not in client.get(self.url).content.decode()

    def test_a_new_one_replaces_the_old(self, client_of, buyer):
        client = client_of(buyer)
        client.post(self.url)
        old = Token.objects.get(user=buyer).key

        client.post(self.url, {"action": "renew"})

        assert Token.objects.get(user=buyer).key != old

    def test_is_taken_away(self, client_of, buyer):
        client = client_of(buyer)
        client.post(self.url)

        client.post(self.url, {"action": "revoke"})

        assert not Token.objects.exists()


class TestChooseOrganisation:
    url = "/account/organisation/"

    def test_speaks_for_the_chosen_one_from_then_on(self, client_of, buyer, enterprise):
        second = MembershipFactory(user=buyer).organisation
        client = client_of(buyer)
        assert client.get(PROFILE).wsgi_request.organisation == enterprise

        response = client.post(self.url, {"organisation": second.code, "next": PROFILE})

        assert response.url == PROFILE
        assert client.get(PROFILE).wsgi_request.organisation == second

    def test_only_one_of_mine(self, client_of, buyer, university):
        assert client_of(buyer).post(self.url, {"organisation": university.code}).status_code == 404
        assert client_of(buyer).post(self.url).status_code == 404

    def test_only_by_post(self, client_of, buyer):
        assert client_of(buyer).get(self.url).status_code == 405

    def test_an_ended_membership_speaks_no_more(self, client_of, buyer, enterprise, at):
        client = client_of(buyer)
        client.post(self.url, {"organisation": enterprise.code})
        enterprise.memberships.update(ended_at=at)

        assert client.get(PROFILE).wsgi_request.organisation is None
