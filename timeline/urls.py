from django.urls import path

from . import views

urlpatterns = [
    path("tidslinje/", views.timeline, name="timeline"),
    path("tidslinje/<slug:slug>/", views.event_detail, name="event"),
]
