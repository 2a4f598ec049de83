"""Addresses of bids and claims."""

from django.urls import path

from challenges.bid import views as bids
from challenges.claim import views as claims

urlpatterns = [
    path("bids/", bids.mine, name="bid-mine"),
    path("bids/<str:code>/", bids.detail, name="bid-detail"),
    path("bids/<str:code>/edit/", bids.edit, name="bid-edit"),
    path("bids/<str:code>/autosave/", bids.autosave, name="bid-autosave"),
    path("bids/<str:code>/submit/", bids.submit, name="bid-submit"),
    path("bids/<str:code>/withdraw/", bids.withdraw, name="bid-withdraw"),
    path("bids/<str:code>/drop/", bids.drop, name="bid-drop"),
    path("bids/<str:code>/attach/", bids.attach, name="bid-attach"),
    path("bids/<str:code>/attachments/<str:attachment>/remove/", bids.detach, name="bid-detach"),
    path("bids/<str:code>/versions/<int:number>/", bids.version, name="bid-version"),
    path("bids/<str:code>/accept/", claims.accept, name="claim-accept"),
    path("bids/<str:code>/refuse/", claims.refuse, name="claim-refuse"),
    path("challenges/<str:code>/bid/", bids.create, name="bid-create"),
    path("challenges/<str:code>/claim/", claims.claim, name="claim"),
    path("challenges/<str:code>/claims/", claims.claim_list, name="claim-list"),
]
