import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0007_crossing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="storeddocument",
            name="compared",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("need", "技术需求"), ("output", "科技成果")], max_length=6, verbose_name="类别"
                    ),
                ),
                ("similarity", models.FloatField(verbose_name="相近程度")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待处理"), ("dismissed", "不是重复")],
                        default="open",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="发现时间")),
                ("dismissed_at", models.DateTimeField(blank=True, null=True, verbose_name="排除时间")),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matching.storeddocument"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matching.storeddocument"
                    ),
                ),
            ],
            options={
                "verbose_name": "疑似重复",
                "verbose_name_plural": "疑似重复",
                "indexes": [models.Index(fields=["kind", "state", "-similarity"], name="matching_du_kind_ac770b_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="duplicate_once_per_pair"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="duplicate_pair_is_ordered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dismissed_at", None), ("dismissed_by", None), ("state", "open")),
                            models.Q(
                                ("dismissed_at__isnull", False), ("dismissed_by__isnull", False), ("state", "dismissed")
                            ),
                            _connector="OR",
                        ),
                        name="duplicate_dismissed_has_time_and_person",
                    ),
                ],
            },
        ),
    ]
