from typing import Any

from stakeholders.models import Actor
from timeline.filters import TextFilter, choice

from .models import ActionPlan, FocusArea, Recommendation, Theme
from .status import DISPLAY_ORDER, STATUS_LABELS


class RecommendationFilter(TextFilter):
    """Filters recommendations ``with_text``, annotated with ``national_status``, as of a moment."""

    texts = ("title", "summary", "short_name")
    number = "number"

    tema = choice(
        "Tema",
        "Alle temaer",
        pick="Vælg et tema fra listen.",
        field_name="focus_area__theme",
        to_field_name="number",
        queryset=Theme.objects.all(),
    )
    indsatsomraade = choice(
        "Indsatsområde",
        "Alle indsatsområder",
        pick="Vælg et indsatsområde fra listen.",
        field_name="focus_area",
        to_field_name="number",
        queryset=FocusArea.objects.all(),
    )
    aktoer = choice(
        "Rettet mod",
        "Alle aktører",
        pick="Vælg en aktør fra listen.",
        method="addressed_to",
        to_field_name="slug",
        queryset=Actor.objects.all(),
    )
    status = choice(
        "National status",
        "Alle statusser",
        pick="Vælg en status fra listen.",
        field_name="national_status",
        choices=[(status, STATUS_LABELS[status]) for status in DISPLAY_ORDER],
    )

    class Meta:
        model = Recommendation
        fields = ("tema", "indsatsomraade", "aktoer", "status", "q")

    def __init__(self, *args: Any, moment: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moment = moment
        plan = ActionPlan.objects.called(moment.plan, as_of=moment.as_of)
        for name, through in (("tema", "plan__in"), ("indsatsomraade", "theme__plan__in")):
            self.filters[name].queryset = self.filters[name].queryset.filter(**{through: plan})

    def addressed_to(self, queryset: Any, name: str, actor: Actor) -> Any:
        return queryset.addressed_to(actor.slug, as_of=self.moment.as_of, known_at=self.moment.known_at)
