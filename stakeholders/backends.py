from typing import Any

from django.contrib.auth.backends import BaseBackend

from flere_haender.access import is_kl_consultant


class RoleBackend(BaseBackend):
    """What a role may do in the admin. Signing in is another backend's work.

    KL's consultants keep the plan, the municipalities and the statuses, and see the timeline's sources and the outbox;
    users and their rights are for the superuser. Nothing is deleted, and the logs are only read: they grow
    through the verbs.
    """

    OPEN_APPS = ("initiatives", "timeline")
    OPEN_MODELS = ("municipality", "kkr", "region", "placement", "actor", "message", "editabletext")
    LOGS = ("statusupdate", "addressing", "recommendationtext", "message")

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        app, _, codename = perm.partition(".")
        action, _, model = codename.partition("_")
        if not is_kl_consultant(user_obj) or action not in ("view", "add", "change"):
            return False
        if model in self.LOGS and action != "view":
            return False
        return app in self.OPEN_APPS or (app == "stakeholders" and model in self.OPEN_MODELS)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return is_kl_consultant(user_obj) and app_label in (*self.OPEN_APPS, "stakeholders")
