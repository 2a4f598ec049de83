from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="need",
            name="submission_key",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="need",
            name="background",
            field=models.TextField(blank=True, max_length=20000, verbose_name="背景与现状"),
        ),
        migrations.AlterField(
            model_name="need",
            name="need_type",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="need",
            constraint=models.UniqueConstraint(
                fields=("created_by", "submission_key"), name="need_once_per_person_and_form"
            ),
        ),
    ]
