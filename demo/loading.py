"""Demo data: the rows of demo/*.jsonl, brought in by the same verbs people use, with a little history.

Everything goes through the domain, so notices, audit rows and runs are what they would be. Organisations were
registered weeks ago, outputs and needs came one after another. The matching run is of now; what people did since is
put on a calendar (`demo.data`) and played in order of time: answers to matches in
`demo.answers`, challenges with their bids in `demo.challenges`, contracts in `demo.contracts`, follow-ups and
complaints in `demo.care`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.membership.actions import accept_invitation, invite
from accounts.models import Membership, Notification, Organisation, OrganisationKind, Role, User
from accounts.organisation.actions import create_organisation, verify_organisation
from accounts.organisation.workflow import VerificationState
from demo.answers import date_candidates, enter_answers
from demo.care import enter_care
from demo.challenges import enter_challenges
from demo.contracts import enter_contracts
from demo.data import (
    Calendar,
    Loaded,
    Row,
    rows,
)
from matching.models import Match, MatchRun
from matching.runs import execution as runs
from matching.runs.actions import rematch_everything
from needs.models import Need
from needs.need.actions import (
    assign_caretaker,
    close_need,
    create_need,
    publish_needs,
    return_need,
    submit_needs,
)
from needs.need.fields import clean_need, clean_need_indicator
from solutions.indicator.fields import clean_indicator
from solutions.institution.kind import INSTITUTION
from solutions.models import Solution
from solutions.output.kind import OUTPUT
from solutions.solution.actions import (
    create_solution,
    publish_solutions,
    return_solution,
    save_only_entry,
    submit_solutions,
)

PASSWORD = "sunhe-demo-2026"  # noqa: S105 - printed at every start; demo people own nothing

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Login:
    """A person to log in as: first part of the address, name, key of the organisation, role there."""

    who: str
    name: str
    organisation: str
    role: str = Role.OWNER

    @property
    def email(self) -> str:
        return f"{self.who}@demo.example"


# The enterprise's needs and the university's outputs are partners of each other (demo/partners.csv).
LOGINS = (
    Login("enterprise", "示例技术主管", "ent-01"),
    Login("colleague", "示例车间同事", "ent-01", Role.VIEWER),
    Login("university", "示例成果转化专员", "uni-01"),
    Login("institute", "示例院所工程师", "inst-01"),
    Login("provider", "示例服务商顾问", "sp-01"),
    Login("broker", "示例技术经理人", "sp-02", Role.BROKER),
    Login("individual", "示例发明人", "ind-01"),
    Login("government", "示例科技管理人员", "gov-01"),
    Login("operator", "示例平台运营", "op-01"),
    Login("newcomer", "示例新用户", ""),
)
OWNERS = {login.organisation: login for login in LOGINS if login.role == Role.OWNER and login.organisation}

# What is not simply published. Keys of partners and of needs without any are matched, whatever their state.
STILL_PENDING = {"all-01", "fin-01"}  # organisations
DRAFT_NEEDS = {"need-01-5"}
SUBMITTED_NEEDS = {"need-02-4", "need-07-3", "need-09-5", "need-10-5"}
RETURNED_NEEDS = {"need-02-5": "请补充现用阀杆密封结构的照片或示意，并写明泄漏量按哪项标准检测。"}
CLOSED_NEEDS = {"need-05-5": "solved_elsewhere"}
BROKERED_NEEDS = {"need-01-2", "need-04-1"}
# Posted before the others: time enough for a challenge to be decided and a contract to be worked off.
EARLY_NEEDS = {
    *("need-01-4", "need-01-6", "need-02-2", "need-03-4", "need-03-6", "need-05-2", "need-06-3", "need-06-4"),
    *("need-07-5", "need-08-1", "need-08-2"),
}
DRAFT_OUTPUTS = {"out-03-18"}
SUBMITTED_OUTPUTS = {"out-01-18", "out-10-15", "out-02-20"}
RETURNED_OUTPUTS = {"out-05-13": "简介里的耐盐雾小时数与指标表不一致，请核对后再提交。"}


def is_empty() -> bool:
    """Nobody has registered an organisation yet."""
    return not Organisation.objects.exists()


def is_loaded() -> bool:
    return User.objects.filter(email=LOGINS[0].email).exists()


@transaction.atomic
def load(*, at: datetime, say: Say = lambda _line: None) -> Loaded:
    """Bring everything in, all or nothing, and match it here: candidates are there when the first page opens."""
    loaded = Loaded()
    _load_organisations(loaded, at=at)
    say(f"{len(loaded.organisations)} organisations")
    _load_outputs(loaded, at=at)
    say(f"{len(loaded.outputs)} outputs")
    _load_needs(loaded, at=at)
    say(f"{len(loaded.needs)} needs")
    # One run over everything instead of the one per submission that queued up: one notice per person, dated now.
    MatchRun.objects.unfinished().delete()
    rematch_everything(by=loaded.operator, at=timezone.now())
    runs.work_off()
    date_candidates()
    say(f"{Match.objects.current().count()} candidates")
    calendar = Calendar(at)
    say(f"{enter_answers(loaded, calendar)} matches with a history")
    enter_challenges(loaded, calendar)
    enter_contracts(loaded, calendar)
    enter_care(loaded, calendar)
    calendar.play()
    say(f"{len(loaded.challenges)} challenges, {len(loaded.bids)} bids, {len(loaded.contracts)} contracts")
    # People have read what is older; the last days are news.
    Notification.objects.filter(created_at__lt=at - timedelta(days=4)).update(read_at=at)
    return loaded


# --- organisations and people --------------------------------------------------------------------------------------


def _load_organisations(loaded: Loaded, *, at: datetime) -> None:
    # Operators first: they verify the others.
    in_order = sorted(rows("organisations"), key=lambda row: row["kind"] != OrganisationKind.OPERATOR)
    for place, row in enumerate(in_order):
        registered = at - timedelta(days=60, minutes=-place)
        key = row["key"]
        login = OWNERS.get(key) or Login(key, f"{row['name']}联络员", key)
        owner = _person(login, at=registered)
        if row["kind"] == OrganisationKind.OPERATOR:
            organisation = _first_operator(row, owner=owner, at=registered)
        else:
            organisation = create_organisation(values=_organisation_values(row), by=owner, at=registered)
            if key not in STILL_PENDING:
                organisation = verify_organisation(
                    organisation=organisation, by=loaded.operator, at=registered + timedelta(days=1)
                )
        loaded.organisations[key], loaded.owners[key] = organisation, owner
        loaded.people[login.who] = owner
    for login in LOGINS:
        if login not in OWNERS.values():
            loaded.people[login.who] = _join(login, loaded, at=at - timedelta(days=58))
    _let_in(loaded.people.values())


def _person(login: Login, *, at: datetime) -> User:
    """Without a password: hashing one is slow on purpose, and they all get the same (`_let_in`)."""
    return User.objects.create_user(login.email, name=login.name, joined_at=at)


def _let_in(people: Iterable[User]) -> None:
    User.objects.filter(pk__in=[person.pk for person in people]).update(password=make_password(PASSWORD))


def _organisation_values(row: Row) -> Row:
    return {**{name: value for name, value in row.items() if name != "key"}, "credit_code": ""}


def _first_operator(row: Row, *, owner: User, at: datetime) -> Organisation:
    """The verb asks for an operator to register one; somebody has to be the first (as in create_operator)."""
    organisation = Organisation.objects.create(
        **{**_organisation_values(row), "credit_code": None},
        state=VerificationState.VERIFIED,
        created_at=at,
        decided_at=at,
    )
    Membership.objects.create(user=owner, organisation=organisation, role=Role.OWNER, started_at=at)
    return organisation


def _join(login: Login, loaded: Loaded, *, at: datetime) -> User:
    """A person who is invited into an organisation, or belongs to none yet."""
    person = _person(login, at=at)
    if key := login.organisation:
        invitation = invite(
            organisation=loaded.organisations[key], email=login.email, role=login.role, by=loaded.owners[key], at=at
        )
        accept_invitation(token=invitation.token, by=person, at=at)
    return person


# --- outputs -------------------------------------------------------------------------------------------------------


def _load_outputs(loaded: Loaded, *, at: datetime) -> None:
    for row in rows("profiles"):
        _load_profile(row, loaded, at=at - timedelta(days=50))
    late = SUBMITTED_OUTPUTS | DRAFT_OUTPUTS
    by_industry = _grouped((row for row in rows("outputs") if row["key"] not in late), lambda row: row["key"][:6])
    for place, wave in enumerate(by_industry):
        day = at - timedelta(days=57 - place)
        handed_in = _hand_in_outputs(wave, loaded, at=day)
        returned = {loaded.outputs[row["key"]] for row in wave if row["key"] in RETURNED_OUTPUTS}
        publish_solutions(
            solutions=[output for output in handed_in if output not in returned],
            by=loaded.operator,
            at=day + timedelta(hours=20),
        )
    _hand_in_outputs([row for row in rows("outputs") if row["key"] in late], loaded, at=at - timedelta(days=1))
    for key, reason in RETURNED_OUTPUTS.items():
        return_solution(solution=loaded.outputs[key], reason=reason, by=loaded.operator, at=at - timedelta(days=9))


def _hand_in_outputs(wave: list[Row], loaded: Loaded, *, at: datetime) -> list[Solution]:
    """Write them; each organisation submits its own, drafts excepted. Return what was submitted."""
    for row in wave:
        loaded.outputs[row["key"]] = _output(row, loaded, at=at)
    handed_in = []
    for its_rows in _grouped((row for row in wave if row["key"] not in DRAFT_OUTPUTS), _organisation_of):
        handed_in += submit_solutions(
            solutions=[loaded.outputs[row["key"]] for row in its_rows],
            by=loaded.owners[its_rows[0]["organisation"]],
            at=at + timedelta(hours=2),
        ).done
    return handed_in


def _output(row: Row, loaded: Loaded, *, at: datetime) -> Solution:
    organisation = loaded.organisations[row["organisation"]]
    raw = {
        **{name: row[name] for name in row if name not in ("key", "organisation", "ip_status", "indicators")},
        "rights_status": row["ip_status"],
        "region_code": organisation.region_code,
        "completed_by": organisation.name,
    }
    return create_solution(
        kind=OUTPUT,
        organisation=organisation,
        values=OUTPUT.clean(raw),
        indicators=[clean_indicator(indicator) for indicator in row["indicators"]],
        by=loaded.owners[row["organisation"]],
        at=at,
    )


def _load_profile(row: Row, loaded: Loaded, *, at: datetime) -> None:
    organisation = loaded.organisations[row["key"]]
    by = loaded.owners[row["key"]]
    raw = {**{name: row[name] for name in row if name != "key"}, "region_code": organisation.region_code}
    profile = save_only_entry(kind=INSTITUTION, organisation=organisation, values=INSTITUTION.clean(raw), by=by, at=at)
    submit_solutions(solutions=[profile], by=by, at=at)
    publish_solutions(solutions=[profile], by=loaded.operator, at=at + timedelta(days=1))


# --- needs ---------------------------------------------------------------------------------------------------------


def _load_needs(loaded: Loaded, *, at: datetime) -> None:
    late = SUBMITTED_NEEDS | DRAFT_NEEDS
    early = [row for row in rows("needs") if row["key"] in EARLY_NEEDS]
    others = (row for row in rows("needs") if row["key"] not in late | EARLY_NEEDS)
    waves = [(52, early), *zip(range(26, 0, -4), _grouped(others, lambda row: row["key"][-1]), strict=False)]
    for days, wave in waves:
        day = at - timedelta(days=days)
        handed_in = _hand_in_needs(wave, loaded, at=day, valid_until=at + timedelta(days=180))
        returned = {loaded.needs[row["key"]] for row in wave if row["key"] in RETURNED_NEEDS}
        publish_needs(
            needs=[need for need in handed_in if need not in returned],
            by=loaded.operator,
            at=day + timedelta(hours=26),
        )
    late_rows = [row for row in rows("needs") if row["key"] in late]
    _hand_in_needs(late_rows, loaded, at=at - timedelta(days=1), valid_until=at + timedelta(days=180))
    for key, reason in RETURNED_NEEDS.items():
        return_need(need=loaded.needs[key], reason=reason, by=loaded.operator, at=at - timedelta(days=2))
    for key, reason in CLOSED_NEEDS.items():
        need = loaded.needs[key]
        close_need(need=need, reason=reason, by=loaded.owner_of(need.organisation), at=at - timedelta(days=1))
    broker = User.objects.get(email="broker@demo.example")
    for key in BROKERED_NEEDS:
        assign_caretaker(need=loaded.needs[key], caretaker=broker, by=loaded.operator, at=at - timedelta(days=1))


def _hand_in_needs(wave: list[Row], loaded: Loaded, *, at: datetime, valid_until: datetime) -> list[Need]:
    """As `_hand_in_outputs`."""
    for row in wave:
        loaded.needs[row["key"]] = _need(row, loaded, at=at, valid_until=valid_until)
    handed_in = []
    for its_rows in _grouped((row for row in wave if row["key"] not in DRAFT_NEEDS), _organisation_of):
        handed_in += submit_needs(
            needs=[loaded.needs[row["key"]] for row in its_rows],
            declared=True,
            by=loaded.owners[its_rows[0]["organisation"]],
            at=at + timedelta(hours=3),
        ).done
    return handed_in


def _need(row: Row, loaded: Loaded, *, at: datetime, valid_until: datetime) -> Need:
    organisation = loaded.organisations[row["organisation"]]
    raw = {
        **{name: row[name] for name in row if name not in ("key", "organisation", "indicators")},
        "region_code": organisation.region_code,
        "contact_name": loaded.owners[row["organisation"]].name,
        "valid_until": timezone.localdate(valid_until).isoformat(),
    }
    return create_need(
        organisation=organisation,
        values=clean_need(raw),
        indicators=[clean_need_indicator(indicator) for indicator in row["indicators"]],
        by=loaded.owners[row["organisation"]],
        at=at,
    )


def _grouped(all_rows: Iterable[Row], key: Callable[[Row], str]) -> list[list[Row]]:
    """Rows with the same key together, in the order in which the keys first come."""
    grouped: dict[str, list[Row]] = {}
    for row in all_rows:
        grouped.setdefault(key(row), []).append(row)
    return list(grouped.values())


def _organisation_of(row: Row) -> str:
    organisation: str = row["organisation"]
    return organisation
