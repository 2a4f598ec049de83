"""Addresses of an organisation's members and of invitations."""

from django.urls import path

from accounts.membership import views

urlpatterns = [
    path("account/invitations/<str:token>/", views.invitation_accept, name="invitation-accept"),
    path("organisations/<str:code>/members/", views.members, name="members"),
    path("organisations/<str:code>/members/<int:pk>/role/", views.member_role, name="member-role"),
    path("organisations/<str:code>/members/<int:pk>/end/", views.member_end, name="member-end"),
    path("organisations/<str:code>/invitations/", views.invite, name="invite"),
    path("organisations/<str:code>/invitations/<int:pk>/revoke/", views.invitation_revoke, name="invitation-revoke"),
]
