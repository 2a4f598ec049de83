"""What is on offer: the models of every room."""

from solutions.indicator.models import (
    Indicator,
)
from solutions.institution.models import (
    InstitutionDetail,
)
from solutions.output.models import (
    MaturityAssessor,
    OutputDetail,
    RightsStatus,
    TransferMode,
)
from solutions.solution.models import (
    Solution,
    SolutionIndicator,
    SolutionKind,
    new_solution_code,
)

__all__ = [
    "Indicator",
    "InstitutionDetail",
    "MaturityAssessor",
    "OutputDetail",
    "RightsStatus",
    "Solution",
    "SolutionIndicator",
    "SolutionKind",
    "TransferMode",
    "new_solution_code",
]
