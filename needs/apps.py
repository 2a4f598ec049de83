from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("技术需求")

    def ready(self) -> None:
        from needs import receivers  # noqa: F401  (connects the signals of the apps below)
        from needs.files import kinds
        from needs.files.actions import check_removable_from_need
        from needs.files.permissions import reads_need_file
        from needs.models import NeedAttachment

        kinds.register(
            kinds.Kind(
                NeedAttachment,
                related=("need__organisation",),
                may_read=reads_need_file,
                check_removable=check_removable_from_need,
            )
        )
