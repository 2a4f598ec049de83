"""What the operator and both sides said of the demo's matches."""

from dataclasses import dataclass
from functools import partial

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest

from demo.data import Calendar, Loaded, partners
from matching.matches.actions import answer_as_buyer, answer_as_supplier, confirm_match, reject_match
from matching.models import Match
from needs.models import Need
from solutions.models import Solution


@dataclass(frozen=True, slots=True)
class Story:
    """What people said about one need and its intended partner, and how many days ago the operator confirmed it.

    The poser answered a day later, the supplier one more day later, or both at once where that is still to come.
    """

    need: str
    ago: float
    confirmed: bool = True
    buyer: str = ""
    reason: str = ""
    supplier: str = ""


STORIES = (
    Story("need-01-1", 24, buyer="interested", supplier="interested"),  # in contact, a contract is drafted
    Story("need-08-1", 45, buyer="interested", supplier="interested"),
    Story("need-09-2", 15, buyer="interested", supplier="interested"),
    Story("need-05-2", 46, buyer="interested", supplier="interested"),  # these four: under contract
    Story("need-06-3", 46, buyer="interested", supplier="interested"),
    Story("need-06-4", 46, buyer="interested", supplier="interested"),
    Story("need-08-2", 45, buyer="interested", supplier="interested"),
    Story("need-01-2", 3, supplier="interested"),  # waits for the enterprise
    Story("need-02-1", 2, buyer="interested"),  # waits for the university
    Story("need-06-2", 1),
    Story("need-04-1", 2, buyer="interested"),  # waits for the institute
    Story("need-03-2", 9, buyer="not_suitable", reason="price"),
    Story("need-10-1", 12, buyer="interested", supplier="not_now"),
    Story("need-07-1", 1, confirmed=False, buyer="interested"),  # waits for the operator
    # In contact since a few days.
    *(
        Story(need, ago, buyer="interested", supplier="interested")
        for need, ago in (
            *(("need-03-3", 7), ("need-04-3", 6), ("need-06-1", 8)),
            *(("need-07-4", 5), ("need-08-3", 7), ("need-10-2", 5)),
        )
    ),
    # Confirmed, and nobody has answered yet.
    *(Story(need, 22) for need in ("need-03-1", "need-09-1", "need-05-1")),
    *(Story(need, 40) for need in ("need-01-4", "need-02-2", "need-03-4")),
    *(Story(need, 16) for need in ("need-04-2", "need-07-2")),
    *(Story(need, 13) for need in ("need-01-3", "need-02-3", "need-10-3")),
    *(Story(need, 10) for need in ("need-04-4", "need-10-4")),
)


def date_candidates() -> None:
    """A candidate was there since the later of its two sides was: on the platform the engine runs the same minute."""
    need = Need.objects.filter(pk=OuterRef("need")).values("submitted_at")
    solution = Solution.objects.filter(pk=OuterRef("solution")).values("published_at")
    Match.objects.update(created_at=Greatest(Subquery(need), Subquery(solution)))


def enter_answers(loaded: Loaded, calendar: Calendar) -> int:
    """Put the answers of `STORIES` on the calendar, and one weak candidate turned down; return how many are touched."""
    told = 0
    outputs = partners()
    for story in STORIES:
        need, output = loaded.needs[story.need], loaded.outputs[outputs[story.need]]
        match = Match.objects.current().filter(need=need, solution=output).first()
        if match is None:  # other weights than ours may not find the pair
            continue
        told += 1
        if story.confirmed:
            calendar.add(story.ago, partial(confirm_match, match=match, by=loaded.operator))
        if story.buyer:
            answer = partial(answer_as_buyer, answer=story.buyer, reason=story.reason)
            calendar.add(max(story.ago - 1, 0), partial(answer, match=match, by=loaded.owner_of(need.organisation)))
        if story.supplier:
            answer = partial(answer_as_supplier, answer=story.supplier)
            calendar.add(max(story.ago - 2, 0), partial(answer, match=match, by=loaded.owner_of(output.organisation)))
    weakest = Match.objects.unreviewed().filter(need=loaded.needs["need-07-1"]).best_first().last()
    if weakest is not None and weakest.solution != loaded.outputs[outputs["need-07-1"]]:
        calendar.add(1, partial(reject_match, match=weakest, reason="off_topic", by=loaded.operator))
        told += 1
    return told
