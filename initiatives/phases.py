"""The vocabulary of local actions: how far one is, who sees it, and who takes part. It belongs to the domain."""

from django.db.models import TextChoices


class Phase(TextChoices):
    """How far an action is, in the order of its life."""

    IDEA = "idea", "Idé"
    PLANNED = "planned", "Planlagt"
    IN_PROGRESS = "in_progress", "I gang"
    RUNNING = "running", "I drift"
    COMPLETED = "completed", "Afsluttet"
    ABANDONED = "abandoned", "Opgivet"


FINISHED = (Phase.COMPLETED, Phase.ABANDONED)


class Visibility(TextChoices):
    DRAFT = "draft", "Kladde"
    SHARED = "shared", "Delt med kommunerne"
    PROPOSED = "proposed", "Foreslået som case"


class Involvement(TextChoices):
    """Whether the employees' representatives take part."""

    NONE = "none", "Ikke inddraget"
    MED = "med", "MED"
    TRIO = "trio", "TRIO"
    BOTH = "both", "MED og TRIO"
