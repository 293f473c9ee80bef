from django.contrib import admin
from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.front, name="front"),
    path("om-tallene/", views.about_figures, name="about_figures"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sundhed/klar", views.ready, name="ready"),
    path("", include("stakeholders.urls")),
    path("", include("timeline.urls")),
    path("", include("initiatives.urls")),
    path("konto/", include("flere_haender.account_urls")),
    path("admin/", admin.site.urls),
]
