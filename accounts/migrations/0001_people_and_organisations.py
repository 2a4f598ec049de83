import accounts.membership.models
import accounts.organisation.models
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="邮箱")),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("language", models.CharField(default="zh-hans", max_length=10, verbose_name="界面语言")),
                ("wants_recommendations", models.BooleanField(default=True, verbose_name="接收个性化推荐")),
                ("is_active", models.BooleanField(default=True, verbose_name="可登录")),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="注册时间")),
            ],
            options={
                "verbose_name": "用户",
                "verbose_name_plural": "用户",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="user_email_unique_ignoring_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=accounts.organisation.models.new_organisation_code,
                        max_length=10,
                        unique=True,
                        verbose_name="机构编号",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="机构名称")),
                (
                    "kind",
                    models.CharField(
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
                        verbose_name="机构类型",
                    ),
                ),
                (
                    "credit_code",
                    models.CharField(
                        blank=True, max_length=18, null=True, unique=True, verbose_name="统一社会信用代码"
                    ),
                ),
                ("region_code", models.CharField(blank=True, max_length=6, verbose_name="所在地区")),
                ("industry", models.CharField(blank=True, max_length=3, verbose_name="所属行业")),
                ("introduction", models.TextField(blank=True, max_length=2000, verbose_name="简介")),
                ("website", models.URLField(blank=True, verbose_name="网站")),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "待核验"), ("verified", "已核验"), ("refused", "未通过核验")],
                        default="pending",
                        max_length=10,
                        verbose_name="核验状态",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="核验时间")),
                ("refusal_reason", models.TextField(blank=True, max_length=500, verbose_name="未通过原因")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间")),
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
            ],
            options={
                "verbose_name": "机构",
                "verbose_name_plural": "机构",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "管理员"),
                            ("member", "成员"),
                            ("broker", "技术经理人"),
                            ("viewer", "只读成员"),
                        ],
                        default="member",
                        max_length=10,
                        verbose_name="角色",
                    ),
                ),
                ("sole", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="加入时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="离开时间")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "成员关系",
                "verbose_name_plural": "成员关系",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="邮箱")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "管理员"),
                            ("member", "成员"),
                            ("broker", "技术经理人"),
                            ("viewer", "只读成员"),
                        ],
                        default="member",
                        max_length=10,
                        verbose_name="角色",
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=accounts.membership.models.new_invitation_token, max_length=40, unique=True
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="接受时间")),
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
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "邀请",
                "verbose_name_plural": "邀请",
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("action", models.CharField(max_length=60, verbose_name="操作")),
                ("object_code", models.CharField(max_length=20, verbose_name="编号")),
                ("object_label", models.CharField(max_length=200, verbose_name="对象")),
                ("from_state", models.CharField(blank=True, max_length=20, verbose_name="原状态")),
                ("to_state", models.CharField(blank=True, max_length=20, verbose_name="新状态")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                (
                    "by",
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
                "verbose_name": "操作记录",
                "verbose_name_plural": "操作记录",
                "indexes": [models.Index(fields=["object_code", "at"], name="accounts_au_object__8e2951_idx")],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=120)),
                ("key", models.CharField(max_length=80)),
                ("params", models.JSONField(default=dict)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="已读时间")),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "通知",
                "verbose_name_plural": "通知",
                "indexes": [
                    models.Index(fields=["recipient", "read_at", "-created_at"], name="accounts_no_recipie_a8acfa_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "event"), name="notification_once_per_event_and_person"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "individual"), _negated=True),
                fields=("name",),
                name="organisation_name_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "pending")),
                    models.Q(("decided_at__isnull", False), ("state__in", ["verified", "refused"])),
                    _connector="OR",
                ),
                name="organisation_decision_has_time_and_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), models.Q(("refusal_reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "refused"), _negated=True), ("refusal_reason", "")),
                    _connector="OR",
                ),
                name="organisation_refusal_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("credit_code", ""), _negated=True), name="organisation_credit_code_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("user", "organisation"),
                name="membership_active_once_per_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("sole", True)),
                fields=("organisation",),
                name="membership_individual_has_one_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("accepted_by", None)),
                    models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                    _connector="OR",
                ),
                name="invitation_accepted_at_with_by",
            ),
        ),
    ]
