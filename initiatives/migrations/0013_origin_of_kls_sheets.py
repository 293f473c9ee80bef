from django.db import migrations, models

ORIGINS = [("workbook", "fra regneark"), ("sheet", "fra KL’s regneark")]
MODELS = ("draftanswer", "keyanswer", "statusupdate")


def with_origin(model: str) -> list[migrations.operations.base.Operation]:
    name = f"{model}_origin_is_known"
    field = models.CharField(blank=True, choices=ORIGINS, default="", max_length=10, verbose_name="oprindelse")
    known = models.Q(("origin__in", ["", *(value for value, _ in ORIGINS)]))
    return [
        migrations.AlterField(model_name=model, name="origin", field=field),
        migrations.RemoveConstraint(model_name=model, name=name),
        migrations.AddConstraint(model_name=model, constraint=models.CheckConstraint(condition=known, name=name)),
    ]


class Migration(migrations.Migration):
    """Rows of the log may come from KL's own spreadsheets."""

    dependencies = [("initiatives", "0012_municipality_figures")]

    operations = [operation for model in MODELS for operation in with_origin(model)]
