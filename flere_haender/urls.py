from django.contrib import admin
from django.urls import include, path

from . import views

handler429 = views.too_many_requests
handler500 = views.server_error

urlpatterns = [
    path("", views.front, name="front"),
    path("om-tallene/", views.about_figures, name="about_figures"),
    path("privatliv/", views.privacy, name="privacy"),
    path("tilgaengelighed/", views.accessibility, name="accessibility"),
    path("was", views.accessibility_statement, name="was"),
    path(".well-known/security.txt", views.security, name="security"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sundhed/live", views.live, name="live"),
    path("sundhed/klar", views.ready, name="ready"),
    path("", include("stakeholders.urls")),
    path("", include("timeline.urls")),
    path("", include("initiatives.urls")),
    path("konto/", include("flere_haender.account_urls")),
    path("admin/", admin.site.urls),
]
