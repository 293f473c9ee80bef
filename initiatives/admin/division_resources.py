"""What a file of themes, of focus areas and of actors holds."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from initiatives.models import ActionPlan, FocusArea, Theme
from initiatives.models.action_plan import plan_and_number
from stakeholders.models import Actor

from .columns import DivisionKey, PlanKey, division, number_column, text_column
from .exchange import VerbResource

BEGUN = "Planen gælder allerede. Navnene i den kan ikke ændres."


class DivisionResource(VerbResource):
    """Parts of a plan, known by their numbers as ``key_of`` writes them: 3, or flere-haender-3-3."""

    key_ = Field("plan_key", "Nummer", PlanKey(), readonly=True)
    title = text_column("title", "Titel")

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        return division(self._meta.model, str(row["Nummer"]))

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        super().after_init_instance(instance, new, row, **kwargs)
        if new:
            instance.number = int(plan_and_number(PlanKey().clean(row["Nummer"]))[1])

    def plan_of(self, instance: Any) -> ActionPlan | None:
        raise NotImplementedError

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        faults = dict(import_validation_errors or {})
        plan = self.plan_of(instance)
        if instance.is_known_by_the_file and plan is not None and plan.has_begun:
            faults.setdefault("title", ValidationError(BEGUN))
        super().validate_instance(instance, faults, validate_unique)

    def write(self, instance: Any, *, is_new: bool) -> None:
        instance.save()


class ThemeResource(DivisionResource):
    class Meta(VerbResource.Meta):
        model = Theme
        name = "Temaer"
        import_id_fields = ("key_",)
        fields = ("key_", "title")

    def get_queryset(self) -> Any:
        return Theme.objects.select_related("plan")

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        super().after_init_instance(instance, new, row, **kwargs)
        if new:
            slug = plan_and_number(PlanKey().clean(row["Nummer"]))[0]
            instance.plan = ActionPlan.objects.filter(slug=slug).first() or ActionPlan(slug=slug)

    def plan_of(self, instance: Any) -> ActionPlan | None:
        plan: ActionPlan = instance.plan
        if plan.pk is None:
            raise ValidationError({"plan_key": f"Der findes ingen handleplan med koden {plan.slug}."})
        return plan


class FocusAreaResource(DivisionResource):
    theme = Field("theme", "Tema", DivisionKey(Theme))

    class Meta(VerbResource.Meta):
        model = FocusArea
        name = "Indsatsområder"
        import_id_fields = ("key_",)
        fields = ("key_", "title", "theme")

    def get_queryset(self) -> Any:
        return FocusArea.objects.select_related("theme__plan")

    def plan_of(self, instance: Any) -> ActionPlan | None:
        if instance.theme_id is None:
            return None
        plan: ActionPlan = instance.theme.plan
        return plan

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        faults = dict(import_validation_errors or {})
        plan = self.plan_of(instance)
        if plan is not None and plan.slug != instance.wanted_plan:
            faults.setdefault("theme", ValidationError("Temaet hører til en anden handleplan."))
        super().validate_instance(instance, faults, validate_unique)

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        super().after_init_instance(instance, new, row, **kwargs)
        instance.wanted_plan = plan_and_number(PlanKey().clean(row["Nummer"]))[0]


class ActorResource(VerbResource):
    slug = text_column("slug", "Kode")
    name = text_column("name", "Navn")
    order = number_column("order", "Rækkefølge")

    class Meta(VerbResource.Meta):
        model = Actor
        name = "Aktører"
        import_id_fields = ("slug",)
        fields = ("slug", "name", "order")

    def write(self, instance: Any, *, is_new: bool) -> None:
        instance.save()
