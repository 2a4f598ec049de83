"""What a rematch writes costs less to write."""

from django.db import migrations

# A row is written again when people are told of it. Beside the table, not packed, its explanation stays where it is; and
# with room on the page no index hears of it.
LAY_OUT = """
ALTER TABLE matching_match SET (fillfactor = 60);
ALTER TABLE matching_match ALTER explanation SET STORAGE EXTERNAL, ALTER public_explanation SET STORAGE EXTERNAL;
"""
AS_BEFORE = """
ALTER TABLE matching_match RESET (fillfactor);
ALTER TABLE matching_match ALTER explanation SET STORAGE EXTENDED, ALTER public_explanation SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_documents_runs_and_matches")]

    operations = [migrations.RunSQL(LAY_OUT, AS_BEFORE)]
