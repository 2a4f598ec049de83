"""Addresses of accounts: one's own account under account/, organisations under organisations/."""

from django.urls import path

from accounts.membership import views as members
from accounts.notice import views as notices
from accounts.organisation import views as organisations
from accounts.person import views as person

app_name = "accounts"

urlpatterns = [
    path("account/login/", person.login, name="login"),
    path("account/logout/", person.logout, name="logout"),
    path("account/register/", person.register, name="register"),
    path("account/profile/", person.profile, name="profile"),
    path("account/password/", person.password_change, name="password-change"),
    path("account/token/", person.token, name="token"),
    path("account/organisation/", person.choose_organisation, name="choose-organisation"),
    path("account/notices/", notices.notices, name="notices"),
    path("account/notices/read/", notices.notices_read_all, name="notices-read-all"),
    path("account/notices/<int:pk>/", notices.notice_open, name="notice-open"),
    path("account/invitations/<str:token>/", members.invitation_accept, name="invitation-accept"),
    path("organisations/", organisations.organisation_list, name="organisation-list"),
    path("organisations/new/", organisations.organisation_create, name="organisation-create"),
    path("organisations/verification/", organisations.verification_queue, name="verification-queue"),
    path("organisations/<str:code>/", organisations.organisation_detail, name="organisation-detail"),
    path("organisations/<str:code>/edit/", organisations.organisation_edit, name="organisation-edit"),
    path(
        "organisations/<str:code>/verification/",
        organisations.verification_decide,
        name="verification-decide",
    ),
    path("organisations/<str:code>/members/", members.members, name="members"),
    path("organisations/<str:code>/members/<int:pk>/role/", members.member_role, name="member-role"),
    path("organisations/<str:code>/members/<int:pk>/end/", members.member_end, name="member-end"),
    path("organisations/<str:code>/invitations/", members.invite, name="invite"),
    path(
        "organisations/<str:code>/invitations/<int:pk>/revoke/",
        members.invitation_revoke,
        name="invitation-revoke",
    ),
]
