"""Versions handed in before they kept it: what they were asked is taken to be what their need asks now.

An indicator that was rewritten since has another key and cannot be told from a new one: those stay unanswered.
"""

from django.db import migrations

FIELDS = ("position", "name", "comparison", "value", "value_max", "unit", "condition", "necessity", "level")


def fill(apps, schema_editor):
    indicators = apps.get_model("needs", "NeedIndicator").objects.order_by("position", "pk")
    versions = apps.get_model("needs", "BidVersion").objects.filter(submitted_at__isnull=False)
    needs = versions.order_by().values_list("bid__challenge__need", flat=True).distinct()
    for need in list(needs):
        asked = []
        for row in indicators.filter(need=need).values("pk", *FIELDS):
            numbers = {name: None if row[name] is None else str(row[name]) for name in ("value", "value_max")}
            asked.append({**row, **numbers})
        versions.filter(bid__challenge__need=need).update(indicators_asked=asked)


def empty(apps, schema_editor):
    apps.get_model("needs", "BidVersion").objects.update(indicators_asked=None)


class Migration(migrations.Migration):
    dependencies = [("needs", "0010_what_bids_were_asked")]

    operations = [migrations.RunPython(fill, empty)]
