"""Addresses of what a need discloses: agreement, named organisations, log, files."""

from django.urls import path

from needs.views import attachments

urlpatterns = [
    path("needs/<str:code>/attach/", attachments.attach_to_need, name="need-attach"),
    path("attachments/<str:code>/", attachments.download, name="attachment-download"),
    path("attachments/<str:code>/remove/", attachments.remove, name="attachment-remove"),
]
