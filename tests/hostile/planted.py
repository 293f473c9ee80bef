"""Pages that are wrong in every way the walk looks for: a walk that does not find them is worth nothing."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from flere_haender.urls import handler500  # noqa: F401 (Django looks for it here)
from flere_haender.urls import urlpatterns as right
from initiatives.models import LocalAction, StatusUpdate
from stakeholders.models import User

FORM = '<form method="{}" action="{}"><input name="{}" value="1"></form>'


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    forms = [("get", "tal/", "n"), ("get", "ekko/", "q"), ("post", "gem/", "navn"), ("get", "videre/", "til")]
    return HttpResponse("".join(FORM.format(*form) for form in forms))


@login_not_required
def number(request: HttpRequest) -> HttpResponse:
    return HttpResponse(int(request.GET.get("n", "1")))


@login_not_required
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{request.GET.get('q')}</p>")


@login_not_required
def onward(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=302)
    response["Location"] = HttpResponseRedirect(request.GET.get("til", "/").replace("\n", "").replace("\r", "")).url
    return response


@login_not_required
@csrf_exempt
def save(request: HttpRequest) -> HttpResponse:
    User.objects.filter(pk__in=[request.user.pk]).update(name=request.POST.get("navn"))
    return HttpResponse("gemt")


@login_not_required
def one(request: HttpRequest, pk: int) -> JsonResponse:
    found = {"note": [*StatusUpdate.objects.values_list("internal_note", flat=True)]}
    return JsonResponse(found | {"kladder": [*LocalAction.objects.values_list("title", flat=True)]})


@login_not_required
def path_of(request: HttpRequest, where: str) -> HttpResponse:
    return HttpResponse(f"Traceback (most recent call last): {where}", content_type="text/plain")


wrong = [
    path("", front),
    path("tal/", number),
    path("ekko/", echo),
    path("videre/", onward),
    path("gem/", save),
    path("noter/<int:pk>/", one),
    path("filer/<path:where>", path_of),
]
urlpatterns = [path("plantet/", include(wrong)), *right]
