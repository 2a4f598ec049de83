"""Addresses of one's own account."""

from django.urls import path

from accounts.person import views

urlpatterns = [
    path("account/login/", views.login, name="login"),
    path("account/logout/", views.logout, name="logout"),
    path("account/register/", views.register, name="register"),
    path("account/profile/", views.profile, name="profile"),
    path("account/password/", views.password_change, name="password-change"),
    path("account/token/", views.token, name="token"),
    path("account/organisation/", views.choose_organisation, name="choose-organisation"),
]
