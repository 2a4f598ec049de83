"""Who reads a need's files: whoever sees the need, from the file's level on."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.viewer import Viewer
from needs.disclosure.permissions import clearance
from needs.models import LEVEL_ORDER, Need, NeedAttachment


def reads_need_file(user: User | AnonymousUser, attachment: NeedAttachment) -> bool:
    person = user if isinstance(user, User) else None
    is_visible = Need.objects.visible_to(person).filter(pk=attachment.need_id).exists()
    return is_visible and LEVEL_ORDER[attachment.level] <= clearance(Viewer.of(user), attachment.need)
