from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("needs", "0011_fill_what_bids_were_asked")]

    operations = [
        migrations.AddConstraint(
            model_name="bidversion",
            constraint=models.CheckConstraint(
                name="bid_version_handed_in_keeps_what_was_asked",
                condition=Q(submitted_at=None, indicators_asked__isnull=True)
                | Q(submitted_at__isnull=False, indicators_asked__isnull=False),
            ),
        ),
    ]
