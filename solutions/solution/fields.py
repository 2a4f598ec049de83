"""What an output and a profile consist of: the cleaner of every field, and where each value is kept.

The one description of the content behind the forms, the API and the imports; the domain writes what comes out here.
"""

from functools import partial

from lib import cleaning as validators
from lib.cleaning import Cleaner
from solutions.models import InstitutionDetail, OutputDetail, SolutionKind

COMMON: dict[str, Cleaner] = {
    "title": partial(validators.line, limit=120, required=True),
    # a draft may wait for its summary; handing it in asks for one
    "summary": partial(validators.text, limit=20_000),
    "technical_field": partial(validators.line, limit=60),
    "industries": partial(validators.industry_list, most=8),
    "keywords": partial(validators.words, most=20, limit=100),
    "region_code": validators.region,
}


# kind → model of its details, name of the relation
DETAILS = {
    SolutionKind.OUTPUT: (OutputDetail, "output"),
    SolutionKind.INSTITUTION: (InstitutionDetail, "institution"),
}
