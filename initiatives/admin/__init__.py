"""The admin of WHAT, and of what belongs with it; ``stakeholders.admin`` holds the frame."""

from . import actions, background, municipalities, plan, plans, progress, questions, rounds, thresholds, updates

__all__ = [
    "actions",
    "background",
    "municipalities",
    "plan",
    "plans",
    "progress",
    "questions",
    "rounds",
    "thresholds",
    "updates",
]
