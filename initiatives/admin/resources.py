"""What a file of recommendations and of municipalities holds: the columns, and the verbs that write them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from flere_haender.days import today
from initiatives.models import FocusArea, Progress, Recommendation
from initiatives.models.action_plan import plan_and_number
from initiatives.models.plan import WORDING, add_recommendation
from stakeholders.models import Kkr, Municipality, Region
from stakeholders.reference import place
from timeline.models import Source

from .columns import DivisionKey, NaturalKey, PlanKey, number_column, text_column
from .exchange import VerbResource

TITLE_LIMIT = 200


class RecommendationResource(VerbResource):
    """The recommendations with the texts that hold today; changed texts are a new version from today.

    Their numbers, and those of the focus areas, are as ``key_of`` writes them: 10, or flere-haender-3-10.
    """

    slug = Field("slug", "Nummer", PlanKey())
    title = text_column("title", "Titel")
    overview_title = text_column("overview_title", "Titel i oversigten")
    short_name = text_column("short_name", "Kort navn")
    focus_area = Field("focus_area", "Indsatsområde", DivisionKey(FocusArea))
    summary = text_column("summary", "Resumé")
    source = Field("source", "Kilde", NaturalKey(Source, "slug"))
    place = text_column("place", "Sted i kilden")
    lines = text_column("lines", "Linjer i filen")

    class Meta(VerbResource.Meta):
        model = Recommendation
        name = "Anbefalinger"
        import_id_fields = ("slug",)
        fields = (
            "slug",
            "title",
            "overview_title",
            "short_name",
            "focus_area",
            "summary",
            "source",
            "place",
            "lines",
        )

    def get_queryset(self) -> Any:
        return Recommendation.objects.with_text(as_of=today()).select_related("source")

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        faults = dict(import_validation_errors or {})
        if instance.number is None and (number := plan_and_number(instance.slug or "")[1]).isdecimal():
            instance.number = int(number)
        area = getattr(instance, "focus_area", None)
        if area is not None and area.theme.plan.slug != instance.plan_slug:
            faults.setdefault("focus_area", ValidationError("Indsatsområdet hører til en anden handleplan."))
        for name, fault in wording_faults(wording_of(instance)).items():
            faults.setdefault(name, ValidationError(fault))
        super().validate_instance(instance, faults, validate_unique)

    def write(self, instance: Any, *, is_new: bool) -> None:
        wording = wording_of(instance)
        if is_new:
            fields = ("number", "short_name", "focus_area", "source", "place", "lines")
            added = add_recommendation(by=self.by, **wording, **{name: getattr(instance, name) for name in fields})
            instance.pk = added.pk
        else:
            instance.save()
            instance.reword(by=self.by, **wording)


def wording_of(instance: Any) -> dict[str, str]:
    return {name: (getattr(instance, name, None) or "") for name in WORDING}


def wording_faults(wording: dict[str, str]) -> dict[str, str]:
    """What is wrong with the texts of a recommendation, by field."""
    faults = {}
    for name in ("title", "overview_title"):
        if len(wording[name]) > TITLE_LIMIT:
            faults[name] = f"Teksten er for lang. Skriv højst {TITLE_LIMIT} tegn."
    for name in ("title", "summary"):
        if not wording[name]:
            faults[name] = "Feltet skal udfyldes."
    return faults


class MunicipalityResource(VerbResource):
    """The municipalities as they lie today; another KKR or region holds from today."""

    code = number_column("code", "Kode")
    name = text_column("name", "Navn")
    authority_name = text_column("authority_name", "Myndighedsnavn")
    cvr = text_column("cvr", "CVR-nummer")
    sort_order = number_column("sort_order", "Dansk rækkefølge")
    kkr = Field("new_kkr", "KKR", NaturalKey(Kkr, "name"))
    region = Field("new_region", "Region", NaturalKey(Region, "name"))
    tile_row = number_column("tile_row", "Række på kortet")
    tile_column = number_column("tile_column", "Kolonne på kortet")
    is_fictional = Field("is_fictional", "Opdigtet", readonly=True)

    class Meta(VerbResource.Meta):
        model = Municipality
        name = "Kommuner"
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "authority_name",
            "cvr",
            "sort_order",
            "kkr",
            "region",
            "tile_row",
            "tile_column",
            "is_fictional",
        )

    def get_queryset(self) -> Any:
        return Municipality.objects.placed(as_of=today())

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        super().after_init_instance(instance, new, row, **kwargs)
        instance.new_kkr = instance.new_region = None
        if not new:
            instance.new_kkr, instance.new_region = instance.kkr, instance.region

    def dehydrate_kkr(self, municipality: Municipality) -> str:
        return str(municipality.kkr or "")

    def dehydrate_region(self, municipality: Municipality) -> str:
        return str(municipality.region or "")

    def dehydrate_is_fictional(self, municipality: Municipality) -> str:
        return "ja" if municipality.is_fictional else "nej"

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        faults = dict(import_validation_errors or {})
        for name, fault in municipality_faults(instance.code, instance.cvr).items():
            faults.setdefault(name, ValidationError(fault))
        for name in ("new_kkr", "new_region"):
            if getattr(instance, name) is None:
                faults.setdefault(name, ValidationError("Feltet skal udfyldes."))
        super().validate_instance(instance, faults, validate_unique)

    def write(self, instance: Any, *, is_new: bool) -> None:
        moved = is_new or (instance.new_kkr, instance.new_region) != (instance.kkr, instance.region)
        instance.save(force_insert=is_new)
        if moved:
            place(instance, kkr=instance.new_kkr.slug, region=instance.new_region.name, starts_on=today())
        if is_new:
            Progress.objects.fill()


def municipality_faults(code: int | None, cvr: str | None) -> dict[str, str]:
    """What is wrong with a municipality's numbers, by field."""
    faults = {}
    if code is None or not 100 <= code <= 999:
        faults["code"] = "Kommunekoden skal have tre cifre."
    if not (cvr and len(cvr) == 8 and cvr.isascii() and cvr.isdigit()):
        faults["cvr"] = "CVR-nummeret skal have otte cifre."
    return faults
