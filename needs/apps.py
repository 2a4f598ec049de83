from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("技术需求")

    def ready(self) -> None:
        from needs import receivers  # noqa: F401  (connects the signals of the apps below)
