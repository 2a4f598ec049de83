"""What suppliers may be told of the pairs there are: all of it where nothing is hidden; the rest is scored again."""

from django.db import migrations
from django.db.models import F, Q


def fill(apps, schema_editor):
    Match, MatchRun = apps.get_model("matching", "Match"), apps.get_model("matching", "MatchRun")
    Need, Indicator = apps.get_model("needs", "Need"), apps.get_model("needs", "NeedIndicator")
    hides = ~Q(disclosure={}) | Q(pk__in=Indicator.objects.exclude(level="public").values("need"))
    hiding = Need.objects.filter(hides)
    Match.objects.filter(is_current=True).exclude(need__in=hiding.values("pk")).update(public_grade=F("grade"))
    to_score = list(hiding.filter(state__in=["submitted", "published"]))
    if to_score:
        MatchRun.objects.create(trigger="need_changed").needs.set(to_score)


def forget(apps, schema_editor):
    apps.get_model("matching", "Match").objects.update(public_grade="", public_explanation=None)


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0002_care_and_feedback"),
        ("needs", "0004_challenge_to_outcome"),
    ]

    operations = [migrations.RunPython(fill, forget)]
