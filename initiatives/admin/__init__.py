"""The admin of WHAT, and of what belongs with it; ``stakeholders.admin`` holds the frame."""

from . import municipalities, plan, progress, updates

__all__ = ["municipalities", "plan", "progress", "updates"]
