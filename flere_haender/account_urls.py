"""The parts of allauth that this service uses: nobody signs up, and e-mails are KL's to change."""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.generic import RedirectView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("lukket/", views.signup, name="account_signup"),
    path("inaktiv/", views.account_inactive, name="account_inactive"),
    path("bekraeft/", views.reauthenticate, name="account_reauthenticate"),
    path("adgangskode/", views.password_change, name="account_change_password"),
    path("adgangskode/vaelg/", views.password_set, name="account_set_password"),
    path("adgangskode/glemt/", views.password_reset, name="account_reset_password"),
    path("adgangskode/glemt/sendt/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^adgangskode/ny/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "adgangskode/ny/gemt/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("noegle/", login_not_required(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("trin-2/", mfa.authenticate, name="mfa_authenticate"),
    path("bekraeft/kode/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("bekraeft/noegle/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("totrin/", mfa.index, name="mfa_index"),
    path("totrin/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("totrin/app/fjern/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("totrin/koder/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("totrin/koder/nye/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("totrin/noegler/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("totrin/noegler/ny/", webauthn.add_webauthn, name="mfa_add_webauthn"),
]
