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
    "TransferMode",
    "new_solution_code",
]
