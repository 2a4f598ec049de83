import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import needs.disclosure.models
import needs.files.models
import needs.need.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_people_and_organisations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Need",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.need.models.new_need_code, max_length=10, unique=True, verbose_name="编号"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="需求名称")),
                (
                    "need_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("key_technology", "关键核心技术攻关"),
                            ("key_component", "关键零部件"),
                            ("new_product", "新产品研发"),
                            ("process_improvement", "生产工艺改进"),
                            ("technical_upgrade", "技术改造"),
                            ("technical_support", "技术配套"),
                            ("inspection", "检验检测"),
                            ("expert_consulting", "专家咨询"),
                        ],
                        max_length=24,
                        verbose_name="需求类型",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=3, verbose_name="所属行业")),
                ("technical_field", models.CharField(blank=True, max_length=60, verbose_name="技术领域")),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="关键词",
                    ),
                ),
                ("background", models.TextField(blank=True, max_length=20000, verbose_name="背景与现状")),
                ("difficulty", models.TextField(blank=True, max_length=20000, verbose_name="主要技术难点")),
                ("tried", models.TextField(blank=True, max_length=5000, verbose_name="已尝试过的方案（不需要什么）")),
                ("benchmark", models.TextField(blank=True, max_length=2000, verbose_name="对标水平")),
                ("trl_min", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="期望成熟度（TRL）")),
                (
                    "budget_min",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="预算下限（万元）"
                    ),
                ),
                (
                    "budget_max",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="预算上限（万元）"
                    ),
                ),
                ("months", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="期望完成时间（月）")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                (
                    "cooperation_modes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("lecture", "讲学"),
                                ("training", "培训"),
                                ("diagnosis", "诊断指导"),
                                ("transfer", "技术转让"),
                                ("licence", "技术许可"),
                                ("equity", "作价入股"),
                                ("joint_development", "联合开发"),
                                ("commissioned_development", "委托研发"),
                                ("joint_entity", "共建实体"),
                                ("long_term_service", "长期服务"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="合作方式",
                    ),
                ),
                ("region_code", models.CharField(blank=True, max_length=6, verbose_name="所在地区")),
                ("prefers_local", models.BooleanField(default=False, verbose_name="同等条件下优先本地")),
                ("wants_crossing", models.BooleanField(default=True, verbose_name="为跨领域成果保留一个位置")),
                ("disclosure", models.JSONField(blank=True, default=dict, verbose_name="公开范围")),
                (
                    "usual_search_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="以往寻找同类技术用时（天）"),
                ),
                ("contact_name", models.CharField(blank=True, max_length=40, verbose_name="联系人")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待审核"),
                            ("returned", "已退回"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                            ("closed", "已关闭"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("declared_at", models.DateTimeField(blank=True, null=True, verbose_name="非涉密承诺时间")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="内容更新时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="首次提交时间")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="首次发布时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="关闭时间")),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved_here", "已通过本平台找到解决方案"),
                            ("solved_elsewhere", "已通过其他途径解决"),
                            ("cancelled", "项目取消或计划变更"),
                            ("expired", "超过有效期"),
                        ],
                        max_length=20,
                        verbose_name="关闭原因",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="审核时间")),
                ("return_reason", models.TextField(blank=True, max_length=1000, verbose_name="退回原因")),
                ("submission_key", models.UUIDField(blank=True, editable=False, null=True)),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="来源")),
                ("external_id", models.CharField(blank=True, max_length=80, verbose_name="来源编号")),
                ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="导入时间")),
                (
                    "caretaker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs_cared_for",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="服务专员",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "declared_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="needs", to="accounts.organisation"
                    ),
                ),
                (
                    "reviewed_by",
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
                "verbose_name": "技术需求",
                "verbose_name_plural": "技术需求",
            },
            bases=(needs.need.models.NeedProperties, models.Model),
        ),
        migrations.CreateModel(
            name="NdaAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=needs.disclosure.models.new_acceptance_code,
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
                (
                    "accepted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nda_acceptances",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="nda_acceptances", to="needs.need"
                    ),
                ),
            ],
            options={
                "verbose_name": "保密协议签署记录",
                "verbose_name_plural": "保密协议签署记录",
            },
        ),
        migrations.CreateModel(
            name="NamedOrganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("named_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="指定时间")),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="named_organisations", to="needs.need"
                    ),
                ),
            ],
            options={
                "verbose_name": "指定机构",
                "verbose_name_plural": "指定机构",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="disclosure_views", to="needs.need"
                    ),
                ),
            ],
            options={
                "verbose_name": "查阅记录",
                "verbose_name_plural": "查阅记录",
            },
        ),
        migrations.CreateModel(
            name="NeedAttachment",
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
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="needs.need"
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
            name="NeedIndicator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("name", models.CharField(max_length=60, verbose_name="指标名称")),
                (
                    "comparison",
                    models.CharField(
                        choices=[("ge", "≥"), ("le", "≤"), ("eq", "="), ("range", "区间")],
                        max_length=5,
                        verbose_name="比较",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="数值")),
                (
                    "value_max",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True, verbose_name="上限"),
                ),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                ("condition", models.CharField(blank=True, max_length=120, verbose_name="测试条件")),
                (
                    "necessity",
                    models.CharField(
                        choices=[("must", "必达"), ("wish", "期望")],
                        default="must",
                        max_length=4,
                        verbose_name="必达/期望",
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
                        default="public",
                        max_length=8,
                        verbose_name="公开范围",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="indicators", to="needs.need"
                    ),
                ),
            ],
            options={
                "verbose_name": "指标要求",
                "verbose_name_plural": "指标要求",
                "ordering": ["position", "pk"],
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["state", "-published_at"], name="needs_need_state_a9616e_idx"),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["organisation", "-changed_at"], name="needs_need_organis_768571_idx"),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("source", "external_id"),
                name="need_once_per_source_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.UniqueConstraint(
                fields=("created_by", "submission_key"), name="need_once_per_person_and_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("declared_at", None), ("declared_by", None)),
                    models.Q(("declared_at__isnull", False), ("declared_by__isnull", False)),
                    _connector="OR",
                ),
                name="need_declared_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "returned", "withdrawn"]),
                    models.Q(
                        ("caretaker__isnull", False), ("declared_at__isnull", False), ("submitted_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="need_submitted_only_when_declared_non_secret",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["published", "closed"]), _negated=True),
                    models.Q(("published_at__isnull", False), ("reviewed_at__isnull", False)),
                    _connector="OR",
                ),
                name="need_published_has_been_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "returned"), _negated=True),
                    models.Q(("return_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="need_returned_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False), ("state", "closed"), models.Q(("close_reason", ""), _negated=True)
                    ),
                    models.Q(models.Q(("state", "closed"), _negated=True), ("close_reason", ""), ("closed_at", None)),
                    _connector="OR",
                ),
                name="need_closed_at_with_reason",
            ),
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
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("budget_min", None), ("budget_min__gte", 0), _connector="OR"),
                    models.Q(("budget_max", None), ("budget_max__gte", 0), _connector="OR"),
                    models.Q(
                        ("budget_min", None),
                        ("budget_max", None),
                        ("budget_min__lte", models.F("budget_max")),
                        _connector="OR",
                    ),
                ),
                name="need_budget_is_a_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trl_min", None), models.Q(("trl_min__gte", 1), ("trl_min__lte", 9)), _connector="OR"
                ),
                name="need_maturity_is_a_level",
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
            model_name="namedorganisation",
            constraint=models.UniqueConstraint(
                fields=("need", "organisation"), name="named_once_per_need_and_organisation"
            ),
        ),
        migrations.AddIndex(
            model_name="disclosureview",
            index=models.Index(fields=["need", "-at"], name="needs_discl_need_id_be7cea_idx"),
        ),
        migrations.AddConstraint(
            model_name="needindicator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comparison", "range"), ("value_max__gte", models.F("value")), ("value_max__isnull", False)
                    ),
                    models.Q(models.Q(("comparison", "range"), _negated=True), ("value_max", None)),
                    _connector="OR",
                ),
                name="needindicator_only_ranges_have_an_upper_value",
            ),
        ),
    ]
