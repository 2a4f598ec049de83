from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0008_near_duplicates"),
    ]

    operations = [
        migrations.AddField(
            model_name="storeddocument",
            name="embedding",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="storeddocument",
            name="embedding_model",
            field=models.CharField(blank=True, max_length=100),
        ),
    ]
