from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "care"
    verbose_name = _("服务跟进")

    def ready(self) -> None:
        from care import receivers  # noqa: F401  (connects the signals of the apps below)
