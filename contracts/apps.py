from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("技术合同")

    def ready(self) -> None:
        from contracts import receivers  # noqa: F401  (connects the signals of the apps below)
        from contracts.contract.permissions import check_file_removable, reads_file
        from contracts.models import ContractAttachment, MilestoneAttachment
        from needs.files.kinds import Kind, register

        for model, related in (
            (ContractAttachment, "contract__need"),
            (MilestoneAttachment, "milestone__contract__need"),
        ):
            register(Kind(model, (related,), may_read=reads_file, check_removable=check_file_removable))
