"""The forms on /brugere/, and of a user in the admin. The rules are the verbs'."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from flere_haender.access import Role
from flere_haender.form_keys import BROKEN_FORM

from .models import KL, Invitation, Municipality, User, roles_of
from .people import OF_KL

EMAIL = {"invalid": "Skriv en hel e-mailadresse, for eksempel navn@kommune.dk.", "required": "Skriv en e-mail."}


class RoleForm(forms.Form):
    """Chooses a role of an organisation; None is KL."""

    fields: dict[str, Any]

    role = forms.ChoiceField(
        label="Rolle",
        widget=forms.RadioSelect,
        error_messages={"required": "Vælg en rolle.", "invalid_choice": "Vælg en rolle fra listen."},
    )

    def __init__(self, *args: Any, roles: tuple[Role, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]


class InviteForm(RoleForm):
    """Invites somebody. KL says where; without ``municipality`` the form asks."""

    email = forms.EmailField(label="E-mail", max_length=254, error_messages=EMAIL)
    organisation = forms.ChoiceField(
        label="Organisation",
        error_messages={"required": "Vælg KL eller en kommune.", "invalid_choice": "Vælg KL eller en kommune."},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})
    field_order = ("email", "organisation", "role")

    def __init__(self, *args: Any, municipality: Municipality | None, **kwargs: Any) -> None:
        initial = {"key": uuid.uuid4(), **kwargs.pop("initial", {})}
        roles = roles_of(municipality) if municipality else tuple(Role)
        super().__init__(*args, roles=roles, initial=initial, **kwargs)
        self.municipality = municipality
        if municipality:
            del self.fields["organisation"]
        else:
            names = [(str(each.code), each.name) for each in Municipality.objects.all()]
            choices = [("", "Vælg"), (OF_KL, KL), *names]
            self.fields["organisation"].choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        code = cleaned.get("organisation", OF_KL)
        if self.municipality is None and code != OF_KL:
            self.municipality = Municipality.objects.get(code=code)
        chosen = "organisation" in cleaned or "organisation" not in self.fields
        if chosen and cleaned.get("role") and cleaned["role"] not in roles_of(self.municipality):
            where = "i KL" if self.municipality is None else "i en kommune"
            self.add_error("role", f"Den rolle findes ikke {where}. Vælg en anden.")
        return cleaned

    def save(self, *, by: User) -> Invitation | None:
        """Invite. None when it is refused; the messages stand at the fields. Raises PermissionDenied."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        try:
            return Invitation.invite(
                data["email"], role=data["role"], municipality=self.municipality, by=by, key=data["key"]
            )
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None


class AcceptForm(forms.Form):
    """The invited says who they are."""

    name = forms.CharField(label="Dit navn", max_length=120, error_messages={"required": "Skriv dit navn."})
    password1 = forms.CharField(
        label="Adgangskode",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=200,
        error_messages={"required": "Vælg en adgangskode."},
    )
    password2 = forms.CharField(
        label="Adgangskode igen",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=200,
        error_messages={"required": "Skriv adgangskoden igen."},
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "De to adgangskoder er ikke ens.")
        elif first:
            self._check(first, cleaned.get("name", ""))
        return cleaned

    def _check(self, password: str, name: str) -> None:
        try:
            validate_password(password, User(email=self.invitation.user.email, name=name))
        except ValidationError as refusal:
            self.add_error("password1", refusal)

    def save(self) -> User | None:
        """Accept. None when it is refused. Raises ValidationError when the invitation cannot be used any more."""
        if not self.is_valid():
            return None
        return self.invitation.accept(name=self.cleaned_data["name"], password=self.cleaned_data["password1"])


class ChoicesForm(forms.Form):
    """What a municipality chooses for itself."""

    leader_hands_in = forms.TypedChoiceField(
        label="Hvem indsender svarene?",
        choices=[("nej", "Redaktøren"), ("ja", "Lederen. Redaktøren sender svarene til lederen")],
        coerce=lambda value: value == "ja",
        widget=forms.RadioSelect,
        error_messages={"required": "Vælg, hvem der indsender.", "invalid_choice": "Vælg redaktøren eller lederen."},
    )
    unit_mailbox = forms.EmailField(label="Enhedens postkasse", required=False, error_messages=EMAIL)
    seen = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    @classmethod
    def of(cls, municipality: Municipality) -> ChoicesForm:
        chosen = "ja" if municipality.leader_hands_in else "nej"
        initial = {"leader_hands_in": chosen, "unit_mailbox": municipality.unit_mailbox, "seen": seen(municipality)}
        return cls(initial=initial)

    def save(self, municipality: Municipality, *, by: User) -> bool:
        """Make the choices. False when they are refused; the messages stand at the fields. Raises PermissionDenied."""
        if not self.is_valid():
            return False
        fields = {name: self.cleaned_data[name] for name in ("leader_hands_in", "unit_mailbox")}
        try:
            municipality.choose(**fields, by=by)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return False
        return True


def seen(municipality: Municipality) -> str:
    """What the form shows of what is chosen now, to tell whether somebody has chosen meanwhile."""
    return f"{municipality.leader_hands_in:d} {municipality.unit_mailbox}"


class UserForm(forms.ModelForm):
    """A user in the admin: the name and the work e-mail; when the user is new also, if one likes, a first password."""

    password = forms.CharField(
        label="Første adgangskode",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kan stå tom. Så vælger brugeren selv sin adgangskode gennem “Glemt adgangskode” på login-siden.",
    )

    class Meta:
        model = User
        fields = ("name", "email", "is_active", "is_superuser")
        help_texts = {
            "email": "Arbejdsmailen. Brugeren logger på med den.",
            "is_active": "Uden flueben er brugeren spærret, og kun en superbruger kan åbne. En bruger slettes aldrig.",
            "is_superuser": "Kan alt i administrationen, også brugernes rettigheder. Skriver kun status med en rolle.",
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Der findes allerede en bruger med den e-mail.")
        return email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        stays = self.cleaned_data.get("is_superuser") and self.cleaned_data.get("is_active")
        if self.instance.pk and not stays and self.instance.is_last_superuser:
            raise ValidationError("Der skal altid være mindst én aktiv superbruger.")
        return cleaned
