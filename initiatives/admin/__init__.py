"""The admin of WHAT, and of what belongs with it; ``stakeholders.admin`` holds the frame."""

from . import (
    actions,
    actors,
    background,
    municipalities,
    plan,
    plans,
    progress,
    questions,
    rounds,
    texts,
    thresholds,
    updates,
)

__all__ = [
    "actions",
    "actors",
    "background",
    "municipalities",
    "plan",
    "plans",
    "progress",
    "questions",
    "rounds",
    "texts",
    "thresholds",
    "updates",
]
