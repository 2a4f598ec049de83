"""What a rematch writes costs less to write."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A row is written again when people are told of it. Beside the table, not packed, its explanation stays where it is; and
# with room on the page no index hears of it.
LAY_OUT = """
ALTER TABLE matching_match SET (fillfactor = 60);
ALTER TABLE matching_match ALTER explanation SET STORAGE EXTERNAL, ALTER public_explanation SET STORAGE EXTERNAL;
"""
AS_BEFORE = """
ALTER TABLE matching_match RESET (fillfactor);
ALTER TABLE matching_match ALTER explanation SET STORAGE EXTENDED, ALTER public_explanation SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0010_decisions_taken_back"),
        ("needs", "0009_wants_crossing"),
        ("solutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(LAY_OUT, AS_BEFORE),
        migrations.AlterField(
            model_name="match",
            name="buyer_answered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="need",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="needs.need"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="review",
            field=models.CharField(
                choices=[("unreviewed", "未审核"), ("confirmed", "已确认"), ("rejected", "已排除")],
                default="unreviewed",
                max_length=10,
                verbose_name="审核",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="solution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="solutions.solution",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="supplier_answered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
