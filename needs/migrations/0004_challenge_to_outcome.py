"""From the challenge to the accepted outcome: bids, evaluation, contract; agreements and files of disclosure."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import needs.models.attachment
import needs.models.bid
import needs.models.challenge
import needs.models.contract
import needs.models.disclosure


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("needs", "0003_fill_disclosure_levels"),
        ("solutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "申诉",
                "verbose_name_plural": "申诉",
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.attachment.new_attachment_code,
                        max_length=10,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("public", "公开"),
                            ("verified", "核验机构可见"),
                            ("nda", "签署保密协议后可见"),
                            ("named", "指定机构可见"),
                        ],
                        default="nda",
                        max_length=8,
                        verbose_name="公开范围",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        storage=needs.models.attachment.private_storage,
                        upload_to=needs.models.attachment.random_name,
                        verbose_name="文件",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="移除时间")),
            ],
            options={
                "verbose_name": "附件",
                "verbose_name_plural": "附件",
            },
        ),
        migrations.CreateModel(
            name="Avoidance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("declared_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="声明时间")),
            ],
            options={
                "verbose_name": "回避声明",
                "verbose_name_plural": "回避声明",
            },
        ),
        migrations.CreateModel(
            name="Bid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.bid.new_bid_code, max_length=10, unique=True, verbose_name="编号"
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
            ],
            options={
                "verbose_name": "揭榜方案",
                "verbose_name_plural": "揭榜方案",
            },
        ),
        migrations.CreateModel(
            name="BidVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("approach", models.TextField(blank=True, max_length=20000, verbose_name="技术路线与实施方案")),
                ("indicator_answers", models.JSONField(blank=True, default=list, verbose_name="指标承诺")),
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
            ],
            options={
                "verbose_name": "方案版本",
                "verbose_name_plural": "方案版本",
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.challenge.new_challenge_code,
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
            ],
            options={
                "verbose_name": "榜单",
                "verbose_name_plural": "榜单",
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.contract.new_contract_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="合同名称")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("commissioned_development", "技术开发（委托）合同"),
                            ("joint_development", "技术开发（合作）合同"),
                            ("transfer", "技术转让合同"),
                            ("licence", "技术许可合同"),
                            ("consulting", "技术咨询合同"),
                            ("service", "技术服务合同"),
                        ],
                        max_length=24,
                        verbose_name="合同类型",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="合同金额（万元）"
                    ),
                ),
                (
                    "payment_mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lump_sum", "一次总算、一次总付"),
                            ("instalments", "一次总算、分期支付"),
                            ("royalty", "提成支付"),
                            ("entry_fee_and_royalty", "提成支付附加预付入门费"),
                        ],
                        max_length=21,
                        verbose_name="支付方式",
                    ),
                ),
                (
                    "entry_fee",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="入门费（万元）"
                    ),
                ),
                (
                    "royalty_percent",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="提成比例（%）"
                    ),
                ),
                ("royalty_base", models.CharField(blank=True, max_length=200, verbose_name="提成基数")),
                (
                    "rights_owner",
                    models.CharField(
                        blank=True,
                        choices=[("buyer", "归需求方"), ("supplier", "归研发方"), ("joint", "双方共有")],
                        max_length=8,
                        verbose_name="知识产权归属",
                    ),
                ),
                ("rights_sharing", models.TextField(blank=True, max_length=3000, verbose_name="收益分享约定")),
                ("clauses", models.JSONField(blank=True, default=dict, verbose_name="合同条款")),
                (
                    "funding_order",
                    models.CharField(
                        choices=[
                            ("none", "无财政资助"),
                            ("contract_first", "先签约，后资助立项"),
                            ("funding_first", "先资助立项，后签约"),
                        ],
                        default="none",
                        max_length=14,
                        verbose_name="财政资助与签约次序",
                    ),
                ),
                (
                    "funding_amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="财政资助（万元）"
                    ),
                ),
                ("funding_decided_on", models.DateField(blank=True, null=True, verbose_name="资助立项日期")),
                ("funding_reference", models.CharField(blank=True, max_length=120, verbose_name="资助立项文号")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "起草中"),
                            ("signed", "履行中"),
                            ("rejected", "验收不通过"),
                            ("accepted", "验收通过"),
                            ("solved", "问题已解决"),
                            ("terminated", "已终止"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="更新时间")),
                ("confirmed_hash", models.CharField(blank=True, max_length=64)),
                ("signed_text", models.TextField(blank=True, verbose_name="签约文本")),
                ("buyer_confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="需求方确认时间")),
                ("supplier_confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="研发方确认时间")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="签约时间")),
                ("rejected_at", models.DateTimeField(blank=True, null=True, verbose_name="验收不通过时间")),
                ("reject_reason", models.TextField(blank=True, max_length=2000, verbose_name="验收不通过原因")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="验收时间")),
                ("acceptance_note", models.TextField(blank=True, max_length=5000, verbose_name="验收意见")),
                ("solved_at", models.DateTimeField(blank=True, null=True, verbose_name="确认解决时间")),
                ("terminated_at", models.DateTimeField(blank=True, null=True, verbose_name="终止时间")),
                ("terminate_reason", models.TextField(blank=True, max_length=2000, verbose_name="终止原因")),
            ],
            options={
                "verbose_name": "技术合同",
                "verbose_name_plural": "技术合同",
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=60, verbose_name="评分项")),
                ("description", models.CharField(blank=True, max_length=500, verbose_name="评分说明")),
                ("weight", models.PositiveSmallIntegerField(verbose_name="权重（%）")),
            ],
            options={
                "verbose_name": "评分标准",
                "verbose_name_plural": "评分标准",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DisclosureView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="查看内容"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("page", "网页"), ("api", "接口"), ("download", "下载附件")],
                        max_length=8,
                        verbose_name="渠道",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
            ],
            options={
                "verbose_name": "查阅记录",
                "verbose_name_plural": "查阅记录",
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=120, verbose_name="里程碑")),
                ("deliverable", models.TextField(blank=True, max_length=3000, verbose_name="交付物与验收要求")),
                ("due_on", models.DateField(verbose_name="到期日")),
                (
                    "payment",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="应付款（万元）"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "进行中"),
                            ("delivered", "待验收"),
                            ("returned", "退回整改"),
                            ("accepted", "已通过"),
                        ],
                        default="planned",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="交付时间")),
                ("delivery_note", models.TextField(blank=True, max_length=5000, verbose_name="交付说明")),
                ("return_reason", models.TextField(blank=True, max_length=2000, verbose_name="退回原因")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="通过时间")),
                ("overdue_told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "里程碑",
                "verbose_name_plural": "里程碑",
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
            ],
            options={
                "verbose_name": "评审纪要",
                "verbose_name_plural": "评审纪要",
            },
        ),
        migrations.CreateModel(
            name="NamedOrganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("named_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="指定时间")),
            ],
            options={
                "verbose_name": "指定机构",
                "verbose_name_plural": "指定机构",
            },
        ),
        migrations.CreateModel(
            name="NdaAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.disclosure.new_acceptance_code,
                        max_length=10,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                ("text_version", models.CharField(max_length=20, verbose_name="文本版本")),
                ("text", models.TextField(verbose_name="签署文本")),
                ("text_hash", models.CharField(max_length=64, verbose_name="文本校验值（SHA-256）")),
                ("accepted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="签署时间")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="解除时间")),
                ("revoke_reason", models.CharField(blank=True, max_length=300, verbose_name="解除原因")),
            ],
            options={
                "verbose_name": "保密协议签署记录",
                "verbose_name_plural": "保密协议签署记录",
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
            ],
            options={
                "verbose_name": "异议",
                "verbose_name_plural": "异议",
            },
        ),
        migrations.CreateModel(
            name="OutcomeFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=60, verbose_name="指标")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                ("before", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="实施前")),
                ("after", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="实施后")),
            ],
            options={
                "verbose_name": "成效数据",
                "verbose_name_plural": "成效数据",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("instalment", "合同款"),
                            ("entry_fee", "入门费"),
                            ("royalty", "提成"),
                            ("correction", "更正"),
                        ],
                        max_length=10,
                        verbose_name="款项",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="金额（万元）")),
                ("paid_on", models.DateField(verbose_name="付款日期")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="备注")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间")),
            ],
            options={
                "verbose_name": "付款记录",
                "verbose_name_plural": "付款记录",
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("buyer", "需求方"), ("supplier", "研发方")], max_length=8, verbose_name="评价方"
                    ),
                ),
                ("stars", models.PositiveSmallIntegerField(verbose_name="评分")),
                (
                    "remarks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="评价要点",
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=2000, verbose_name="评价")),
                ("rated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="评价时间")),
            ],
            options={
                "verbose_name": "互评",
                "verbose_name_plural": "互评",
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
            ],
            options={
                "verbose_name": "评审人",
                "verbose_name_plural": "评审人",
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("points", models.DecimalField(decimal_places=1, max_digits=4, verbose_name="得分")),
            ],
            options={
                "verbose_name": "单项得分",
                "verbose_name_plural": "单项得分",
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
            ],
            options={
                "verbose_name": "评分表",
                "verbose_name_plural": "评分表",
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_hash", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="签署时间")),
            ],
            options={
                "verbose_name": "签名",
                "verbose_name_plural": "签名",
            },
        ),
        migrations.CreateModel(
            name="SuccessCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.models.contract.new_case_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("text", models.TextField(max_length=10000, verbose_name="正文")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "待双方确认"), ("published", "已公开")],
                        default="draft",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="撰写时间")),
                ("buyer_approved_at", models.DateTimeField(blank=True, null=True, verbose_name="需求方同意时间")),
                ("supplier_approved_at", models.DateTimeField(blank=True, null=True, verbose_name="研发方同意时间")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="公开时间")),
            ],
            options={
                "verbose_name": "成功案例",
                "verbose_name_plural": "成功案例",
            },
        ),
        migrations.RemoveField(
            model_name="needindicator",
            name="is_public",
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                    models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_at", None)),
                    _connector="OR",
                ),
                name="need_withdrawn_has_time",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="need",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="avoidance",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="avoidance",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="avoidances", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bid",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bid",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bid",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bids", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="bid",
            name="submitted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="bid",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="needs.bid"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="bid",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="needs.bid"
            ),
        ),
        migrations.AddField(
            model_name="bidversion",
            name="attachments",
            field=models.ManyToManyField(
                blank=True, related_name="bid_versions", to="needs.attachment", verbose_name="附件"
            ),
        ),
        migrations.AddField(
            model_name="bidversion",
            name="bid",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="needs.bid"
            ),
        ),
        migrations.AddField(
            model_name="bidversion",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bidversion",
            name="solutions",
            field=models.ManyToManyField(
                blank=True, related_name="bid_versions", to="solutions.solution", verbose_name="依托成果"
            ),
        ),
        migrations.AddField(
            model_name="challenge",
            name="announced_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="challenge",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="challenge",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="challenges", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="challenge",
            name="previous",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="next",
                to="needs.challenge",
                verbose_name="上一轮",
            ),
        ),
        migrations.AddField(
            model_name="bid",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bids", to="needs.challenge"
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="bid",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contract",
                to="needs.bid",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="buyer_confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="solution",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="solutions.solution",
                verbose_name="依托成果",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="solved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="supplier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts_supplied",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="supplier_confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="contract",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="criteria", to="needs.challenge"
            ),
        ),
        migrations.AddField(
            model_name="disclosureview",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="disclosure_views", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="disclosureview",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="milestones", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="delivered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="milestone",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="needs.milestone"
            ),
        ),
        migrations.AddField(
            model_name="minutes",
            name="challenge",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="minutes", to="needs.challenge"
            ),
        ),
        migrations.AddField(
            model_name="minutes",
            name="drawn_up_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="namedorganisation",
            name="named_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="namedorganisation",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="named_organisations", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="namedorganisation",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="ndaacceptance",
            name="accepted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ndaacceptance",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="nda_acceptances", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="ndaacceptance",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="nda_acceptances", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="ndaacceptance",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="needs.challenge"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="outcomefigure",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="figures", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="outcomefigure",
            name="evidence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="needs.attachment",
                verbose_name="证明材料",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="milestone",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="needs.milestone",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="rated_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="assigned_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviewers", to="needs.challenge"
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="criterion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="needs.criterion"
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="bid",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scorecards", to="needs.bid"
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scorecards", to="needs.reviewer"
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="scorecard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="scores", to="needs.scorecard"
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="minutes",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="signatures", to="needs.minutes"
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="needs.reviewer"
            ),
        ),
        migrations.AddField(
            model_name="successcase",
            name="contract",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="case", to="needs.contract"
            ),
        ),
        migrations.AddField(
            model_name="successcase",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="avoidance",
            constraint=models.UniqueConstraint(fields=("user", "organisation"), name="avoidance_declared_once"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
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
                name="appeal_decided_with_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="bidversion",
            constraint=models.UniqueConstraint(fields=("bid", "number"), name="bid_version_once_per_number"),
        ),
        migrations.AddConstraint(
            model_name="bidversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("submitted_at", None)), fields=("bid",), name="bid_one_working_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="bidversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                name="bid_version_price_not_negative",
            ),
        ),
        migrations.AddIndex(
            model_name="challenge",
            index=models.Index(fields=["state", "closes_at"], name="needs_chall_state_a398a5_idx"),
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
            index=models.Index(fields=["organisation", "-created_at"], name="needs_bid_organis_5484cb_idx"),
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
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["supplier", "-created_at"], name="needs_contr_supplie_c09b17_idx"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["state", "-signed_at"], name="needs_contr_state_96fb68_idx"),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "terminated"), _negated=True),
                fields=("need", "supplier"),
                name="contract_one_per_need_and_supplier",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("buyer_confirmed_at", None), ("buyer_confirmed_by", None)),
                    models.Q(("buyer_confirmed_at__isnull", False), ("buyer_confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="contract_buyer_confirmed_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("supplier_confirmed_at", None), ("supplier_confirmed_by", None)),
                    models.Q(("supplier_confirmed_at__isnull", False), ("supplier_confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="contract_supplier_confirmed_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "terminated"]),
                    models.Q(
                        ("buyer_confirmed_at__isnull", False),
                        ("kind__gt", ""),
                        ("payment_mode__gt", ""),
                        ("rights_owner__gt", ""),
                        ("signed_at__isnull", False),
                        ("supplier_confirmed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="contract_signed_by_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "terminated"]),
                    models.Q(("funding_order", "funding_first"), _negated=True),
                    ("funding_decided_on__isnull", False),
                    _connector="OR",
                ),
                name="contract_funded_before_signing_where_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "rejected"), _negated=True),
                    models.Q(("reject_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="contract_rejected_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                        ("state__in", ["accepted", "solved"]),
                    ),
                    models.Q(
                        models.Q(("state__in", ["accepted", "solved"]), _negated=True),
                        ("accepted_at", None),
                        ("accepted_by", None),
                    ),
                    _connector="OR",
                ),
                name="contract_accepted_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("solved_at__isnull", False), ("solved_by__isnull", False), ("state", "solved")),
                    models.Q(models.Q(("state", "solved"), _negated=True), ("solved_at", None), ("solved_by", None)),
                    _connector="OR",
                ),
                name="contract_solved_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "terminated"),
                        ("terminated_at__isnull", False),
                        models.Q(("terminate_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "terminated"), _negated=True),
                        ("terminate_reason", ""),
                        ("terminated_at", None),
                    ),
                    _connector="OR",
                ),
                name="contract_terminated_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                    models.Q(("entry_fee", None), ("entry_fee__gte", 0), _connector="OR"),
                    models.Q(("funding_amount", None), ("funding_amount__gte", 0), _connector="OR"),
                    models.Q(
                        ("royalty_percent", None),
                        models.Q(("royalty_percent__gt", 0), ("royalty_percent__lte", 100)),
                        _connector="OR",
                    ),
                ),
                name="contract_money_not_negative",
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
        migrations.AddIndex(
            model_name="disclosureview",
            index=models.Index(fields=["need", "-at"], name="needs_discl_need_id_be7cea_idx"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(fields=("contract", "position"), name="milestone_once_per_position"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "planned"),
                    models.Q(("delivered_at__isnull", False), ("delivered_by__isnull", False)),
                    _connector="OR",
                ),
                name="milestone_delivered_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "returned"), _negated=True),
                    models.Q(("return_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="milestone_returned_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False), ("state", "accepted")),
                    models.Q(
                        models.Q(("state", "accepted"), _negated=True), ("accepted_at", None), ("accepted_by", None)
                    ),
                    _connector="OR",
                ),
                name="milestone_accepted_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment", None), ("payment__gte", 0), _connector="OR"),
                name="milestone_payment_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bid", None), ("contract", None), ("milestone", None), ("need__isnull", False)),
                    models.Q(("bid__isnull", False), ("contract", None), ("milestone", None), ("need", None)),
                    models.Q(("bid", None), ("contract", None), ("milestone__isnull", False), ("need", None)),
                    models.Q(("bid", None), ("contract__isnull", False), ("milestone", None), ("need", None)),
                    _connector="OR",
                ),
                name="attachment_belongs_to_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="namedorganisation",
            constraint=models.UniqueConstraint(
                fields=("need", "organisation"), name="named_once_per_need_and_organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="ndaacceptance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("need", "organisation"),
                name="nda_one_in_force_per_need_and_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="ndaacceptance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at", None), ("revoked_by", None)),
                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                    _connector="OR",
                ),
                name="nda_revoked_at_with_by",
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
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    models.Q(
                        ("kind", "correction"),
                        models.Q(("amount", 0), _negated=True),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="payment_positive_but_corrections",
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(fields=("contract", "side"), name="rating_once_per_side"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("stars__gte", 1), ("stars__lte", 5)), name="rating_one_to_five"
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
        migrations.AddConstraint(
            model_name="successcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("state", "draft")),
                    models.Q(
                        ("buyer_approved_at__isnull", False),
                        ("published_at__isnull", False),
                        ("state", "published"),
                        ("supplier_approved_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="case_public_only_when_both_agreed",
            ),
        ),
    ]
