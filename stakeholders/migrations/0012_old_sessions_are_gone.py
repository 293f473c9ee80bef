from django.db import migrations


class Migration(migrations.Migration):
    """The table of sessions before they had a user: what lay in it, drafts too, is nobody's any more."""

    dependencies = [
        ("stakeholders", "0011_no_impersonation_kinds"),
    ]

    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
    ]
