"""Addresses of files."""

from django.urls import path

from needs.files import views

urlpatterns = [
    path("needs/<str:code>/attach/", views.attach_to_need, name="need-attach"),
    path("attachments/<str:code>/", views.download, name="attachment-download"),
    path("attachments/<str:code>/remove/", views.remove, name="attachment-remove"),
]
