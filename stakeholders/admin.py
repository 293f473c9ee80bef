"""The admin's frame, what every page of it has in common, and WHO: organisations, users and memberships."""

from __future__ import annotations

import json
from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401 (all of them register what is taken away below)
import django.contrib.auth.admin  # noqa: F401 (likewise)
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from flere_haender.access import may_see_as
from flere_haender.days import today

from .admin_traces import trace_role, trace_roles, trace_user
from .forms import UserForm
from .letters import title_of
from .models import Installation, Kkr, LoadedFixture, Membership, Message, Placement, Region, User
from .models.outbox import State


def enters(request: HttpRequest) -> bool:
    """Whether the admin lets the request in. Who is signed in and may not gets a 403, not a second sign-in."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return bool(request.user.is_staff)


def change_password(request: HttpRequest, extra_context: Any = None) -> Any:
    return redirect("account_change_password")


site: Any = admin.site  # (whose methods are replaced)
site.site_header = site.site_title = "Flere hænder: administration"
site.index_title = "Oversigt"
# One sign-in for the whole site, with its limits on attempts.
site.login = secure_admin_login(site.login)
site.has_permission = enters
site.password_change = change_password
# Roles come from memberships, the e-mail from the user, what they sign in with is theirs, and identity providers
# come from the settings.
site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])


class KeptAdmin(admin.ModelAdmin):
    """Nothing is deleted: the log names it. ``key_fields`` are what others know a row by, fixed once it is there."""

    list_per_page = 50
    key_fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *self.key_fields) if obj else fields

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        """Run an action on the rows that are chosen; what is no row's number was sent by none of our lists."""
        number, chosen = self.opts.pk, request.POST.getlist(ACTION_CHECKBOX_NAME)
        try:
            [number.to_python(each) for each in chosen if number]
        except ValidationError as error:
            raise BadRequest(ACTION_CHECKBOX_NAME) from error
        across = request.POST.get("select_across") == "1"
        if chosen and not (queryset if across else queryset.filter(pk__in=chosen)).exists():
            self.message_user(request, "Rækkerne er her ikke. Vælg dem igen.", messages.WARNING)
            return redirect(request.get_full_path())
        return super().response_action(request, queryset, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Can be looked at, and that is all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeptInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field in a table has its heading above; those who hear it get it as its name."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget: Any = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(KeptInline):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SuperuserOnly(admin.ModelAdmin):
    """For the superuser, whatever other rights are given."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class LoggedByIdAdmin(SuperuserOnly, KeptAdmin):
    """The admin's own log names users by id: names are never copied into other rows."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return log_by_id(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return log_by_id(request, obj, CHANGE, message)


def log_by_id(request: Any, obj: Any, flag: int, message: Any) -> LogEntry:
    return LogEntry.objects.create(
        user_id=request.user.pk,
        content_type_id=ContentType.objects.get_for_model(obj, for_concrete_model=False).pk,
        object_id=str(obj.pk),
        object_repr=f"{obj._meta.verbose_name.capitalize()} {obj.pk}",
        action_flag=flag,
        change_message=json.dumps(message) if isinstance(message, list) else message,
    )


@admin.register(Kkr)
class KkrAdmin(KeptAdmin):
    list_display = ("name", "slug", "order")
    search_fields = ("name", "slug")
    key_fields = ("slug",)


@admin.register(Region)
class RegionAdmin(KeptAdmin):
    list_display = ("name", "code", "starts_on", "ends_on")
    list_filter = ("starts_on",)
    search_fields = ("name", "code")
    key_fields = ("name",)


@admin.register(Placement)
class PlacementAdmin(KeptAdmin):
    """A new placement is a new row with its day; only the superuser corrects a row that stands."""

    list_display = ("municipality", "kkr", "region", "starts_on")
    list_filter = ("kkr", "region")
    list_select_related = ("municipality", "kkr", "region")
    search_fields = ("municipality__name", "=municipality__code")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Installation)
class InstallationAdmin(SuperuserOnly, ReadOnlyAdmin):
    list_display = ("__str__", "is_demo_database")


@admin.register(LoadedFixture)
class LoadedFixtureAdmin(SuperuserOnly, ReadOnlyAdmin):
    list_display = ("name", "digest")
    search_fields = ("name",)


