from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needs", "0009_wants_crossing")]

    operations = [
        migrations.AddField(
            model_name="bidversion",
            name="indicators_asked",
            field=models.JSONField(blank=True, null=True, verbose_name="提交时的指标要求"),
        ),
    ]
