"""A decision may be taken back, which is a row of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0009_embeddings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="judgement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("confirmed", "运营方确认"),
                    ("rejected", "运营方排除"),
                    ("interested", "企业感兴趣"),
                    ("not_suitable", "企业认为不合适"),
                    ("offered", "成果方愿意对接"),
                    ("not_now", "成果方暂不对接"),
                    ("bid", "参与揭榜"),
                    ("award", "中榜"),
                    ("decline", "未中榜"),
                    ("signed", "签约"),
                    ("accepted", "验收通过"),
                    ("solved", "问题解决"),
                    ("taken_back", "中榜或未中榜已撤回"),
                ],
                max_length=12,
                verbose_name="决定",
            ),
        ),
    ]
