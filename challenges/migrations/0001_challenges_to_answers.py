import challenges.bid.models
import challenges.challenge.models
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import needs.files.models
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_people_and_organisations"),
        ("contracts", "0001_contracts_to_outcomes"),
        ("needs", "0001_needs_and_their_disclosure"),
        ("solutions", "0001_entries_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=challenges.bid.models.new_bid_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "已提交"),
                            ("withdrawn", "已撤回"),
                            ("awarded", "中榜"),
                            ("declined", "未中榜"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("label", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="评审编号")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回时间")),
                ("claim_number", models.PositiveIntegerField(blank=True, null=True, verbose_name="抢单次序")),
                ("offered_at", models.DateTimeField(blank=True, null=True, verbose_name="抢得时间")),
                ("refusable_until", models.DateTimeField(blank=True, null=True, verbose_name="确认截止")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("better_bid", "综合评分低于中榜方案"),
                            ("indicators_not_met", "指标不满足"),
                            ("unproven", "技术路线依据不足"),
                            ("too_early", "成熟度不够"),
                            ("plan", "进度或计划不可行"),
                            ("team", "团队或条件不足"),
                            ("price", "报价不合适"),
                            ("ip", "知识产权方案不可接受"),
                            ("not_eligible", "不符合申报条件"),
                            ("claimed_before", "已有单位先行抢单并确认"),
                            ("too_few_bids", "有效揭榜数不足而流标"),
                            ("cancelled", "榜单终止"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="答复原因",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=3000, verbose_name="答复")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="答复时间")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bid",
                        to="contracts.contract",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bids", to="accounts.organisation"
                    ),
                ),
                (
                    "submitted_by",
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
                "verbose_name": "揭榜方案",
                "verbose_name_plural": "揭榜方案",
            },
        ),
        migrations.CreateModel(
            name="BidAttachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.files.models.new_attachment_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        storage=needs.files.models.private_storage,
                        upload_to=needs.files.models.random_name,
                        verbose_name="文件",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="移除时间")),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="challenges.bid"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "附件",
                "verbose_name_plural": "附件",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=challenges.challenge.models.new_challenge_code,
                        max_length=10,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("open_challenge", "揭榜"), ("first_claim", "抢单")],
                        max_length=14,
                        verbose_name="方式",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1, verbose_name="轮次")),
                ("rules", models.TextField(blank=True, max_length=10000, verbose_name="揭榜规则")),
                ("eligibility", models.TextField(blank=True, max_length=5000, verbose_name="申报条件")),
                (
                    "eligible_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("enterprise", "企业"),
                                ("university", "高校"),
                                ("institute", "科研院所"),
                                ("service_provider", "服务商"),
                                ("finance", "金融机构"),
                                ("alliance", "联盟"),
                                ("government", "政府部门"),
                                ("operator", "平台运营方"),
                                ("individual", "个人"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="可揭榜的机构类型",
                    ),
                ),
                (
                    "prize",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="榜额（万元）"
                    ),
                ),
                ("requires_nda", models.BooleanField(default=False, verbose_name="须先签署保密协议")),
                (
                    "shown_to_reviewers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("organisation", "揭榜单位"),
                                ("team", "团队"),
                                ("experts", "专家"),
                                ("solutions", "依托成果"),
                                ("price", "报价"),
                                ("ip_proposal", "知识产权方案"),
                                ("attachments", "附件"),
                            ],
                            max_length=14,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="评审可见内容",
                    ),
                ),
                ("notice_days", models.PositiveSmallIntegerField(default=0, verbose_name="发榜公示期（天）")),
                ("closes_at", models.DateTimeField(blank=True, null=True, verbose_name="截止时间")),
                ("min_bids", models.PositiveSmallIntegerField(default=1, verbose_name="最少有效揭榜数")),
                ("answer_days", models.PositiveSmallIntegerField(default=30, verbose_name="答复期限（截止后天数）")),
                ("result_notice_days", models.PositiveSmallIntegerField(default=0, verbose_name="结果公示期（天）")),
                ("refusal_days", models.PositiveSmallIntegerField(default=5, verbose_name="抢单确认期（天）")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待论证"),
                            ("returned", "论证退回"),
                            ("notice", "公示中"),
                            ("open", "揭榜中"),
                            ("evaluating", "评榜中"),
                            ("awarded", "已定榜"),
                            ("closed", "已结束"),
                            ("failed", "流标"),
                            ("cancelled", "已终止"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="更新时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                ("return_reason", models.TextField(blank=True, max_length=1000, verbose_name="退回原因")),
                ("announced_at", models.DateTimeField(blank=True, null=True, verbose_name="发榜时间")),
                ("notice_until", models.DateTimeField(blank=True, null=True, verbose_name="公示截止")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="开始揭榜时间")),
                ("bidding_closed_at", models.DateTimeField(blank=True, null=True, verbose_name="开标时间")),
                ("answer_by", models.DateTimeField(blank=True, null=True, verbose_name="答复截止")),
                ("answers_overdue_told_at", models.DateTimeField(blank=True, null=True)),
                ("awarded_at", models.DateTimeField(blank=True, null=True, verbose_name="定榜时间")),
                ("award_reason", models.TextField(blank=True, max_length=2000, verbose_name="定榜说明")),
                ("result_notice_until", models.DateTimeField(blank=True, null=True, verbose_name="结果公示截止")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("end_reason", models.TextField(blank=True, max_length=1000, verbose_name="终止或流标原因")),
                (
                    "announced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="challenges", to="needs.need"
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="challenges.challenge",
                        verbose_name="上一轮",
                    ),
                ),
            ],
            options={
                "verbose_name": "榜单",
                "verbose_name_plural": "榜单",
            },
        ),
        migrations.AddField(
            model_name="bid",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bids", to="challenges.challenge"
            ),
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=60, verbose_name="评分项")),
                ("description", models.CharField(blank=True, max_length=500, verbose_name="评分说明")),
                ("weight", models.PositiveSmallIntegerField(verbose_name="权重（%）")),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="criteria", to="challenges.challenge"
                    ),
                ),
            ],
            options={
                "verbose_name": "评分标准",
                "verbose_name_plural": "评分标准",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=20000, verbose_name="纪要")),
                ("ranking", models.JSONField(verbose_name="排名")),
                ("text_hash", models.CharField(max_length=64, verbose_name="校验值（SHA-256）")),
                ("drawn_up_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="形成时间")),
                (
                    "challenge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="minutes", to="challenges.challenge"
                    ),
                ),
                (
                    "drawn_up_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "评审纪要",
                "verbose_name_plural": "评审纪要",
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[("notice", "发榜公示"), ("result", "结果公示")], max_length=6, verbose_name="阶段"
                    ),
                ),
                ("text", models.TextField(max_length=3000, verbose_name="异议内容")),
                ("raised_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待处理"), ("upheld", "成立"), ("dismissed", "不成立")],
                        default="open",
                        max_length=9,
                        verbose_name="处理结果",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=3000, verbose_name="答复")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="处理时间")),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="challenges.challenge",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "异议",
                "verbose_name_plural": "异议",
            },
        ),
        migrations.CreateModel(
            name="Reviewer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("assigned", "待声明"),
                            ("active", "评审中"),
                            ("recused", "已回避"),
                            ("removed", "已撤换"),
                        ],
                        default="assigned",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("assigned_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="指派时间")),
                ("declared_at", models.DateTimeField(blank=True, null=True, verbose_name="声明时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("end_reason", models.CharField(blank=True, max_length=500, verbose_name="回避或撤换原因")),
                (
                    "assigned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviewers", to="challenges.challenge"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "评审人",
                "verbose_name_plural": "评审人",
            },
        ),
        migrations.CreateModel(
            name="Scorecard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "未提交"), ("submitted", "已提交")],
                        default="draft",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=3000, verbose_name="评语")),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="保存时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scorecards", to="challenges.bid"
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scorecards", to="challenges.reviewer"
                    ),
                ),
            ],
            options={
                "verbose_name": "评分表",
                "verbose_name_plural": "评分表",
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("points", models.DecimalField(decimal_places=1, max_digits=4, verbose_name="得分")),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="challenges.criterion"
                    ),
                ),
                (
                    "scorecard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="scores", to="challenges.scorecard"
                    ),
                ),
            ],
            options={
                "verbose_name": "单项得分",
                "verbose_name_plural": "单项得分",
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_hash", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="签署时间")),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="signatures", to="challenges.minutes"
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="challenges.reviewer"
                    ),
                ),
            ],
            options={
                "verbose_name": "签名",
                "verbose_name_plural": "签名",
            },
        ),
        migrations.CreateModel(
            name="Avoidance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("declared_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="声明时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="avoidances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "回避声明",
                "verbose_name_plural": "回避声明",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organisation"), name="avoidance_declared_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=3000, verbose_name="申诉理由")),
                ("raised_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待处理"), ("upheld", "成立"), ("dismissed", "不成立")],
                        default="open",
                        max_length=9,
                        verbose_name="处理结果",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=3000, verbose_name="答复")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="处理时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "bid",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="challenges.bid"
                    ),
                ),
            ],
            options={
                "verbose_name": "申诉",
                "verbose_name_plural": "申诉",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("decided_at", None), ("decided_by", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                models.Q(("answer", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_with_answer",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BidVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("approach", models.TextField(blank=True, max_length=20000, verbose_name="技术路线与实施方案")),
                ("indicator_answers", models.JSONField(blank=True, default=list, verbose_name="指标承诺")),
                ("indicators_asked", models.JSONField(blank=True, null=True, verbose_name="提交时的指标要求")),
                ("team", models.TextField(blank=True, max_length=5000, verbose_name="团队与条件")),
                (
                    "experts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="参与专家",
                    ),
                ),
                ("plan", models.JSONField(blank=True, default=list, verbose_name="计划与里程碑")),
                ("months", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="完成周期（月）")),
                (
                    "price",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="报价（万元）"
                    ),
                ),
                ("ip_proposal", models.TextField(blank=True, max_length=3000, verbose_name="知识产权归属与分享建议")),
                ("unaffiliated", models.BooleanField(default=False, verbose_name="声明与需求方无关联关系")),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="保存时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                (
                    "attachments",
                    models.ManyToManyField(
                        blank=True, related_name="versions", to="challenges.bidattachment", verbose_name="附件"
                    ),
                ),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="challenges.bid"
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "solutions",
                    models.ManyToManyField(
                        blank=True, related_name="bid_versions", to="solutions.solution", verbose_name="依托成果"
                    ),
                ),
            ],
            options={
                "verbose_name": "方案版本",
                "verbose_name_plural": "方案版本",
                "constraints": [
                    models.UniqueConstraint(fields=("bid", "number"), name="bid_version_once_per_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("submitted_at", None)), fields=("bid",), name="bid_one_working_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                        name="bid_version_price_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("indicators_asked__isnull", True), ("submitted_at", None)),
                            models.Q(("indicators_asked__isnull", False), ("submitted_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="bid_version_handed_in_keeps_what_was_asked",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="challenge",
            index=models.Index(fields=["state", "closes_at"], name="challenges__state_526019_idx"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(fields=("need", "round"), name="challenge_once_per_need_and_round"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["closed", "failed", "cancelled"]), _negated=True),
                fields=("need",),
                name="challenge_one_under_way_per_need",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "returned"), _negated=True),
                    models.Q(("return_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="challenge_returned_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("announced_at", None), ("announced_by", None)),
                    models.Q(
                        ("announced_at__isnull", False), ("announced_by__isnull", False), ("closes_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="challenge_announced_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "submitted", "returned", "cancelled"]),
                    ("announced_at__isnull", False),
                    _connector="OR",
                ),
                name="challenge_running_was_announced",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "evaluating"), _negated=True),
                    models.Q(("answer_by__isnull", False), ("bidding_closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="challenge_evaluated_was_unsealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "awarded"), _negated=True), ("awarded_at__isnull", False), _connector="OR"
                ),
                name="challenge_awarded_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["closed", "failed", "cancelled"])),
                    models.Q(
                        models.Q(("state__in", ["closed", "failed", "cancelled"]), _negated=True), ("ended_at", None)
                    ),
                    _connector="OR",
                ),
                name="challenge_ended_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["failed", "cancelled"]), _negated=True),
                    models.Q(("end_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="challenge_failed_or_cancelled_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("previous", None), ("round", 1)),
                    models.Q(("previous__isnull", False), ("round__gt", 1)),
                    _connector="OR",
                ),
                name="challenge_later_round_follows_one",
            ),
        ),
        migrations.AddIndex(
            model_name="bid",
            index=models.Index(fields=["organisation", "-created_at"], name="challenges__organis_189ec7_idx"),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.UniqueConstraint(fields=("challenge", "organisation"), name="bid_one_per_organisation"),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "awarded")), fields=("challenge",), name="bid_one_award_per_challenge"
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.UniqueConstraint(fields=("challenge", "label"), name="bid_label_once_per_challenge"),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.UniqueConstraint(
                fields=("challenge", "claim_number"), name="bid_claim_number_once_per_challenge"
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(("submitted_at__isnull", False), ("submitted_by__isnull", False)),
                    _connector="OR",
                ),
                name="bid_handed_in_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("state__in", ["awarded", "declined"]),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state__in", ["awarded", "declined"]), _negated=True),
                        ("answer", ""),
                        ("answered_at", None),
                        ("answered_by", None),
                        ("reason", ""),
                    ),
                    _connector="OR",
                ),
                name="bid_answered_with_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="bid_declined_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                    models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_at", None)),
                    _connector="OR",
                ),
                name="bid_withdrawn_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gte", 1), ("weight__lte", 100)), name="criterion_weight_is_a_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(fields=("challenge", "name"), name="criterion_once_per_name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="criterion_fixed_once_handed_in",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE challenge_state text;",
                    func="\n                    SELECT state INTO challenge_state FROM challenges_challenge\n                    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.challenge_id ELSE NEW.challenge_id END;\n                    IF challenge_state NOT IN ('draft', 'returned') THEN\n                        RAISE EXCEPTION 'criteria of a challenge are fixed once it is handed in'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'criterion_fixed_once_handed_in';\n                    END IF;\n                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;\n                ",
                    hash="014841259383028c7ae1471c783d9373863f0a52",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_criterion_fixed_once_handed_in_cad2d",
                    table="challenges_criterion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("challenge", "stage", "organisation"),
                name="objection_one_open_per_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("decided_at", None), ("decided_by", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        models.Q(("answer", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="objection_decided_with_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.UniqueConstraint(fields=("challenge", "user"), name="reviewer_once_per_challenge"),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), _negated=True), ("declared_at__isnull", False), _connector="OR"
                ),
                name="reviewer_active_has_declared",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state__in", ["recused", "removed"]),
                        models.Q(("end_reason", ""), _negated=True),
                    ),
                    models.Q(("end_reason", ""), ("ended_at", None), ("state__in", ["assigned", "active"])),
                    _connector="OR",
                ),
                name="reviewer_ended_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.UniqueConstraint(fields=("reviewer", "bid"), name="scorecard_once_per_reviewer_and_bid"),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "draft"), ("submitted_at", None)),
                    models.Q(("state", "submitted"), ("submitted_at__isnull", False)),
                    _connector="OR",
                ),
                name="scorecard_submitted_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(fields=("scorecard", "criterion"), name="score_once_per_criterion"),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gte", Decimal("0")), ("points__lte", Decimal("100"))),
                name="score_between_0_and_100",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(fields=("minutes", "reviewer"), name="signature_once_per_reviewer"),
        ),
    ]
