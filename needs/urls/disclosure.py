"""Addresses of what a need discloses: agreement, named organisations, log, files."""

from django.urls import path

from needs.views import attachments, disclosure

urlpatterns = [
    path("needs/<str:code>/nda/", disclosure.sign, name="nda"),
    path("nda/<str:code>/", disclosure.record, name="nda-record"),
    path("nda/<str:code>/revoke/", disclosure.revoke, name="nda-revoke"),
    path("needs/<str:code>/disclosure/", disclosure.overview, name="disclosure"),
    path("needs/<str:code>/disclosure/name/", disclosure.name, name="disclosure-name"),
    path("needs/<str:code>/disclosure/unname/", disclosure.unname, name="disclosure-unname"),
    path("needs/<str:code>/attach/", attachments.attach_to_need, name="need-attach"),
    path("attachments/<str:code>/", attachments.download, name="attachment-download"),
    path("attachments/<str:code>/remove/", attachments.remove, name="attachment-remove"),
]
