"""What is on offer."""

from solutions.models.indicator import Comparison, Indicator, Necessity
from solutions.models.solution import (
    InstitutionDetail,
    OutputDetail,
    Solution,
    SolutionIndicator,
    SolutionKind,
)

__all__ = [
    "Comparison",
    "Indicator",
    "InstitutionDetail",
    "Necessity",
    "OutputDetail",
    "Solution",
    "SolutionIndicator",
    "SolutionKind",
]
