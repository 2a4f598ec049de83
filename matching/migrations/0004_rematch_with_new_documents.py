from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def queue_a_rematch(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Documents of the engine before are worth nothing to this one: they go, and a rematch writes them anew."""
    documents = apps.get_model("matching", "StoredDocument").objects
    if documents.exists():
        documents.all().delete()
        apps.get_model("matching", "MatchRun").objects.create(trigger="rematch")


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_fill_public_grades")]

    operations = [
        migrations.RunPython(queue_a_rematch, queue_a_rematch),
    ]
