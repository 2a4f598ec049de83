"""Decisions as they were judged, the weights learnt from them; the database refuses to rewrite a decision."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

CREATE = """
CREATE FUNCTION matching_judgements_stay() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a judgement is added to, never rewritten'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'judgement_stays';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER judgement_stays BEFORE UPDATE ON matching_judgement
FOR EACH ROW EXECUTE FUNCTION matching_judgements_stay();
"""
DROP = """
DROP TRIGGER judgement_stays ON matching_judgement;
DROP FUNCTION matching_judgements_stay();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0005_documents_hold_terms"),
        ("needs", "0005_criteria_are_fixed"),
        ("solutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("confirmed", "运营方确认"),
                            ("rejected", "运营方排除"),
                            ("interested", "企业感兴趣"),
                            ("not_suitable", "企业认为不合适"),
                            ("offered", "成果方愿意对接"),
                            ("not_now", "成果方暂不对接"),
                            ("bid", "参与揭榜"),
                            ("award", "中榜"),
                            ("decline", "未中榜"),
                            ("signed", "签约"),
                            ("accepted", "验收通过"),
                            ("solved", "问题解决"),
                        ],
                        max_length=12,
                        verbose_name="决定",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="原因")),
                ("features", models.JSONField(null=True)),
                ("engine", models.CharField(blank=True, max_length=40, verbose_name="引擎版本")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="judgements", to="needs.need"
                    ),
                ),
                (
                    "solution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="judgements", to="solutions.solution"
                    ),
                ),
            ],
            options={
                "verbose_name": "决定",
                "verbose_name_plural": "决定",
                "indexes": [models.Index(fields=["engine", "at"], name="matching_ju_engine_993ce3_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("engine", ""), ("features", None)),
                            models.Q(("features__isnull", False), models.Q(("engine", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="judgement_features_are_of_an_engine",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Weighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("candidate", "待检验"),
                            ("active", "使用中"),
                            ("retired", "已停用"),
                            ("rejected", "未采用"),
                        ],
                        db_index=True,
                        default="candidate",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("promoted", "在没见过的和后来的需求上都更好，已采用"),
                            ("not_better", "没有证据表明更好，不采用"),
                            ("too_few", "决定还太少，没有检验"),
                            ("too_little_new", "上次检验以来新的决定太少，没有再检验"),
                        ],
                        max_length=14,
                        verbose_name="结论",
                    ),
                ),
                ("engine", models.CharField(max_length=40, verbose_name="引擎版本")),
                ("points", models.JSONField(verbose_name="各项分值")),
                ("zero_score", models.FloatField()),
                ("full_score", models.FloatField()),
                ("trained_at", models.DateTimeField(verbose_name="训练时间")),
                ("judgements", models.PositiveIntegerField(verbose_name="决定数")),
                ("examples", models.PositiveIntegerField(verbose_name="样本数")),
                ("needs", models.PositiveIntegerField(verbose_name="需求数")),
                ("level", models.FloatField(verbose_name="检验水平")),
                ("figures", models.JSONField(default=dict, verbose_name="检验结果")),
                ("promoted_at", models.DateTimeField(blank=True, null=True, verbose_name="采用时间")),
                ("rolled_back_at", models.DateTimeField(blank=True, null=True, verbose_name="回退时间")),
                ("rolled_back_reason", models.TextField(blank=True, max_length=2000, verbose_name="回退原因")),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matching.weighting",
                    ),
                ),
                (
                    "rolled_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "权重版本",
                "verbose_name_plural": "权重版本",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("state",), name="weighting_one_active"
                    ),
                    models.UniqueConstraint(fields=("engine", "judgements"), name="weighting_once_per_evidence"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("promoted_at__isnull", False),
                                ("state__in", ["active", "retired"]),
                                ("verdict", "promoted"),
                            ),
                            models.Q(("promoted_at", None), ("state__in", ["candidate", "rejected"])),
                            _connector="OR",
                        ),
                        name="weighting_used_was_promoted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rolled_back_at", None), ("rolled_back_by", None), ("rolled_back_reason", "")),
                            models.Q(
                                ("rolled_back_at__isnull", False),
                                ("rolled_back_by__isnull", False),
                                ("state", "retired"),
                                models.Q(("rolled_back_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="weighting_rolled_back_by_somebody_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
