"""What was read from a file compared with a self-assessment, then taken over."""

from reports.takeover.planning import plan_takeover
from reports.takeover.proposals import Plan, Proposal, TakeoverError
from reports.takeover.writing import ConflictError, take_over

__all__ = [
    "ConflictError",
    "Plan",
    "Proposal",
    "TakeoverError",
    "plan_takeover",
    "take_over",
]
