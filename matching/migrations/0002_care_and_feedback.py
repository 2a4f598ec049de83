"""Follow-ups, complaints and feedback; what a pair is worth on the public text alone."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import matching.models.care


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("matching", "0001_initial"),
        ("needs", "0004_challenge_to_outcome"),
        ("solutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ComplaintEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=5000, verbose_name="内容")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
            ],
            options={
                "verbose_name": "调解记录",
                "verbose_name_plural": "调解记录",
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bid", "参与揭榜"),
                            ("award", "中榜"),
                            ("decline", "未中榜"),
                            ("signed", "签约"),
                            ("accepted", "验收通过"),
                            ("solved", "问题解决"),
                        ],
                        max_length=8,
                        verbose_name="反馈",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="原因")),
                ("source_code", models.CharField(max_length=10, verbose_name="来源编号")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
            ],
            options={
                "verbose_name": "匹配反馈",
                "verbose_name_plural": "匹配反馈",
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("routine", "跟进"), ("revisit", "12 个月回访")],
                        default="routine",
                        max_length=7,
                        verbose_name="类型",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="计划日期")),
                ("topic", models.CharField(blank=True, max_length=200, verbose_name="跟进事项")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("result", models.TextField(blank=True, max_length=3000, verbose_name="结果")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                ("overdue_told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "跟进",
                "verbose_name_plural": "跟进",
            },
        ),
        migrations.AddField(
            model_name="storeddocument",
            name="public_content",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="storeddocument",
            name="public_tokens",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="match",
            name="public_explanation",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="match",
            name="public_grade",
            field=models.CharField(
                blank=True,
                choices=[("high", "高度匹配"), ("good", "较匹配"), ("fair", "可参考")],
                max_length=4,
                verbose_name="公开内容的匹配程度",
            ),
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=matching.models.care.new_complaint_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                ("text", models.TextField(max_length=5000, verbose_name="投诉内容")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待受理"),
                            ("mediating", "调解中"),
                            ("settled", "已和解"),
                            ("dismissed", "不予支持"),
                            ("withdrawn", "已撤回"),
                        ],
                        db_index=True,
                        default="open",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("raised_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                ("outcome", models.TextField(blank=True, max_length=5000, verbose_name="处理结果")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                (
                    "complainant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "投诉",
                "verbose_name_plural": "投诉",
            },
        ),
        migrations.AddField(
            model_name="complaint",
            name="contract",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="complaints", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="match",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="complaints", to="matching.match"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="respondent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="complaintentry",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="complaintentry",
            name="complaint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="matching.complaint"
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="match",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="feedback", to="matching.match"
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="solution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="solutions.solution"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="contract",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="match",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="matching.match"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contract", None), ("match__isnull", False)),
                    models.Q(("contract__isnull", False), ("match", None)),
                    _connector="OR",
                ),
                name="complaint_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None), ("ended_by", None), ("outcome", ""), ("state__in", ["open", "mediating"])
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("state__in", ["settled", "dismissed", "withdrawn"]),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="complaint_ended_with_outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["need", "kind"], name="matching_fe_need_id_ef69e9_idx"),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.UniqueConstraint(
                fields=("source_code", "solution", "kind"), name="feedback_once_per_event"
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "decline"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="feedback_decline_has_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["owner", "done_at", "due_on"], name="matching_fo_owner_i_6056bf_idx"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contract", None), ("match__isnull", False)),
                    models.Q(("contract__isnull", False), ("match", None)),
                    _connector="OR",
                ),
                name="followup_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None), ("result", "")),
                    models.Q(
                        ("done_at__isnull", False), ("done_by__isnull", False), models.Q(("result", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="followup_done_with_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None), ("kind", "routine")),
                fields=("match",),
                name="followup_one_open_per_match",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None)),
                fields=("contract", "kind"),
                name="followup_one_open_per_contract_and_kind",
            ),
        ),
    ]