@admin.register(LogEntry)
class LogEntryAdmin(SuperuserOnly, ReadOnlyAdmin):
    """What has been done in the admin."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr",)


class MembershipForm(forms.ModelForm):
    """A membership is given, and ended; what it was is not rewritten."""

    class Meta:
        model = Membership
        fields = ("user", "role", "municipality", "started_on", "ended_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in set(self.fields) - {"ended_on"}:
                self.fields[name].disabled = True
        elif "started_on" in self.fields:
            self.fields["started_on"].initial = today

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in ("started_on", "ended_on"):
            if (self.cleaned_data.get(name) or today()) > today():
                self.add_error(name, "Datoen kan ikke ligge efter i dag: medlemskabet gælder eller slutter straks.")
        return cleaned


@admin.register(Membership)
class MembershipAdmin(LoggedByIdAdmin):
    form = MembershipForm
    list_display = ("user", "role", "organisation", "started_on", "ended_on")
    list_filter = ("role", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("user", "municipality")
    search_fields = ("user__name", "user__email", "municipality__name")

    @admin.display(description="organisation", ordering="municipality__sort_order")
    def organisation(self, membership: Membership) -> str:
        return membership.organisation

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        trace_role(obj, by=request.user, is_new=not change)


class MembershipInline(KeptInline):
    model = Membership
    form = MembershipForm
    fields = ("role", "municipality", "started_on", "ended_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("municipality")


@admin.register(User)
class UserAdmin(LoggedByIdAdmin):
    form = UserForm
    inlines = (MembershipInline,)
    list_display = ("name", "email", "role", "organisation", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "memberships__role")
    search_fields = ("name", "email")
    readonly_fields = ("last_login", "date_joined")
    actions = ("anonymise", "reset_second_factor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        active = Membership.objects.active().select_related("municipality")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", active, to_attr="active_rows"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("name", "email", "is_active", "is_superuser")
        return (*fields, *self.readonly_fields) if obj else (*fields, "password")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_see_as"] = may_see_as(request.user, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="rolle")
    def role(self, user: Any) -> str:
        return user.active_rows[0].get_role_display() if user.active_rows else "–"

    @admin.display(description="organisation")
    def organisation(self, user: Any) -> str:
        return user.active_rows[0].organisation if user.active_rows else "–"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.set_password(form.cleaned_data["password"] or None)
        elif obj.is_active and "is_active" in form.changed_data:
            obj.opened_at = timezone.now()
        obj.closed_at = None  # opened, or blocked by who saves it: then no leader opens it
        super().save_model(request, obj, form, change)
        # Nobody signs in with an e-mail that the user no longer has.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if not obj.is_active or (obj.is_superuser and "is_superuser" in form.changed_data):
            obj.sign_out_everywhere()
        trace_user(obj, form, by=request.user, is_new=not change)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        trace_roles(formset, by=request.user)

    @admin.action(description="Anonymisér de valgte brugere", permissions=["change"])
    def anonymise(self, request: Any, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirmed(request, queryset, "anonymise", "Anonymisér brugere", "Anonymiseret.")

    @admin.action(description="Nulstil totrinslogin for de valgte brugere", permissions=["change"])
    def reset_second_factor(self, request: Any, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._confirmed(
            request, queryset, "reset_second_factor", "Nulstil totrinslogin", "Totrinslogin nulstillet."
        )

    def _confirmed(
        self, request: Any, queryset: QuerySet[User], verb: str, title: str, done: str
    ) -> HttpResponse | None:
        """Ask first, since it cannot be undone; then do it to each, and write in the log who did."""
        users = list(queryset)
        if request.user in users:
            self.message_user(request, "Vælg andre end dig selv.", messages.ERROR)
            return None
        if "confirm" not in request.POST:
            asked = {"title": title, "action": verb, "users": users, "opts": self.opts}
            context = self.admin_site.each_context(request) | asked
            return TemplateResponse(request, f"admin/stakeholders/user/{verb}.html", context)
        for user in users:
            getattr(user, verb)(by=request.user)
            self.log_change(request, user, done)
        self.message_user(request, f"{done} Brugere: {len(users)}.", messages.SUCCESS)
        return None


class LetterFilter(admin.SimpleListFilter):
    """By what the letters of the outbox are called."""

    title = "anledning"
    parameter_name = "occasion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = Message.objects.order_by().values_list("occasion", flat=True).distinct()
        return sorted(((occasion, title_of(occasion)) for occasion in used), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(occasion=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """The outbox. What a letter says is not kept; one that was given up can be tried again."""

    list_display = ("created_at", "to", "letter", "state", "attempts", "error", "sent_at")
    list_filter = ("state", LetterFilter)
    exclude = ("occasion",)
    readonly_fields = ("letter",)
    list_select_related = ("recipient", "mailbox_of")
    search_fields = ("recipient__name", "mailbox_of__name", "=key")
    actions = ("send_again",)

    @admin.display(description="til")
    def to(self, message: Message) -> str:
        return str(message.recipient or f"Postkassen i {message.mailbox_of}")

    @admin.display(description="anledning", ordering="occasion")
    def letter(self, message: Message) -> str:
        return title_of(message.occasion)

    @admin.action(description="Send igen (kun de opgivne)", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        given_up = list(queryset.filter(state=State.GIVEN_UP))
        for message in given_up:
            message.send_again()
        level = messages.SUCCESS if given_up else messages.WARNING
        self.message_user(request, f"Sat i kø igen: {len(given_up)}. Kun opgivne e-mails sendes igen.", level)
