"""Addresses of one's notices."""

from django.urls import path

from accounts.notice import views

urlpatterns = [
    path("account/notices/", views.notices, name="notices"),
    path("account/notices/read/", views.notices_read_all, name="notices-read-all"),
    path("account/notices/<int:pk>/", views.notice_open, name="notice-open"),
]
