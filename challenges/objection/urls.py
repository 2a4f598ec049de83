"""Addresses of objections."""

from django.urls import path

from challenges.objection import views

urlpatterns = [
    path("challenges/<str:code>/object/", views.object_to, name="object"),
    path("challenges/<str:code>/objections/<int:pk>/", views.decide_objection, name="objection-decide"),
]
