"""What a bidder does with a bid on an open challenge. Claims are in challenges/claim/actions.py, answers elsewhere.

Bids are sealed: audit rows carry the need's title and the bid's code, notices go to the author's organisation alone.
An action that depends on the deadline locks the challenge first: it is before or after the opening, never beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import check_step, note, step
from accounts.models import Organisation, User
from accounts.permissions import check_writes_for
from challenges.bid.asked import Asked, asked_for
from challenges.bid.fields import BID, ROWS, check_complete
from challenges.bid.notices import tell_bidder
from challenges.bid.permissions import WRITABLE, check_in_time, check_may_bid
from challenges.bid.queries import content_of, working_version
from challenges.bid.steps import lock_bid, lock_both
from challenges.bid.workflow import BidState
from challenges.challenge.steps import lock_challenge
from challenges.models import Bid, BidAttachment, BidVersion, Challenge
from lib.refusals import WrongState
from needs.files import actions as attachments
from solutions.models import Solution

Values = Mapping[str, Any]

# What a bidder writes; `solutions` is a list of outputs.
CONTENT_FIELDS = frozenset({*BID, *ROWS, "solutions"})
HANDED_IN = ("submitted_at", "submitted_by", "withdrawn_at")  # written with a bid that is submitted or claimed


@transaction.atomic
def start_bid(*, challenge: Challenge, organisation: Organisation, by: User, at: datetime) -> Bid:
    """Begin the organisation's one bid with an empty version, or return the one there is.

    Denied says what is missing (verification, kind, affiliation, agreement); WrongState that no bids are taken.
    """
    challenge = lock_challenge(challenge)
    if challenge.is_first_claim:
        raise WrongState(_("这份榜单是抢单，不收揭榜方案。"))
    check_may_bid(by, organisation, challenge)
    if existing := Bid.objects.filter(challenge=challenge, organisation=organisation).first():
        return existing
    check_in_time(challenge, at)
    bid = Bid.objects.create(challenge=challenge, organisation=organisation, created_at=at, created_by=by)
    BidVersion.objects.create(bid=bid, number=1, saved_at=at, saved_by=by)
    note(bid, "create", by=by, at=at)
    return bid


@transaction.atomic
def save_bid(*, bid: Bid, values: Values, by: User, at: datetime) -> BidVersion:
    """Write the fields in `values` into the working version, finished or not; return the version they stand in.

    A bid that was handed in gets a new working version, a copy, and goes on counting as it was; saving the same again
    opens none. Only the bid is locked: people type all at once, and a draft at the deadline does no harm.
    """
    bid = lock_bid(bid)
    check_writes_for(by, bid.organisation)
    _check_writable(bid, at)
    if unknown := values.keys() - CONTENT_FIELDS:
        raise TypeError(f"Not content of a bid: {', '.join(sorted(unknown))}")
    latest = bid.versions.latest("number")
    if not _differs(latest, values):
        return latest
    version = working_of(bid, by=by, at=at)
    write_version(version, values, by=by, at=at)
    return version


@transaction.atomic
def submit_bid(*, bid: Bid, by: User, at: datetime, asked: Asked | None = None) -> Bid:
    """Hand the working version in: from now on it counts. ValidationError by field when it is not complete.

    A withdrawn bid without a newer version is handed in as it was. `asked`: what the form of this request has asked.
    """
    challenge, bid = lock_both(bid)
    check_may_bid(by, bid.organisation, challenge)
    check_step(bid, "submit")
    check_in_time(challenge, at)
    version = bid.versions.latest("number")
    if version.submitted_at is not None and bid.state == BidState.SUBMITTED:
        raise WrongState(_("方案已经提交，之后没有新的修改。"))
    asked = asked or asked_for(bid.organisation, challenge.need)
    check_complete(content_of(version), indicators=asked.shown, is_claim=False)
    if version.submitted_at is None:
        hand_in(version, asked, at)
    bid.submitted_at, bid.submitted_by, bid.withdrawn_at = at, by, None
    step(bid, "submit", by=by, at=at, changed=HANDED_IN)
    tell_bidder(bid, "bid.submitted", at, number=version.number)
    return bid


@transaction.atomic
def withdraw_bid(*, bid: Bid, by: User, at: datetime) -> Bid:
    """Take a bid back until the deadline; it may be handed in again until then."""
    challenge, bid = lock_both(bid)
    check_writes_for(by, bid.organisation)
    if challenge.is_first_claim:
        raise WrongState(_("这是抢单申请，请在抢单页面撤回。"))
    check_step(bid, "withdraw")
    check_in_time(challenge, at)
    bid.withdrawn_at = at
    step(bid, "withdraw", by=by, at=at, changed=["withdrawn_at"])
    tell_bidder(bid, "bid.withdrawn", at)
    return bid


@transaction.atomic
def drop_working_version(*, bid: Bid, by: User, at: datetime) -> Bid:
    """Throw away what was changed since the bid was handed in; WrongState when there is nothing to go back to."""
    bid = lock_bid(bid)
    check_writes_for(by, bid.organisation)
    _check_writable(bid, at)
    working = working_version(bid)
    if working is None or not bid.versions.handed_in().exists():
        raise WrongState(_("没有可以放弃的修改。"))
    working.delete()
    note(bid, "drop", by=by, at=at, from_state=bid.state)
    return bid


@transaction.atomic
def attach_to_bid(*, bid: Bid, upload: UploadedFile, by: User, at: datetime) -> BidVersion:
    """Put a file into the working version. `attachments.Unacceptable` says why a file is refused."""
    bid = lock_bid(bid)
    check_writes_for(by, bid.organisation)
    _check_writable(bid, at)
    attachment = attachments.keep(BidAttachment(bid=bid), upload=upload, by=by, at=at)
    version = working_of(bid, by=by, at=at)
    version.attachments.add(attachment)
    return version


@transaction.atomic
def detach_from_bid(*, bid: Bid, attachment: BidAttachment, by: User, at: datetime) -> BidVersion:
    """Leave a file out of the working version; a version handed in before keeps it."""
    bid = lock_bid(bid)
    check_writes_for(by, bid.organisation)
    _check_writable(bid, at)
    version = working_of(bid, by=by, at=at)
    version.attachments.remove(attachment)
    if not attachment.versions.exists():
        attachments.discard(attachment=attachment, by=by, at=at)
    return version


# --- What claims share ---------------------------------------------------------------------------------------


def working_of(bid: Bid, *, by: User, at: datetime) -> BidVersion:
    """The working version of a locked bid: the one there is, else a copy of the last one handed in."""
    latest: BidVersion = bid.versions.latest("number")
    if latest.submitted_at is None:
        return latest
    content = content_of(latest)
    fields = {name: content[name] for name in (*BID, *ROWS)}
    version = BidVersion.objects.create(bid=bid, number=latest.number + 1, saved_at=at, saved_by=by, **fields)
    version.solutions.set(latest.solutions.all())
    version.attachments.set(latest.attachments.all())
    return version


def write_version(version: BidVersion, values: Values, *, by: User, at: datetime) -> None:
    fields = {name: value for name, value in values.items() if name != "solutions"}
    for name, value in fields.items():
        setattr(version, name, value)
    version.saved_at, version.saved_by = at, by
    version.save(update_fields=[*fields, "saved_at", "saved_by"])
    if "solutions" in values:
        _check_own_outputs(version, values["solutions"])
        version.solutions.set(values["solutions"])


def hand_in(version: BidVersion, asked: Asked, at: datetime) -> None:
    """From now on the version counts, and keeps what it was asked."""
    version.submitted_at, version.indicators_asked = at, asked.kept()
    version.save(update_fields=["submitted_at", "indicators_asked"])


def _check_writable(bid: Bid, at: datetime) -> None:
    check_in_time(bid.challenge, at)
    if bid.is_claim or bid.state not in WRITABLE:
        raise WrongState(_("这份方案现在不能修改。"))


def _differs(version: BidVersion, values: Values) -> bool:
    content = content_of(version)
    for name, value in values.items():
        if name == "solutions":
            if {solution.pk for solution in value} != set(version.solutions.values_list("pk", flat=True)):
                return True
        elif content[name] != value:
            return True
    return False


def _check_own_outputs(version: BidVersion, solutions: list[Solution]) -> None:
    if any(s.organisation_id != version.bid.organisation_id for s in solutions):
        raise ValueError("A bid builds on outputs of its own organisation.")
