from django.urls import path

from . import account_views, views
from .identity import views as identity
from .seeing_as import see_as, stop_seeing_as

urlpatterns = [
    path("brugere/", views.user_list, name="users"),
    path("brugere/inviter/", views.invite_user, name="invite_user"),
    path("brugere/<int:pk>/rolle/", views.change_role, name="change_role"),
    path("brugere/<int:pk>/fjern/", views.remove_user, name="remove_user"),
    path("brugere/<int:pk>/aabn/", views.open_account, name="open_account"),
    path("brugere/invitationer/<int:pk>/send/", views.send_again, name="send_invitation_again"),
    path("brugere/invitationer/<int:pk>/traek-tilbage/", views.withdraw, name="withdraw_invitation"),
    path("brugere/kommuner/<int:code>/valg/", views.choose, name="municipality_choices"),
    path("se-som/<int:pk>/", see_as, name="see_as"),
    path("se-som/slut/", stop_seeing_as, name="stop_seeing_as"),
    path("velkommen/", views.welcomed, name="welcomed"),
    path("konto/", account_views.account, name="account"),
    path("konto/sessioner/", account_views.sessions, name="sessions"),
    path("konto/totrin/koder/hent/", account_views.recovery_codes_file, name="recovery_codes_file"),
    path("konto/totrin/noegler/<int:pk>/fjern/", account_views.remove_passkey, name="mfa_remove_webauthn"),
    path("konto/login/<slug:provider_id>/", identity.start, name="openid_connect_login"),
    path("konto/login/<slug:provider_id>/svar/", identity.callback, name="openid_connect_callback"),
    path("brugere/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
