"""What is wanted, and who may read what of it: the models of every room."""

from needs.disclosure.models import (
    LEVEL_ORDER,
    DisclosureChannel,
    DisclosureView,
    Level,
    NamedOrganisation,
    NdaAcceptance,
)
from needs.files.models import (
    Attachment,
    NeedAttachment,
)
from needs.need.models import (
    CloseReason,
    CooperationMode,
    Need,
    NeedIndicator,
    NeedProperties,
    NeedQuerySet,
    NeedType,
    maturity_words,
)

__all__ = [
    "LEVEL_ORDER",
    "Attachment",
    "CloseReason",
    "CooperationMode",
    "DisclosureChannel",
    "DisclosureView",
    "Level",
    "NamedOrganisation",
    "NdaAcceptance",
    "Need",
    "NeedAttachment",
    "NeedIndicator",
    "NeedProperties",
    "NeedQuerySet",
    "NeedType",
    "maturity_words",
]
