"""Who belongs to an organisation: inviting, joining, roles, leaving."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.membership import actions as members
from accounts.models import Invitation, Membership, Notification, Role
from accounts.permissions import Denied
from accounts.signals import membership_ending
from lib.refusals import WrongState
from tests.accounts.conftest import invitation_for, membership_of
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory


@pytest.fixture
def individual(buyer):
    organisation = OrganisationFactory(kind="individual", name="示例个人")
    MembershipFactory(organisation=organisation, user=buyer, sole=True)
    return organisation


@pytest.fixture
def objection():
    """An app above that lets nobody go."""

    def object_to(sender, **kwargs):
        raise Denied("还有未完成的合同。")

    membership_ending.connect(object_to)
    yield
    membership_ending.disconnect(object_to)


class TestInviting:
    def test_makes_a_link_and_tells_a_person_who_has_an_account(self, enterprise, buyer, newcomer, at):
        invitation = members.invite(
            organisation=enterprise, email=newcomer.email.upper(), role=Role.BROKER, by=buyer, at=at
        )

        assert (invitation.email, invitation.role) == (newcomer.email, Role.BROKER)
        assert invitation.expires_at == at + members.VALID_FOR
        assert invitation.token in Notification.objects.get(recipient=newcomer).url

    def test_the_trail_keeps_no_address(self, enterprise, buyer, at):
        members.invite(organisation=enterprise, email="wang@example.com", role=Role.MEMBER, by=buyer, at=at)

        assert AuditEvent.objects.get().object_label == "w***@example.com"

    def test_again_renews_the_open_invitation(self, enterprise, buyer, at):
        first = members.invite(organisation=enterprise, email="w@example.com", role=Role.MEMBER, by=buyer, at=at)
        later = at + timedelta(days=1)
        second = members.invite(organisation=enterprise, email="w@example.com", role=Role.VIEWER, by=buyer, at=later)

        assert (second.pk, second.token) == (first.pk, first.token)
        assert (second.role, second.expires_at) == (Role.VIEWER, later + members.VALID_FOR)

    def test_a_member_needs_no_invitation(self, enterprise, buyer, colleague, at):
        with pytest.raises(members.AlreadyMember):
            members.invite(organisation=enterprise, email=colleague.email, role=Role.MEMBER, by=buyer, at=at)

    def test_an_individual_invites_nobody(self, individual, buyer, at):
        with pytest.raises(WrongState):
            members.invite(organisation=individual, email="w@example.com", role=Role.MEMBER, by=buyer, at=at)

    def test_only_owners_invite(self, enterprise, member, outsider, at):
        for by in (member, outsider):
            with pytest.raises(Denied):
                members.invite(organisation=enterprise, email="w@example.com", role=Role.MEMBER, by=by, at=at)


class TestAccepting:
    def test_joins_with_the_role_and_tells_the_owners(self, enterprise, buyer, newcomer, at):
        invitation = invitation_for(newcomer.email, enterprise, buyer, at, role=Role.BROKER)

        membership = members.accept_invitation(token=invitation.token, by=newcomer, at=at)

        assert (membership.user, membership.organisation, membership.role) == (newcomer, enterprise, Role.BROKER)
        invitation.refresh_from_db()
        assert (invitation.accepted_by, invitation.accepted_at) == (newcomer, at)
        assert newcomer.name in Notification.objects.get(recipient=buyer).text
        assert AuditEvent.objects.get().action == "member.join"

    def test_twice_is_once(self, enterprise, buyer, newcomer, at):
        invitation = invitation_for(newcomer.email, enterprise, buyer, at)

        first = members.accept_invitation(token=invitation.token, by=newcomer, at=at)
        assert members.accept_invitation(token=invitation.token, by=newcomer, at=at) == first

    def test_a_used_link_does_not_bring_back_who_has_left(self, enterprise, buyer, newcomer, at):
        invitation = invitation_for(newcomer.email, enterprise, buyer, at)
        membership = members.accept_invitation(token=invitation.token, by=newcomer, at=at)
        members.end_membership(membership=membership, by=buyer, at=at)

        with pytest.raises(members.InvitationClosed):
            members.accept_invitation(token=invitation.token, by=newcomer, at=at)

    def test_not_with_another_address(self, enterprise, buyer, newcomer, outsider, at):
        invitation = invitation_for(newcomer.email, enterprise, buyer, at)

        with pytest.raises(Denied):
            members.accept_invitation(token=invitation.token, by=outsider, at=at)

    def test_not_after_its_term_or_a_revocation(self, enterprise, buyer, newcomer, at):
        invitation = invitation_for(newcomer.email, enterprise, buyer, at)
        with pytest.raises(members.InvitationClosed):
            members.accept_invitation(token=invitation.token, by=newcomer, at=invitation.expires_at)

        members.revoke_invitation(invitation=invitation, by=buyer, at=at)
        with pytest.raises(members.InvitationClosed):
            members.accept_invitation(token=invitation.token, by=newcomer, at=at)

    def test_revoking_is_for_owners_and_only_while_open(self, enterprise, buyer, member, at):
        invitation = invitation_for("w@example.com", enterprise, buyer, at)

        with pytest.raises(Denied):
            members.revoke_invitation(invitation=invitation, by=member, at=at)
        members.revoke_invitation(invitation=invitation, by=buyer, at=at)
        with pytest.raises(members.InvitationClosed):
            members.revoke_invitation(invitation=invitation, by=buyer, at=at)


class TestRolesAndLeaving:
    def test_a_role_changes_with_a_record_and_a_notice(self, enterprise, buyer, colleague, at):
        members.change_role(membership=membership_of(colleague, enterprise), role=Role.MEMBER, by=buyer, at=at)

        assert membership_of(colleague, enterprise).role == Role.MEMBER
        event = AuditEvent.objects.get()
        assert (event.action, event.from_state, event.to_state) == ("member.role", Role.VIEWER, Role.MEMBER)
        assert Notification.objects.filter(recipient=colleague).count() == 1

    def test_the_same_role_is_no_change(self, enterprise, buyer, colleague, at):
        members.change_role(membership=membership_of(colleague, enterprise), role=Role.VIEWER, by=buyer, at=at)

        assert not AuditEvent.objects.exists()

    def test_a_member_leaves_by_themselves(self, enterprise, member, at):
        members.end_membership(membership=membership_of(member, enterprise), by=member, at=at)

        assert membership_of(member, enterprise).ended_at == at
        assert not Notification.objects.exists()

    def test_an_owner_removes_a_member_who_is_told(self, enterprise, buyer, member, at):
        members.end_membership(membership=membership_of(member, enterprise), by=buyer, at=at)

        assert Notification.objects.filter(recipient=member).count() == 1

    def test_nobody_else_does(self, enterprise, member, colleague, outsider, operator, at):
        for by in (colleague, outsider, operator):
            with pytest.raises(Denied):
                members.end_membership(membership=membership_of(member, enterprise), by=by, at=at)
            with pytest.raises(Denied):
                members.change_role(membership=membership_of(member, enterprise), role=Role.OWNER, by=by, at=at)

    def test_the_last_owner_stays(self, enterprise, buyer, member, at):
        mine = membership_of(buyer, enterprise)
        with pytest.raises(members.LastOwner):
            members.end_membership(membership=mine, by=buyer, at=at)
        with pytest.raises(members.LastOwner):
            members.change_role(membership=mine, role=Role.MEMBER, by=buyer, at=at)

        members.change_role(membership=membership_of(member, enterprise), role=Role.OWNER, by=buyer, at=at)
        members.end_membership(membership=mine, by=buyer, at=at)
        assert Membership.objects.owners().get(organisation=enterprise).user == member

    @pytest.mark.django_db(transaction=True)
    def test_two_owners_leaving_at_the_same_moment_leave_one(self, enterprise, buyer, at):
        second = MembershipFactory(organisation=enterprise).user

        def leave(user):
            try:
                members.end_membership(membership=membership_of(user, enterprise), by=user, at=at)
            except members.LastOwner:
                return "stayed"
            finally:
                connection.close()
            return "left"

        with ThreadPoolExecutor(2) as pool:
            results = sorted(pool.map(leave, [buyer, second]))

        assert results == ["left", "stayed"]

    def test_an_individual_does_not_leave_themselves(self, individual, buyer, at):
        with pytest.raises(members.LastOwner):
            members.end_membership(membership=membership_of(buyer, individual), by=buyer, at=at)

    def test_what_has_ended_does_not_change(self, enterprise, buyer, member, at):
        membership = membership_of(member, enterprise)
        members.end_membership(membership=membership, by=buyer, at=at)

        with pytest.raises(WrongState):
            members.end_membership(membership=membership, by=buyer, at=at)
        with pytest.raises(WrongState):
            members.change_role(membership=membership, role=Role.VIEWER, by=buyer, at=at)

    def test_an_app_above_may_object(self, enterprise, buyer, member, objection, at):
        membership = membership_of(member, enterprise)

        with pytest.raises(Denied, match="合同"):
            members.end_membership(membership=membership, by=buyer, at=at)
        with pytest.raises(Denied, match="合同"):
            members.change_role(membership=membership, role=Role.VIEWER, by=buyer, at=at)
        members.change_role(membership=membership, role=Role.BROKER, by=buyer, at=at)
        assert membership_of(member, enterprise).ended_at is None

    def test_who_left_may_join_again(self, enterprise, buyer, member, at):
        members.end_membership(membership=membership_of(member, enterprise), by=buyer, at=at)
        invitation = invitation_for(member.email, enterprise, buyer, at)

        members.accept_invitation(token=invitation.token, by=member, at=at)

        assert Membership.objects.active().filter(user=member, organisation=enterprise).count() == 1


def url(name, organisation, *args):
    return reverse(f"accounts:{name}", args=[organisation.code, *args])


class TestMembersPage:
    def test_shows_who_belongs_and_addresses_only_to_owners(self, client_of, buyer, member, operator, enterprise):
        def page(user):
            return client_of(user).get(url("members", enterprise)).content.decode()

        assert member.email in page(buyer)
        assert member.email in page(operator)
        assert buyer.name in page(member)
        assert buyer.email not in page(member)

    def test_is_for_members_and_operators(self, client_of, outsider, enterprise, pending):
        assert client_of(outsider).get(url("members", enterprise)).status_code == 403
        assert client_of(outsider).get(url("members", pending)).status_code == 404

    def test_offers_the_tools_of_an_owner_only_to_owners(self, client_of, buyer, member, enterprise, at):
        invitation = invitation_for("w@example.com", enterprise, buyer, at)

        assert invitation.token in client_of(buyer).get(url("members", enterprise)).content.decode()
        page = client_of(member).get(url("members", enterprise)).content.decode()
        assert invitation.token not in page
        assert url("invite", enterprise) not in page

    def test_an_individual_is_offered_no_invitation(self, client_of, buyer, individual):
        page = client_of(buyer).get(url("members", individual)).content.decode()

        assert url("invite", individual) not in page

    def test_asks_the_same_number_of_questions_however_long(
        self, client_of, buyer, enterprise, django_assert_num_queries
    ):
        client = client_of(buyer)
        for number in (1, 3):
            while enterprise.memberships.count() < number:
                MembershipFactory(organisation=enterprise, role=Role.MEMBER)
                invitation_for(UserFactory().email, enterprise, buyer, timezone.now())
            with django_assert_num_queries(7):
                client.get(url("members", enterprise))


class TestInvitePages:
    def test_an_owner_makes_a_link_and_takes_it_back(self, client_of, buyer, enterprise):
        client = client_of(buyer)

        page = client.post(
            url("invite", enterprise), {"email": "w@example.com", "role": "member"}, follow=True
        ).content.decode()

        invitation = Invitation.objects.get()
        assert f"http://testserver/account/invitations/{invitation.token}/" in page
        client.post(url("invitation-revoke", enterprise, invitation.pk))
        assert client.get(f"/account/invitations/{invitation.token}/").status_code == 410

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"email": "no address", "role": "member"}, "email"),
            ({"email": "w@example.com", "role": "king"}, "role"),
            ({"email": "x" * 1_000_000, "role": "member"}, "email"),
        ],
    )
    def test_a_mistake_is_said_at_its_field(self, client_of, buyer, enterprise, data, field):
        response = client_of(buyer).post(url("invite", enterprise), data)

        assert list(response.context["form"].errors) == [field]
        assert data["email"] in response.content.decode()

    def test_a_member_is_named_at_the_field(self, client_of, buyer, member, enterprise):
        response = client_of(buyer).post(url("invite", enterprise), {"email": member.email, "role": "member"})

        assert "已是成员" in str(response.context["form"].errors["email"])

    def test_is_for_owners(self, client_of, member, outsider, enterprise, buyer, at):
        invitation = invitation_for("w@example.com", enterprise, buyer, at)
        for user in (member, outsider):
            for data in ({"email": "v@example.com", "role": "member"}, {}):
                assert client_of(user).post(url("invite", enterprise), data).status_code == 403
            assert client_of(user).post(url("invitation-revoke", enterprise, invitation.pk)).status_code == 403

    def test_someone_elses_invitation_is_not_found(self, client_of, buyer, enterprise, university, supplier, at):
        theirs = invitation_for("w@example.com", university, supplier, at)

        assert client_of(buyer).post(url("invitation-revoke", enterprise, theirs.pk)).status_code == 404

    def test_only_by_post(self, client_of, buyer, enterprise):
        assert client_of(buyer).get(url("invite", enterprise)).status_code == 405
        assert client_of(buyer).get(url("invitation-revoke", enterprise, 1)).status_code == 405


class TestAcceptPage:
    @pytest.fixture
    def invitation(self, enterprise, buyer, newcomer, at):
        return invitation_for(newcomer.email, enterprise, buyer, at)

    def path(self, invitation):
        return f"/account/invitations/{invitation.token}/"

    def test_a_visitor_is_led_to_register_with_the_address(self, client, invitation, enterprise):
        page = client.get(self.path(invitation)).content.decode()

        assert enterprise.name in page
        assert f"/account/register/?next={self.path(invitation).replace('/', '%2F')}" in page

    def test_a_visitor_does_not_join_by_posting(self, client, invitation):
        client.post(self.path(invitation))

        invitation.refresh_from_db()
        assert invitation.accepted_at is None

    def test_the_person_invited_joins_and_speaks_for_it(self, client_of, newcomer, invitation, enterprise):
        client = client_of(newcomer)
        assert "接受邀请" in client.get(self.path(invitation)).content.decode()

        response = client.post(self.path(invitation), follow=True)

        assert response.wsgi_request.organisation == enterprise
        assert response.redirect_chain == [(enterprise.get_absolute_url(), 302)]

    def test_somebody_else_is_told_for_whom_it_is(self, client_of, outsider, invitation):
        client = client_of(outsider)

        assert "请退出后" in client.get(self.path(invitation)).content.decode()
        assert client.post(self.path(invitation)).status_code == 403

    def test_a_used_link_says_so(self, client_of, newcomer, invitation):
        client = client_of(newcomer)
        client.post(self.path(invitation))

        response = client.get(self.path(invitation))
        assert response.status_code == 410
        assert "邀请已失效" in response.content.decode()

    def test_an_unknown_link_is_not_found(self, client, db):
        assert client.get("/account/invitations/nothing/").status_code == 404


class TestRolePages:
    def test_an_owner_changes_a_role(self, client_of, buyer, colleague, enterprise):
        membership = membership_of(colleague, enterprise)

        client_of(buyer).post(url("member-role", enterprise, membership.pk), {"role": "broker"})

        membership.refresh_from_db()
        assert membership.role == Role.BROKER

    def test_an_unknown_role_is_refused_with_a_message(self, client_of, buyer, colleague, enterprise):
        membership = membership_of(colleague, enterprise)

        response = client_of(buyer).post(url("member-role", enterprise, membership.pk), {"role": "king"}, follow=True)

        assert "请选择一个角色" in response.content.decode()
        membership.refresh_from_db()
        assert membership.role == Role.VIEWER

    def test_the_last_owner_gets_a_message_on_the_page_they_came_from(self, client_of, buyer, enterprise):
        page = f"http://testserver{url('members', enterprise)}"

        response = client_of(buyer).post(
            url("member-end", enterprise, membership_of(buyer, enterprise).pk), headers={"referer": page}, follow=True
        )

        assert response.redirect_chain == [(page, 302)]
        assert "至少要有一名管理员" in response.content.decode()

    def test_a_member_leaves(self, client_of, member, enterprise):
        response = client_of(member).post(url("member-end", enterprise, membership_of(member, enterprise).pk))

        assert response.url == reverse("accounts:profile")
        assert membership_of(member, enterprise).ended_at

    def test_an_owner_removes_a_member(self, client_of, buyer, member, enterprise):
        response = client_of(buyer).post(url("member-end", enterprise, membership_of(member, enterprise).pk))

        assert response.url == url("members", enterprise)

    def test_others_may_not(self, client_of, colleague, outsider, member, enterprise):
        pk = membership_of(member, enterprise).pk
        for user in (colleague, outsider):
            for name in ("member-role", "member-end"):
                assert client_of(user).post(url(name, enterprise, pk), {"role": "viewer"}).status_code == 403

    def test_a_member_of_another_organisation_is_not_found(self, client_of, buyer, supplier, university, enterprise):
        pk = membership_of(supplier, university).pk

        assert client_of(buyer).post(url("member-end", enterprise, pk)).status_code == 404

    def test_only_by_post(self, client_of, buyer, enterprise):
        for name in ("member-role", "member-end"):
            assert client_of(buyer).get(url(name, enterprise, 1)).status_code == 405
