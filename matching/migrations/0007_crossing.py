from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0006_learning"),
    ]

    operations = [
        migrations.AddField(
            model_name="match",
            name="is_crossing",
            field=models.BooleanField(default=False, verbose_name="跨领域"),
        ),
        migrations.AddField(
            model_name="match",
            name="is_publicly_crossing",
            field=models.BooleanField(default=False),
        ),
    ]
