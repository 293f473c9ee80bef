from django.urls import path

from . import views

urlpatterns = [
    path("brugere/", views.user_list, name="users"),
    path("brugere/inviter/", views.invite_user, name="invite_user"),
    path("brugere/<int:pk>/rolle/", views.change_role, name="change_role"),
    path("brugere/<int:pk>/fjern/", views.remove_user, name="remove_user"),
    path("brugere/<int:pk>/aabn/", views.open_account, name="open_account"),
    path("brugere/invitationer/<int:pk>/send/", views.send_again, name="send_invitation_again"),
    path("brugere/invitationer/<int:pk>/traek-tilbage/", views.withdraw, name="withdraw_invitation"),
    path("brugere/kommuner/<int:code>/valg/", views.choose, name="municipality_choices"),
    path("velkommen/", views.welcomed, name="welcomed"),
    path("brugere/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
