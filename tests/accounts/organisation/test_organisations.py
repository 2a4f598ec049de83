"""Organisations: list, page, registering, changing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import Membership, Notification, Organisation, Role
from accounts.organisation import actions as organisations
from accounts.permissions import Denied
from tests.accounts.conftest import credit_code, organisation_values
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

LIST = "/organisations/"
NEW = "/organisations/new/"
LONG = "长" * 1_000_000


class TestCreating:
    def test_makes_the_person_its_owner_and_tells_operators(self, newcomer, operator, at):
        organisation = organisations.create_organisation(
            values=organisation_values(credit_code=credit_code()), by=newcomer, at=at
        )

        assert organisation.state == "pending"
        assert Membership.objects.get(organisation=organisation).role == Role.OWNER
        assert AuditEvent.objects.get().action == "organisation.create"
        notice = Notification.objects.get(recipient=operator)
        assert organisation.name in notice.text
        assert notice.url == reverse("accounts:verification-decide", args=[organisation.code])

    def test_twice_makes_one(self, newcomer, at):
        first = organisations.create_organisation(values=organisation_values(), by=newcomer, at=at)
        second = organisations.create_organisation(values=organisation_values(), by=newcomer, at=at)

        assert first == second
        assert AuditEvent.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_clicks_at_the_same_moment_make_one(self, newcomer, at):
        def click(_number: int) -> Organisation:
            try:
                return organisations.create_organisation(
                    values=organisation_values(kind="individual"), by=newcomer, at=at
                )
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(click, range(2)))

        assert made[0] == made[1]
        assert Organisation.objects.count() == 1

    def test_people_may_share_a_name_organisations_may_not(self, newcomer, buyer, at):
        for by in (newcomer, buyer):
            organisations.create_organisation(values=organisation_values(kind="individual"), by=by, at=at)
        organisations.create_organisation(values=organisation_values(), by=newcomer, at=at)

        with pytest.raises(organisations.Taken) as taken:
            organisations.create_organisation(values=organisation_values(), by=buyer, at=at)
        assert taken.value.field == "name"

    def test_a_credit_code_belongs_to_one(self, newcomer, buyer, at):
        values = organisation_values(credit_code=credit_code())
        organisations.create_organisation(values=values, by=newcomer, at=at)

        with pytest.raises(organisations.Taken) as taken:
            organisations.create_organisation(values=values | {"name": "示例另一家"}, by=buyer, at=at)
        assert taken.value.field == "credit_code"

    def test_an_individual_has_one_member_for_good(self, newcomer, buyer, at):
        organisation = organisations.create_organisation(
            values=organisation_values(kind="individual"), by=newcomer, at=at
        )

        assert Membership.objects.get(organisation=organisation).sole

    def test_operators_are_registered_by_operators(self, newcomer, operator, at):
        values = organisation_values(kind="operator")

        with pytest.raises(Denied):
            organisations.create_organisation(values=values, by=newcomer, at=at)
        assert organisations.create_organisation(values=values, by=operator, at=at).kind == "operator"


class TestCreatePage:
    def test_leads_to_the_new_organisation_which_one_speaks_for(self, client_of, newcomer):
        client = client_of(newcomer)
        assert client.get(NEW).status_code == 200

        response = client.post(NEW, organisation_values(credit_code=credit_code().lower()), follow=True)

        organisation = Organisation.objects.get()
        assert response.redirect_chain == [(organisation.get_absolute_url(), 302)]
        assert organisation.credit_code == credit_code()
        assert response.wsgi_request.organisation == organisation
        assert "等待平台核验" in response.content.decode()

    def test_a_second_click_shows_the_first_one(self, client_of, newcomer):
        client = client_of(newcomer)

        urls = {client.post(NEW, organisation_values()).url for _click in range(2)}

        assert len(urls) == 1
        assert Organisation.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": LONG}, "name"),
            ({"kind": ""}, "kind"),
            ({"kind": "operator"}, "kind"),
            ({"credit_code": "91310115MA00000000"}, "credit_code"),
            ({"credit_code": LONG}, "credit_code"),
            ({"region_code": "330103"}, "region_code"),
            ({"industry": "Z99"}, "industry"),
            ({"introduction": LONG}, "introduction"),
            ({"website": "javascript:alert(1)"}, "website"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_the_rest(self, client_of, newcomer, changes, field):
        data = organisation_values(**changes)

        response = client_of(newcomer).post(NEW, data)

        assert list(response.context["form"].errors) == [field]
        assert data["name"] in response.content.decode()
        assert data["introduction"] in response.content.decode()
        assert not Organisation.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"), [({"credit_code": ""}, "name"), ({"name": "示例另一家"}, "credit_code")]
    )
    def test_what_is_taken_is_said_at_its_field(self, client_of, newcomer, buyer, at, changes, field):
        taken = organisation_values(credit_code=credit_code())
        organisations.create_organisation(values=taken, by=buyer, at=at)

        response = client_of(newcomer).post(NEW, taken | changes)

        assert list(response.context["form"].errors) == [field]
        assert "联系其管理员" in response.content.decode()

    def test_offers_operator_only_to_operators(self, client_of, newcomer, operator):
        def kinds(user):
            return dict(client_of(user).get(NEW).context["form"].fields["kind"].choices)

        assert "operator" not in kinds(newcomer)
        assert "operator" in kinds(operator)


class TestEditPage:
    def url(self, organisation):
        return reverse("accounts:organisation-edit", args=[organisation.code])

    def test_saves_and_keeps_a_county_it_does_not_offer(self, client_of, buyer, enterprise):
        Organisation.objects.update(region_code="330106")
        page = client_of(buyer).get(self.url(enterprise)).content.decode()
        assert '<option value="330106" selected>浙江省杭州市西湖区</option>' in page

        response = client_of(buyer).post(
            self.url(enterprise), organisation_values(name=enterprise.name, region_code="330106", website="example.com")
        )

        assert response.url == enterprise.get_absolute_url()
        enterprise.refresh_from_db()
        assert (enterprise.region_code, enterprise.industry) == ("330106", "C35")
        assert enterprise.website == "https://example.com"

    def test_the_kind_cannot_be_changed(self, client_of, buyer, enterprise):
        client_of(buyer).post(self.url(enterprise), organisation_values(name=enterprise.name, kind="operator"))

        enterprise.refresh_from_db()
        assert enterprise.kind == "enterprise"

    def test_a_refused_one_is_submitted_again_and_shows_why_it_was_refused(self, client_of, buyer, refused):
        assert refused.refusal_reason in client_of(buyer).get(self.url(refused)).content.decode()

        page = client_of(buyer).post(self.url(refused), organisation_values(), follow=True).content.decode()

        assert "重新提交核验" in page
        refused.refresh_from_db()
        assert refused.state == "pending"

    def test_a_mistake_keeps_what_was_typed_and_the_stored_name_in_the_head(self, client_of, buyer, enterprise):
        response = client_of(buyer).post(
            self.url(enterprise), organisation_values(name="示例改名", website="not a site")
        )

        assert list(response.context["form"].errors) == ["website"]
        assert response.context["organisation"].name == enterprise.name
        assert 'value="示例改名"' in response.content.decode()

    def test_a_taken_name_is_said_at_the_field(self, client_of, buyer, enterprise, university):
        response = client_of(buyer).post(self.url(enterprise), organisation_values(name=university.name))

        assert list(response.context["form"].errors) == ["name"]

    def test_is_for_owners_and_says_so(self, client_of, member, colleague, outsider, operator, enterprise):
        for user in (member, colleague, outsider, operator):
            for method in ("get", "post"):
                response = getattr(client_of(user), method)(self.url(enterprise))
                assert response.status_code == 403
                assert "只有机构管理员" in response.content.decode()

    def test_an_unverified_one_does_not_exist_for_outsiders(self, client_of, outsider, pending):
        assert client_of(outsider).get(self.url(pending)).status_code == 404


class TestListPage:
    def test_is_public_and_shows_only_verified_ones(self, client, enterprise, pending, refused):
        response = client.get(LIST)

        assert [o.name for o in response.context["page_obj"]] == [enterprise.name]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "滨海"}, "university"),
            ({"kind": "university"}, "university"),
            ({"province": "110000"}, "university"),
            ({"industry": "C34"}, "enterprise"),
        ],
    )
    def test_is_narrowed_by_each_filter(self, client, enterprise, university, query, found):
        Organisation.objects.filter(pk=university.pk).update(region_code="110108", industry="P83")

        names = [o.name for o in client.get(LIST, query).context["page_obj"]]

        assert names == [{"university": university, "enterprise": enterprise}[found].name]

    def test_nothing_found_offers_to_clear_the_filters(self, client, enterprise):
        page = client.get(LIST, {"q": "没有这样的名字"}).content.decode()

        assert "没有符合条件的机构" in page

    def test_nobody_there_yet_offers_to_register(self, client, db):
        assert reverse("accounts:organisation-create") in client.get(LIST).content.decode()

    @pytest.mark.parametrize("query", [{"kind": "unheard-of"}, {"q": "长" * 100_000}, {"page": "x"}, {"page": "99"}])
    def test_nonsense_in_the_address_is_harmless(self, client, enterprise, query):
        assert client.get(LIST, query).status_code == 200

    def test_asks_the_same_number_of_questions_however_long(self, client, db, django_assert_num_queries):
        for number in (1, 3):
            while Organisation.objects.count() < number:
                OrganisationFactory()
            with django_assert_num_queries(2):
                client.get(LIST)

    def test_refuses_other_methods(self, client, db):
        assert client.post(LIST).status_code == 405


class TestPage:
    def test_a_verified_one_is_public_with_its_needs_and_outputs(self, client, enterprise):
        Organisation.objects.update(introduction="第一行\n<script>alert(1)</script>", website="https://example.com")

        page = client.get(enterprise.get_absolute_url()).content.decode()

        assert "&lt;script&gt;" in page
        assert "<script>alert(1)" not in page
        assert "上海市浦东新区" in page
        for name in ("needs:list", "solutions:list"):
            assert f'hx-get="{reverse(name)}?organisation={enterprise.code}"' in page

    def test_its_slots_are_filled_with_its_own_published_entries_only(self, client, enterprise, university):
        mine = NeedFactory(organisation=enterprise, published=True, title="示例本机构的需求")
        NeedFactory(organisation=enterprise, title="示例草稿")
        NeedFactory(published=True, title="示例别家的需求")
        output = OutputFactory(organisation=university, published=True, title="示例本校的成果")

        def slot(name, organisation):
            url = f"{reverse(name)}?organisation={organisation.code}"
            return client.get(url, headers={"hx-request": "true"}).content.decode()

        needs = slot("needs:list", enterprise)
        assert mine.title in needs
        assert "草稿" not in needs
        assert "别家" not in needs
        assert "<html" not in needs
        assert output.title in slot("solutions:list", university)
        assert "目前没有公开的成果" in slot("solutions:list", enterprise)
        assert "目前没有公开的需求" in slot("needs:list", university)

    def test_a_university_shows_no_needs(self, client, university):
        assert f"{reverse('needs:list')}?organisation" not in client.get(university.get_absolute_url()).content.decode()

    def test_a_waiting_one_shows_to_its_people_and_operators_only(
        self, client, client_of, buyer, operator, outsider, pending
    ):
        url = pending.get_absolute_url()

        assert client.get(url).status_code == 404
        assert client_of(outsider).get(url).status_code == 404
        assert client_of(operator).get(url).status_code == 200
        assert "等待平台核验" in client_of(buyer).get(url).content.decode()

    def test_a_refused_one_tells_its_owner_why_and_what_to_do(self, client_of, buyer, refused):
        page = client_of(buyer).get(refused.get_absolute_url()).content.decode()

        assert refused.refusal_reason in page
        assert reverse("accounts:organisation-edit", args=[refused.code]) in page

    def test_a_refused_one_sends_its_other_members_to_the_owner(self, client_of, member, enterprise, refused):
        MembershipFactory(organisation=refused, user=member, role=Role.MEMBER)

        page = client_of(member).get(refused.get_absolute_url()).content.decode()

        assert "请机构管理员修改" in page
        assert reverse("accounts:organisation-edit", args=[refused.code]) not in page

    def test_the_trail_shows_to_owners_and_operators_only(
        self, client, client_of, buyer, member, operator, enterprise, at
    ):
        organisations.change_organisation(
            organisation=enterprise, values=organisation_values(name=enterprise.name), by=buyer, at=at
        )

        def sees(user_client):
            return "修改机构信息" in user_client.get(enterprise.get_absolute_url()).content.decode()

        assert sees(client_of(buyer))
        assert sees(client_of(operator))
        assert not sees(client_of(member))
        assert not sees(client)

    def test_the_trail_asks_the_same_number_of_questions_however_long(
        self, client_of, buyer, enterprise, django_assert_num_queries, at
    ):
        client = client_of(buyer)
        for number in (1, 3):
            while AuditEvent.objects.count() < number:
                values = organisation_values(name=enterprise.name, introduction=f"第{AuditEvent.objects.count()}版")
                organisations.change_organisation(organisation=enterprise, values=values, by=buyer, at=at)
            with django_assert_num_queries(6):
                client.get(enterprise.get_absolute_url())

    def test_an_unknown_code_is_not_found(self, client, db):
        assert client.get("/organisations/O-NONE22/").status_code == 404
