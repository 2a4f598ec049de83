import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import solutions.solution.models
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
            name="Solution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=solutions.solution.models.new_solution_code,
                        max_length=10,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                ("kind", models.CharField(max_length=12, verbose_name="类型")),
                ("title", models.CharField(max_length=120, verbose_name="名称")),
                ("summary", models.TextField(max_length=20000, verbose_name="简介")),
                ("technical_field", models.CharField(blank=True, max_length=60, verbose_name="技术领域")),
                (
                    "industries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="应用行业",
                    ),
                ),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="关键词",
                    ),
                ),
                ("region_code", models.CharField(blank=True, max_length=6, verbose_name="所在地区")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待审核"),
                            ("returned", "已退回"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="内容更新时间")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="首次发布时间")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="审核时间")),
                ("one_per_organisation", models.BooleanField(default=False, editable=False)),
                ("return_reason", models.TextField(blank=True, max_length=1000, verbose_name="退回原因")),
                ("submission_key", models.UUIDField(blank=True, editable=False, null=True)),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="来源")),
                ("external_id", models.CharField(blank=True, max_length=80, verbose_name="来源编号")),
                ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="导入时间")),
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="solutions",
                        to="accounts.organisation",
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
                "verbose_name": "成果",
                "verbose_name_plural": "成果",
            },
        ),
        migrations.CreateModel(
            name="OutputDetail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "innovations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        default=list,
                        size=3,
                        verbose_name="创新点",
                    ),
                ),
                ("trl_min", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="成熟度下限")),
                ("trl_max", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="成熟度上限")),
                (
                    "maturity_assessed_by",
                    models.CharField(
                        choices=[("self", "自评"), ("third_party", "第三方评价")],
                        default="self",
                        max_length=12,
                        verbose_name="成熟度评价方式",
                    ),
                ),
                (
                    "rights_status",
                    models.CharField(
                        choices=[
                            ("granted", "已授权"),
                            ("applied", "申请中"),
                            ("software", "软件著作权"),
                            ("secret", "技术秘密"),
                            ("paper", "论文"),
                            ("none", "无"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="知识产权状态",
                    ),
                ),
                ("rights_note", models.CharField(blank=True, max_length=300, verbose_name="知识产权说明")),
                (
                    "transfer_modes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ownership_transfer", "所有权转让"),
                                ("exclusive_licence", "独占许可"),
                                ("sole_licence", "排他许可"),
                                ("ordinary_licence", "普通许可"),
                                ("equity", "作价入股"),
                                ("joint_development", "合作开发"),
                                ("technical_service", "技术服务"),
                                ("technical_consulting", "技术咨询"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="转化方式",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="价格（万元）"
                    ),
                ),
                ("completed_by", models.CharField(blank=True, max_length=300, verbose_name="完成单位")),
                ("completed_people", models.CharField(blank=True, max_length=300, verbose_name="完成人")),
                ("awards", models.CharField(blank=True, max_length=300, verbose_name="获奖情况")),
                ("broker_delegated", models.BooleanField(default=False, verbose_name="委托技术经理人")),
                (
                    "solution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="output", to="solutions.solution"
                    ),
                ),
            ],
            options={
                "verbose_name": "成果详情",
                "verbose_name_plural": "成果详情",
            },
        ),
        migrations.CreateModel(
            name="InstitutionDetail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "disciplines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="优势学科",
                    ),
                ),
                ("laboratories", models.TextField(blank=True, max_length=4000, verbose_name="平台与实验室")),
                ("service_modes", models.TextField(blank=True, max_length=2000, verbose_name="可提供的服务")),
                ("contact_office", models.CharField(blank=True, max_length=120, verbose_name="对接部门")),
                (
                    "solution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="institution", to="solutions.solution"
                    ),
                ),
            ],
            options={
                "verbose_name": "机构画像详情",
                "verbose_name_plural": "机构画像详情",
            },
        ),
        migrations.CreateModel(
            name="SolutionIndicator",
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
                ("is_public", models.BooleanField(default=True, verbose_name="公开")),
                (
                    "solution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="indicators", to="solutions.solution"
                    ),
                ),
            ],
            options={
                "verbose_name": "技术指标",
                "verbose_name_plural": "技术指标",
                "ordering": ["position", "pk"],
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(fields=["kind", "state", "-published_at"], name="solutions_s_kind_e4062f_idx"),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("source", "external_id"),
                name="solution_once_per_source_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.UniqueConstraint(
                fields=("created_by", "submission_key"), name="solution_once_per_submitted_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.UniqueConstraint(
                condition=models.Q(("one_per_organisation", True)),
                fields=("organisation", "kind"),
                name="solution_one_of_its_kind_per_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(("published_at__isnull", False), ("reviewed_at__isnull", False)),
                    _connector="OR",
                ),
                name="solution_published_has_been_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "returned"]), ("submitted_at__isnull", False), _connector="OR"
                ),
                name="solution_submitted_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="solution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "returned"), _negated=True),
                    models.Q(("return_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="solution_returned_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="outputdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("trl_max", None), ("trl_min", None)),
                    models.Q(("trl_max__lte", 9), ("trl_min__gte", 1), ("trl_min__lte", models.F("trl_max"))),
                    _connector="OR",
                ),
                name="output_maturity_is_a_range_of_levels",
            ),
        ),
        migrations.AddConstraint(
            model_name="outputdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                name="output_price_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="solutionindicator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comparison", "range"), ("value_max__gte", models.F("value")), ("value_max__isnull", False)
                    ),
                    models.Q(models.Q(("comparison", "range"), _negated=True), ("value_max", None)),
                    _connector="OR",
                ),
                name="solutionindicator_only_ranges_have_an_upper_value",
            ),
        ),
    ]
