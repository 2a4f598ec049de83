"""Addresses of bids."""

from django.urls import path

from challenges.bid import views

urlpatterns = [
    path("bids/", views.mine, name="bid-mine"),
    path("bids/<str:code>/", views.detail, name="bid-detail"),
    path("bids/<str:code>/edit/", views.edit, name="bid-edit"),
    path("bids/<str:code>/autosave/", views.autosave, name="bid-autosave"),
    path("bids/<str:code>/submit/", views.submit, name="bid-submit"),
    path("bids/<str:code>/withdraw/", views.withdraw, name="bid-withdraw"),
    path("bids/<str:code>/drop/", views.drop, name="bid-drop"),
    path("bids/<str:code>/attach/", views.attach, name="bid-attach"),
    path("bids/<str:code>/attachments/<str:attachment>/remove/", views.detach, name="bid-detach"),
    path("bids/<str:code>/versions/<int:number>/", views.version, name="bid-version"),
    path("challenges/<str:code>/bid/", views.create, name="bid-create"),
]
