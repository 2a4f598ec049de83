"""Who hears of a complaint. Texts name the need, never what was said."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notice.actions import notify, writers_of
from accounts.notice.texts import register
from care.models import Complaint
from care.subjects import subject_of

register(
    "complaint",
    {
        "raised": _("%(complainant)s就《%(need)s》提出了投诉，请查看"),
        "taken_up": _("关于《%(need)s》的投诉已受理，开始调解"),
        "entry": _("关于《%(need)s》的投诉有新的说明"),
        "settled": _("关于《%(need)s》的投诉已和解"),
        "dismissed": _("关于《%(need)s》的投诉已办结：不予支持"),
        "withdrawn": _("%(complainant)s撤回了关于《%(need)s》的投诉"),
    },
)


def people_of(complaint: Complaint) -> list[User]:
    """Who answers for either party."""
    return [*writers_of(complaint.complainant), *writers_of(complaint.respondent)]


def tell(
    complaint: Complaint, recipients: list[User], name: str, *, number: int | None = None, by: User, at: datetime
) -> None:
    """Everybody but who did it, once; `number` tells one event from another of that name."""
    event = name.replace("_", "-") if number is None else f"{name}:{number}"
    notify(
        recipients={person for person in recipients if person != by},
        event=f"complaint:{complaint.code}:{event}",
        key=f"complaint.{name}",
        params={"need": subject_of(complaint).need.title, "complainant": complaint.complainant.name},
        url=complaint.get_absolute_url(),
        at=at,
    )
