from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChallengesConfig(AppConfig):
    name = "challenges"
    verbose_name = _("揭榜挂帅")

    def ready(self) -> None:
        from challenges import receivers  # noqa: F401  (connects the signals of the apps below)
        from challenges.models import BidAttachment
        from challenges.review.permissions import check_bid_file_removable, reads_bid_file
        from needs.files.kinds import Kind, register

        related = ("bid__organisation", "bid__challenge__need")
        register(Kind(BidAttachment, related, may_read=reads_bid_file, check_removable=check_bid_file_removable))
