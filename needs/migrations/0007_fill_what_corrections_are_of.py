"""Corrections from before they said it: of the contract's own kind of payment; where there are two, of the entry fee
unless it stands at a milestone, for milestones are paid by instalments."""

from django.db import migrations

KINDS = {"royalty": "royalty", "entry_fee_and_royalty": "entry_fee"}


def fill(apps, schema_editor):
    corrections = apps.get_model("needs", "Payment").objects.filter(kind="correction")
    for mode, kind in KINDS.items():
        corrections.filter(contract__payment_mode=mode, milestone=None).update(corrects=kind)
    corrections.filter(corrects="").update(corrects="instalment")


def empty(apps, schema_editor):
    apps.get_model("needs", "Payment").objects.update(corrects="")


class Migration(migrations.Migration):
    dependencies = [("needs", "0006_what_a_correction_is_of")]

    operations = [migrations.RunPython(fill, empty)]
