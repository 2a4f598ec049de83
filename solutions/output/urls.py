"""Addresses of research outputs."""

from django.urls import path

from solutions.output import views

urlpatterns = [
    path("outputs/", views.output_list, name="list"),
    path("outputs/new/", views.create, name="create"),
    path("outputs/mine/", views.mine, name="mine"),
    path("outputs/bulk/", views.bulk, name="bulk"),
    path("outputs/<str:code>/edit/", views.edit, name="edit"),
]
