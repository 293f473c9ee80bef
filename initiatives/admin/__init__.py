"""The admin of WHAT, and of what belongs with it; ``stakeholders.admin`` holds the frame."""

from . import background, municipalities, plan, progress, questions, updates

__all__ = ["background", "municipalities", "plan", "progress", "questions", "updates"]
