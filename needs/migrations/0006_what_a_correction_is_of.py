from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needs", "0005_criteria_are_fixed")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="corrects",
            field=models.CharField(
                blank=True,
                choices=[
                    ("instalment", "合同款"),
                    ("entry_fee", "入门费"),
                    ("royalty", "提成"),
                    ("correction", "更正"),
                ],
                default="",
                max_length=10,
                verbose_name="更正的款项",
            ),
            preserve_default=False,
        ),
    ]
