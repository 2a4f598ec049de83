from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_documents(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The engine before reads tokens that outputs do not have any more; its nightly comparison writes them again."""
    apps.get_model("matching", "StoredDocument").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_rematch_with_new_documents")]

    operations = [
        migrations.AddField("storeddocument", "terms", models.BinaryField(default=b""), preserve_default=False),
        migrations.AddField("storeddocument", "public_terms", models.BinaryField(null=True)),
        migrations.AlterField("storeddocument", "tokens", models.JSONField(null=True)),
        migrations.AddField(
            "matchrun",
            "parent",
            models.ForeignKey(
                null=True, on_delete=models.deletion.CASCADE, related_name="shares", to="matching.matchrun"
            ),
        ),
        migrations.AddField("matchrun", "snapshot", models.CharField(blank=True, max_length=16)),
        migrations.AlterField(
            "matchrun",
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
        migrations.RunPython(migrations.RunPython.noop, forget_documents),
    ]
