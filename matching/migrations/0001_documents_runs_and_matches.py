import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import matching.matches.models
import matching.runs.models
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("needs", "0001_needs_and_their_disclosure"),
        ("solutions", "0001_entries_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Match",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=matching.matches.models.new_match_code, max_length=12, unique=True, verbose_name="编号"
                    ),
                ),
                ("score", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="得分")),
                (
                    "grade",
                    models.CharField(
                        choices=[("high", "高度匹配"), ("good", "较匹配"), ("fair", "可参考")],
                        max_length=4,
                        verbose_name="匹配程度",
                    ),
                ),
                ("explanation", models.JSONField()),
                ("is_current", models.BooleanField(default=True)),
                (
                    "public_grade",
                    models.CharField(
                        blank=True,
                        choices=[("high", "高度匹配"), ("good", "较匹配"), ("fair", "可参考")],
                        max_length=4,
                        verbose_name="公开内容的匹配程度",
                    ),
                ),
                ("public_explanation", models.JSONField(blank=True, null=True)),
                ("is_crossing", models.BooleanField(default=False, verbose_name="跨领域")),
                ("is_publicly_crossing", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="首次出现")),
                ("scored_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="评分时间")),
                (
                    "told_buyer",
                    models.CharField(
                        blank=True, choices=[("high", "高度匹配"), ("good", "较匹配"), ("fair", "可参考")], max_length=4
                    ),
                ),
                (
                    "told_supplier",
                    models.CharField(
                        blank=True, choices=[("high", "高度匹配"), ("good", "较匹配"), ("fair", "可参考")], max_length=4
                    ),
                ),
                (
                    "review",
                    models.CharField(
                        choices=[("unreviewed", "未审核"), ("confirmed", "已确认"), ("rejected", "已排除")],
                        default="unreviewed",
                        max_length=10,
                        verbose_name="审核",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="审核时间")),
                (
                    "reject_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("off_topic", "方向不符"),
                            ("indicators_not_met", "指标不满足"),
                            ("too_early", "成熟度不够"),
                            ("benefit_unclear", "效益不明确"),
                            ("description_unclear", "描述不清楚"),
                            ("price", "价格不合适"),
                            ("region", "地域不便"),
                            ("rights_unclear", "权属不清"),
                            ("already_in_contact", "已有联系"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="排除原因",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="确认并邀请时间")),
                (
                    "buyer_answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "未反馈"), ("interested", "感兴趣"), ("not_suitable", "不合适")],
                        default="",
                        max_length=12,
                        verbose_name="企业反馈",
                    ),
                ),
                ("buyer_answered_at", models.DateTimeField(blank=True, null=True, verbose_name="企业反馈时间")),
                (
                    "buyer_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("off_topic", "方向不符"),
                            ("indicators_not_met", "指标不满足"),
                            ("too_early", "成熟度不够"),
                            ("benefit_unclear", "效益不明确"),
                            ("description_unclear", "描述不清楚"),
                            ("price", "价格不合适"),
                            ("region", "地域不便"),
                            ("rights_unclear", "权属不清"),
                            ("already_in_contact", "已有联系"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="不合适的原因",
                    ),
                ),
                (
                    "supplier_answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "未反馈"), ("interested", "愿意对接"), ("not_now", "暂不对接")],
                        default="",
                        max_length=12,
                        verbose_name="供方反馈",
                    ),
                ),
                ("supplier_answered_at", models.DateTimeField(blank=True, null=True, verbose_name="供方反馈时间")),
                ("contacted_at", models.DateTimeField(blank=True, null=True, verbose_name="首次接触时间")),
                (
                    "buyer_answered_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="needs.need",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "solution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="solutions.solution",
                    ),
                ),
                (
                    "supplier_answered_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "匹配",
                "verbose_name_plural": "匹配",
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
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="needs.need"
                    ),
                ),
                (
                    "solution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="solutions.solution"
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="feedback",
                        to="matching.match",
                    ),
                ),
            ],
            options={
                "verbose_name": "匹配反馈",
                "verbose_name_plural": "匹配反馈",
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=matching.runs.models.new_run_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("need_submitted", "需求提交"),
                            ("need_published", "需求发布"),
                            ("need_changed", "需求修改"),
                            ("solution_published", "成果发布"),
                            ("solution_changed", "成果修改"),
                            ("rematch", "全量重算"),
                            ("share", "全量重算的一部分"),
                        ],
                        max_length=20,
                        verbose_name="触发原因",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "排队中"), ("running", "计算中"), ("done", "已完成"), ("failed", "失败")],
                        db_index=True,
                        default="queued",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("waiting", "等待计算"),
                            ("reading", "读取与分词"),
                            ("retrieving", "检索候选"),
                            ("scoring", "逐项评分"),
                            ("writing", "写入结果"),
                            ("finished", "完成"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="阶段",
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0, verbose_name="进度（%）")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="尝试次数")),
                ("timings", models.JSONField(default=dict, verbose_name="各阶段用时")),
                ("counts", models.JSONField(default=dict, verbose_name="数量")),
                ("engine_version", models.CharField(blank=True, max_length=40, verbose_name="引擎版本")),
                ("error", models.TextField(blank=True, verbose_name="错误")),
                ("snapshot", models.CharField(blank=True, max_length=16)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True, verbose_name="最近活动")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("needs", models.ManyToManyField(related_name="match_runs", to="needs.need", verbose_name="需求")),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="matching.matchrun",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "solutions",
                    models.ManyToManyField(related_name="match_runs", to="solutions.solution", verbose_name="成果"),
                ),
            ],
            options={
                "verbose_name": "匹配任务",
                "verbose_name_plural": "匹配任务",
            },
        ),
        migrations.AddField(
            model_name="match",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="matching.matchrun"
            ),
        ),
        migrations.CreateModel(
            name="StoredDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=10, unique=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("terms", models.BinaryField()),
                ("tokens", models.JSONField(null=True)),
                ("public_content", models.JSONField(null=True)),
                ("public_terms", models.BinaryField(null=True)),
                ("public_tokens", models.JSONField(null=True)),
                ("search_vector", django.contrib.postgres.search.SearchVectorField()),
                ("embedding", models.BinaryField(null=True)),
                ("embedding_model", models.CharField(blank=True, max_length=100)),
                ("is_active", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("compared", models.CharField(blank=True, max_length=64)),
                (
                    "need",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="document", to="needs.need"
                    ),
                ),
                (
                    "solution",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="document",
                        to="solutions.solution",
                    ),
                ),
            ],
            options={
                "verbose_name": "检索文档",
                "verbose_name_plural": "检索文档",
            },
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
            },
        ),
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
                            ("taken_back", "中榜或未中榜已撤回"),
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
        pgtrigger.migrations.AddTrigger(
            model_name="judgement",
            trigger=pgtrigger.compiler.Trigger(
                name="judgement_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    RAISE EXCEPTION 'a judgement is added to, never rewritten'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'judgement_stays';\n                ",
                    hash="fcb414b67bd509502fc5b238e641f68c516a504f",
                    operation="UPDATE",
                    pgid="pgtrigger_judgement_stays_a02da",
                    table="matching_judgement",
                    when="BEFORE",
                ),
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
            model_name="matchrun",
            index=models.Index(fields=["-created_at"], name="matching_ma_created_1c0ddf_idx"),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__lte", 100)), name="run_progress_is_a_percentage"
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                    models.Q(("finished_at", None), ("state__in", ["queued", "running"])),
                    _connector="OR",
                ),
                name="run_ended_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="run_failed_has_error",
            ),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["need", "-score"], name="matching_ma_need_id_91efe9_idx"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["solution", "-score"], name="matching_ma_solutio_a42f60_idx"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["review", "-scored_at"], name="matching_ma_review_a3ea94_idx"),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(fields=("need", "solution"), name="match_once_per_pair"),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("review", "unreviewed"), ("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(
                        ("review__in", ["confirmed", "rejected"]),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="match_reviewed_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("review", "rejected"), models.Q(("reject_reason", ""), _negated=True)),
                    models.Q(models.Q(("review", "rejected"), _negated=True), ("reject_reason", "")),
                    _connector="OR",
                ),
                name="match_rejected_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", False), ("review", "confirmed")),
                    models.Q(models.Q(("review", "confirmed"), _negated=True), ("confirmed_at", None)),
                    _connector="OR",
                ),
                name="match_confirmed_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("buyer_answer", ""), ("buyer_answered_at", None), ("buyer_answered_by", None)),
                    models.Q(
                        models.Q(("buyer_answer", ""), _negated=True),
                        ("buyer_answered_at__isnull", False),
                        ("buyer_answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="match_buyer_answer_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("buyer_answer", "not_suitable"), models.Q(("buyer_reason", ""), _negated=True)),
                    models.Q(models.Q(("buyer_answer", "not_suitable"), _negated=True), ("buyer_reason", "")),
                    _connector="OR",
                ),
                name="match_not_suitable_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("supplier_answer", ""), ("supplier_answered_at", None), ("supplier_answered_by", None)),
                    models.Q(
                        models.Q(("supplier_answer", ""), _negated=True),
                        ("supplier_answered_at__isnull", False),
                        ("supplier_answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="match_supplier_answer_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contacted_at", None),
                    models.Q(
                        ("buyer_answer", "interested"), ("review", "confirmed"), ("supplier_answer", "interested")
                    ),
                    _connector="OR",
                ),
                name="match_contact_needs_two_yes",
            ),
        ),
        migrations.AddIndex(
            model_name="storeddocument",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="document_search_vector"),
        ),
        migrations.AddConstraint(
            model_name="storeddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("need__isnull", True), ("solution__isnull", True), _connector="XOR"),
                name="document_is_of_one_thing",
            ),
        ),
        migrations.AddIndex(
            model_name="duplicate",
            index=models.Index(fields=["kind", "state", "-similarity"], name="matching_du_kind_ac770b_idx"),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="duplicate_once_per_pair"),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="duplicate_pair_is_ordered"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dismissed_at", None), ("dismissed_by", None), ("state", "open")),
                    models.Q(("dismissed_at__isnull", False), ("dismissed_by__isnull", False), ("state", "dismissed")),
                    _connector="OR",
                ),
                name="duplicate_dismissed_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="weighting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")), fields=("state",), name="weighting_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="weighting",
            constraint=models.UniqueConstraint(fields=("engine", "judgements"), name="weighting_once_per_evidence"),
        ),
        migrations.AddConstraint(
            model_name="weighting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("promoted_at__isnull", False), ("state__in", ["active", "retired"]), ("verdict", "promoted")
                    ),
                    models.Q(("promoted_at", None), ("state__in", ["candidate", "rejected"])),
                    _connector="OR",
                ),
                name="weighting_used_was_promoted",
            ),
        ),
        migrations.AddConstraint(
            model_name="weighting",
            constraint=models.CheckConstraint(
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
        ),
    ]
