"""Demo data from the call on: challenges, bids and claims, their evaluation and answers, and one confidential need.

Rows of demo/challenges.jsonl and demo/bids.jsonl say how many days ago something happened (negative: still to come);
each becomes entries of the calendar, played through the verbs people use.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

from accounts.models import Organisation, User
from accounts.viewer import Viewer
from challenges.answer.actions import answer_bid, appeal_bid
from challenges.bid.actions import (
    attach_to_bid,
    save_bid,
    start_bid,
    submit_bid,
    withdraw_bid,
)
from challenges.bid.asked import asked_for
from challenges.bid.fields import ANSWER, BID, STEP
from challenges.challenge.actions import (
    announce_challenge,
    cancel_challenge,
    close_challenge,
    return_challenge,
    submit_challenge,
)
from challenges.challenge.automatic import close_due, open_due
from challenges.challenge.drafts import create_challenge, start_second_round
from challenges.challenge.workflow import ChallengeMode
from challenges.claim.actions import accept_claim, claim
from challenges.evaluation.actions import award_bid, finish_result_notice
from challenges.evaluation.minutes import draw_up_minutes, sign_minutes
from challenges.models import Bid, Challenge, Reviewer
from challenges.objection.actions import raise_objection
from challenges.review.actions import assign_reviewer, declare_no_conflict
from challenges.review.scorecards import submit_scorecard
from demo import files as demo_files
from demo.data import (
    Act,
    Calendar,
    Loaded,
    Row,
    rows,
)
from lib.fields import clean
from needs.disclosure.actions import (
    accept_nda,
    agreement_for,
    log_view,
    name_organisation,
)
from needs.disclosure.queries import disclosed_to
from needs.files.actions import attach_to_need

# What a row of demo/challenges.jsonl says of the challenge itself.
RULES = (
    *("rules", "eligibility", "eligible_kinds", "prize", "requires_nda", "shown_to_reviewers", "notice_days"),
    *("min_bids", "answer_days", "result_notice_days", "refusal_days"),
)


def enter_challenges(loaded: Loaded, calendar: Calendar) -> None:
    """Put everything of the two files on the calendar."""
    bids = rows("bids")
    for row in rows("confidential"):
        _Confidential(row, loaded).enter(calendar)
    for row in rows("challenges"):
        answers = [_Answer(bid, row, loaded) for bid in bids if bid["challenge"] == row["key"]]
        _Call(row, answers, loaded, calendar).enter()


class _Confidential:
    """A need with levels: files, who signed, who was named, who looked."""

    def __init__(self, row: Row, loaded: Loaded) -> None:
        self.row, self.loaded = row, loaded
        self.need = loaded.needs[row["need"]]
        self.owner = loaded.owner_of(self.need.organisation)

    def enter(self, calendar: Calendar) -> None:
        for file in self.row["files"]:
            calendar.add(file["days"], partial(self._attach, file))
        for key, days in self.row["signed"].items():
            calendar.add(days, partial(self._sign, key))
        for key, days in self.row["named"].items():
            calendar.add(days, partial(self._name, key))
        for view in self.row["views"]:
            calendar.add(view["days"], partial(self._look, view["by"]))

    def _attach(self, file: Row, at: datetime) -> None:
        upload = demo_files.file(file["name"], file["text"])
        attach_to_need(upload=upload, need=self.need, level=file["level"], by=self.owner, at=at)

    def _sign(self, key: str, at: datetime) -> None:
        organisation = self.loaded.organisations[key]
        accept_nda(
            need=self.need,
            organisation=organisation,
            text_hash=agreement_for(self.need, organisation).checksum,
            by=self.loaded.owners[key],
            at=at,
        )

    def _name(self, key: str, at: datetime) -> None:
        name_organisation(need=self.need, organisation=self.loaded.organisations[key], by=self.owner, at=at)

    def _look(self, who: str, at: datetime) -> None:
        viewer = Viewer.of(self.loaded.people[who])
        self.need.refresh_from_db()
        log_view(view=disclosed_to(viewer, self.need), viewer=viewer, at=at)


class _Call:
    """A row of demo/challenges.jsonl and its bids."""

    def __init__(self, row: Row, answers: "list[_Answer]", loaded: Loaded, calendar: Calendar) -> None:
        self.row, self.answers, self.loaded, self.calendar = row, answers, loaded, calendar
        self.need = loaded.needs[row["need"]]
        self.owner = loaded.owner_of(self.need.organisation)

    @property
    def challenge(self) -> Challenge:
        return self.loaded.challenges[self.row["key"]]

    def enter(self) -> None:
        days, award = self.row["days"], self.row["days"].get("award")
        steps: dict[str, Act] = {
            "written": self._write,
            "submitted": lambda at: self._does(submit_challenge, at),
            "returned": lambda at: self._does(return_challenge, at, by=self.loaded.operator, reason=self.row["reason"]),
            "announced": lambda at: self._does(announce_challenge, at, by=self.loaded.operator),
            "objection": self._object,
            "opened": lambda at: _clock(open_due, at),
            "accepted": self._accept_claim,
            "assigned": self._assign,
            "declared": self._declare,
            "scored": self._score,
            "minutes": lambda at: self._does(draw_up_minutes, at, remarks=self.row["remarks"]),
            "signed": self._sign,
            "award": self._award,
            "closed": lambda at: self._does(close_challenge, at),
            "cancelled": lambda at: self._does(cancel_challenge, at, reason=self.row["reason"]),
            "second_round": lambda at: self._does(start_second_round, at),
        }
        for name, act in steps.items():
            if name in days:
                self.calendar.add(days[name], act)
        for answer in self.answers:
            answer.enter(self.calendar)
        if days["closes"] >= 0 and self.row["mode"] == ChallengeMode.OPEN_CHALLENGE:
            self.calendar.add(days["closes"], lambda at: _clock(close_due, at))
        if award is not None and award >= self.row["result_notice_days"]:
            self.calendar.add(award - self.row["result_notice_days"], lambda at: _clock(finish_result_notice, at))

    def _does(self, verb: Callable[..., object], at: datetime, by: User | None = None, **words: str) -> None:
        verb(challenge=self.challenge, by=by or self.owner, at=at, **words)

    def _write(self, at: datetime) -> None:
        values = {name: self.row[name] for name in RULES if name in self.row}
        self.loaded.challenges[self.row["key"]] = create_challenge(
            need=self.need,
            mode=self.row["mode"],
            values={**values, "closes_at": self.calendar.moment(self.row["days"]["closes"])},
            criteria=self.row.get("criteria", []),
            by=self.owner,
            at=at,
        )

    def _object(self, at: datetime) -> None:
        key = self.row["objection"]["by"]
        raise_objection(
            challenge=self.challenge,
            organisation=self.loaded.organisations[key],
            text=self.row["objection"]["text"],
            by=self.loaded.owners[key],
            at=at,
        )

    def _accept_claim(self, at: datetime) -> None:
        accept_claim(bid=self._awarded.bid, by=self.owner, at=at)

    def _assign(self, at: datetime) -> None:
        for who in self.row["reviewers"]:
            assign_reviewer(challenge=self.challenge, user=self.loaded.people[who], by=self.owner, at=at)

    def _declare(self, at: datetime) -> None:
        for reviewer, _place in self._scoring():
            declare_no_conflict(reviewer=reviewer, by=reviewer.user, at=at)

    def _score(self, at: datetime) -> None:
        criteria = list(self.challenge.criteria.order_by("position"))
        for reviewer, place in self._scoring():
            for answer in self.answers:
                if place < len(answer.row.get("scores", [])):
                    given = zip(criteria, answer.row["scores"][place], strict=True)
                    submit_scorecard(
                        reviewer=reviewer,
                        bid=answer.bid,
                        points={criterion.pk: Decimal(points) for criterion, points in given},
                        comment=answer.row["comments"][place],
                        by=reviewer.user,
                        at=at,
                    )

    def _sign(self, at: datetime) -> None:
        text_hash = Challenge.objects.get(pk=self.challenge.pk).minutes.text_hash
        for reviewer, _place in self._scoring():
            sign_minutes(reviewer=reviewer, text_hash=text_hash, by=reviewer.user, at=at)

    def _award(self, at: datetime) -> None:
        award_bid(bid=self._awarded.bid, reason="", answer=self._awarded.row["answer"], by=self.owner, at=at)

    @property
    def _awarded(self) -> "_Answer":
        return next(answer for answer in self.answers if answer.row["state"] == "awarded")

    def _scoring(self) -> list[tuple[Reviewer, int]]:
        """Reviewers who have begun, with their place in the scores of the bids."""
        scored = max(len(answer.row.get("scores", [])) for answer in self.answers)
        reviewers = self.challenge.reviewers.select_related("user").order_by("pk")
        return [(reviewer, place) for place, reviewer in enumerate(reviewers) if place < scored]


class _Answer:
    """A row of demo/bids.jsonl: a bid with its versions, or a claim."""

    def __init__(self, row: Row, call: Row, loaded: Loaded) -> None:
        self.row, self.call, self.loaded = row, call, loaded
        self.by = loaded.owners[row["organisation"]]
        self.need = loaded.needs[call["need"]]

    @property
    def organisation(self) -> Organisation:
        return self.loaded.organisations[self.row["organisation"]]

    @property
    def bid(self) -> Bid:
        return self.loaded.bids[self.row["challenge"], self.row["organisation"]]

    def enter(self, calendar: Calendar) -> None:
        days, versions = self.row["days"], self.row["versions"]
        if self.call["mode"] == ChallengeMode.FIRST_CLAIM:
            calendar.add(days["submitted"][0], self._claim)
            return
        calendar.add(days["written"], self._begin)
        calendar.add(days["written"], partial(self._save, versions[0]))
        for version, day in zip(versions, days.get("submitted", []), strict=False):
            calendar.add(day, partial(self._save, version))
            calendar.add(day, lambda at: self._does(submit_bid, at))
        if "withdrawn" in days:
            calendar.add(days["withdrawn"], lambda at: self._does(withdraw_bid, at))
        if "answered" in days:
            calendar.add(days["answered"], self._be_answered)
        if "appealed" in days:
            calendar.add(days["appealed"], lambda at: self._does(appeal_bid, at, text=self.row["appeal"]))

    def _does(self, verb: Callable[..., object], at: datetime, **words: str) -> None:
        verb(bid=self.bid, by=self.by, at=at, **words)

    def _begin(self, at: datetime) -> None:
        challenge = self.loaded.challenges[self.row["challenge"]]
        self._keep(start_bid(challenge=challenge, organisation=self.organisation, by=self.by, at=at))
        for file in self.row.get("files", []):
            attach_to_bid(bid=self.bid, upload=demo_files.file(file["name"], file["text"]), by=self.by, at=at)

    def _save(self, version: Row, at: datetime) -> None:
        save_bid(bid=self.bid, values=self._content(version), by=self.by, at=at)

    def _claim(self, at: datetime) -> None:
        self._keep(
            claim(
                challenge=self.loaded.challenges[self.row["challenge"]],
                organisation=self.organisation,
                values=self._content(self.row["versions"][0]),
                by=self.by,
                at=at,
            )
        )

    def _be_answered(self, at: datetime) -> None:
        owner = self.loaded.owner_of(self.need.organisation)
        answer_bid(bid=self.bid, reason=self.row["reason"], answer=self.row["answer"], by=owner, at=at)

    def _keep(self, bid: Bid) -> None:
        self.loaded.bids[self.row["challenge"], self.row["organisation"]] = bid

    def _content(self, version: Row) -> Row:
        """What the verbs take; an indicator that is not shown to the bidder is not answered."""
        shown = {indicator.name: indicator.pk for indicator in asked_for(self.organisation, self.need).shown}
        return {
            **clean(BID, {**version, "unaffiliated": True}, partly=True),
            "indicator_answers": [
                {"indicator": shown[name], **clean(ANSWER, answer)}
                for name, answer in version["answers"].items()
                if name in shown
            ],
            "plan": [clean(STEP, step) for step in version["plan"]],
            "solutions": [self.loaded.outputs[key] for key in version["solutions"]],
        }


def _clock(verb: Callable[..., object], at: datetime) -> None:
    """What the platform does by itself when a day has come."""
    verb(at=at)
