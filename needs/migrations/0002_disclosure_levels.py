"""What of a need is shown to whom, and when it was withdrawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="need",
            name="disclosure",
            field=models.JSONField(blank=True, default=dict, verbose_name="公开范围"),
        ),
        migrations.AddField(
            model_name="need",
            name="usual_search_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="以往寻找同类技术用时（天）"),
        ),
        migrations.AddField(
            model_name="need",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
        ),
        migrations.AddField(
            model_name="needindicator",
            name="level",
            field=models.CharField(
                choices=[
                    ("public", "公开"),
                    ("verified", "核验机构可见"),
                    ("nda", "签署保密协议后可见"),
                    ("named", "指定机构可见"),
                ],
                default="public",
                max_length=8,
                verbose_name="公开范围",
            ),
        ),
    ]
