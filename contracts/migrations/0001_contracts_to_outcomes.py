import contracts.contract.models
import contracts.outcome.models
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import needs.files.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_people_and_organisations"),
        ("needs", "0001_needs_and_their_disclosure"),
        ("solutions", "0001_entries_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=contracts.contract.models.new_contract_code,
                        max_length=10,
                        unique=True,
                        verbose_name="编号",
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
                ("buyer_confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="需求方确认时间")),
                ("supplier_confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="研发方确认时间")),
                ("signed_text", models.TextField(blank=True, verbose_name="签约文本")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="签约时间")),
                ("rejected_at", models.DateTimeField(blank=True, null=True, verbose_name="验收不通过时间")),
                ("reject_reason", models.TextField(blank=True, max_length=2000, verbose_name="验收不通过原因")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="验收时间")),
                ("acceptance_note", models.TextField(blank=True, max_length=5000, verbose_name="验收意见")),
                ("solved_at", models.DateTimeField(blank=True, null=True, verbose_name="确认解决时间")),
                ("terminated_at", models.DateTimeField(blank=True, null=True, verbose_name="终止时间")),
                ("terminate_reason", models.TextField(blank=True, max_length=2000, verbose_name="终止原因")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "buyer_confirmed_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="needs.need"
                    ),
                ),
                (
                    "solution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="solutions.solution",
                        verbose_name="依托成果",
                    ),
                ),
                (
                    "solved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts_supplied",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "supplier_confirmed_by",
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
                "verbose_name": "技术合同",
                "verbose_name_plural": "技术合同",
            },
        ),
        migrations.CreateModel(
            name="ContractAttachment",
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
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="contracts.contract"
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
                (
                    "accepted_by",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="milestones", to="contracts.contract"
                    ),
                ),
                (
                    "delivered_by",
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
                "verbose_name": "里程碑",
                "verbose_name_plural": "里程碑",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="MilestoneAttachment",
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
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="contracts.milestone",
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
            name="OutcomeFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=60, verbose_name="指标")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                ("before", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="实施前")),
                ("after", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="实施后")),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="figures", to="contracts.contract"
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="contracts.contractattachment",
                        verbose_name="证明材料",
                    ),
                ),
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
                (
                    "corrects",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("instalment", "合同款"),
                            ("entry_fee", "入门费"),
                            ("royalty", "提成"),
                            ("correction", "更正"),
                        ],
                        max_length=10,
                        verbose_name="更正的款项",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="金额（万元）")),
                ("paid_on", models.DateField(verbose_name="付款日期")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="备注")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间")),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="contracts.contract"
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="contracts.milestone",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="contracts.contract"
                    ),
                ),
                (
                    "rated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "互评",
                "verbose_name_plural": "互评",
            },
        ),
        migrations.CreateModel(
            name="SuccessCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=contracts.outcome.models.new_case_code, max_length=10, unique=True, verbose_name="编号"
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
                (
                    "contract",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="case", to="contracts.contract"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "成功案例",
                "verbose_name_plural": "成功案例",
            },
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["supplier", "-created_at"], name="contracts_c_supplie_31bd2e_idx"),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["state", "-signed_at"], name="contracts_c_state_199bc2_idx"),
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
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects__in", ["instalment", "entry_fee", "royalty"]), ("kind", "correction")),
                    models.Q(models.Q(("kind", "correction"), _negated=True), ("corrects", "")),
                    _connector="OR",
                ),
                name="payment_correction_says_of_what",
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
