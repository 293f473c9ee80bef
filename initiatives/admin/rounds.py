"""Status rounds, to look at: they are run on /runder/, and answered on Vores status."""

from __future__ import annotations

from django.contrib import admin

from initiatives.models import Decision, Participation, ReportingRound, Submission
from stakeholders.admin import ReadOnlyAdmin


@admin.register(ReportingRound)
class ReportingRoundAdmin(ReadOnlyAdmin):
    list_display = ("name", "status_on", "opens_on", "due_on", "closes_on", "opened_at", "closed_at")
    search_fields = ("name",)


@admin.register(Participation)
class ParticipationAdmin(ReadOnlyAdmin):
    list_display = ("municipality", "round", "state", "due_on")
    list_filter = ("round", "state")
    list_select_related = ("municipality", "round")
    search_fields = ("municipality__name",)


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("participation", "number", "submitted_at", "organisation")
    list_filter = ("participation__round",)
    list_select_related = ("participation__municipality", "participation__round", "submitted_for")
    search_fields = ("participation__municipality__name",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("participation", "kind", "made_at", "made_by", "due_on")
    list_filter = ("kind", "participation__round")
    list_select_related = ("participation__municipality", "participation__round", "made_by")
    search_fields = ("participation__municipality__name", "comment")
