from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("needs", "0007_fill_what_corrections_are_of")]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=Q(kind="correction", corrects__in=["instalment", "entry_fee", "royalty"])
                | ~Q(kind="correction") & Q(corrects=""),
                name="payment_correction_says_of_what",
            ),
        ),
    ]
