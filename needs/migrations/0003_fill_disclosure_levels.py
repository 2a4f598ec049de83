"""What was not public is shown to named organisations only (nobody is named yet); when needs were withdrawn."""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Now


def fill(apps, schema_editor):
    apps.get_model("needs", "NeedIndicator").objects.filter(is_public=False).update(level="named")
    events = apps.get_model("accounts", "AuditEvent").objects.filter(
        action="need.withdraw", object_code=OuterRef("code")
    )
    latest = Subquery(events.order_by("-at").values("at")[:1])
    apps.get_model("needs", "Need").objects.filter(state="withdrawn").update(withdrawn_at=Coalesce(latest, Now()))


def empty(apps, schema_editor):
    apps.get_model("needs", "NeedIndicator").objects.exclude(level="public").update(is_public=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("needs", "0002_disclosure_levels"),
    ]

    operations = [migrations.RunPython(fill, empty)]
