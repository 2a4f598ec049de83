from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0008_corrections_say_of_what"),
    ]

    operations = [
        migrations.AddField(
            model_name="need",
            name="wants_crossing",
            field=models.BooleanField(default=True, verbose_name="为跨领域成果保留一个位置"),
        ),
    ]
