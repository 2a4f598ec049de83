"""Rows from before a change of what columns mean. Run inside the test's transaction, which takes the schema back."""

from datetime import timedelta

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from matching.models import Match, MatchRun
from needs.models import BidVersion
from needs.queries.asked import asked_now, asked_of
from tests.factories import (
    BidFactory,
    BidVersionFactory,
    ChallengeFactory,
    ContractFactory,
    NeedFactory,
    NeedIndicatorFactory,
)
from tests.factories.matching import MatchFactory

pytestmark = pytest.mark.django_db


def migrate(app: str, name: str) -> Apps:
    """The models as they were with this migration, and the tables too."""
    with connection.cursor() as cursor:  # no table is altered while a check of its rows waits for the end
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name)])
    return executor.loader.project_state([(app, name)]).apps


def test_what_was_not_public_is_for_named_organisations_and_withdrawals_get_their_time() -> None:
    old = migrate("needs", "0002_disclosure_levels")
    now = timezone.now()
    organisation = old.get_model("accounts", "Organisation").objects.create(name="示例旧单位", kind="enterprise")
    need_of, row_of = old.get_model("needs", "Need").objects, old.get_model("needs", "NeedIndicator").objects
    withdrawn, _unrecorded, draft = (
        need_of.create(organisation=organisation, title=title, state=state)
        for title, state in (("撤回", "withdrawn"), ("没有记录", "withdrawn"), ("草稿", "draft"))
    )
    for is_public in (True, False):
        row_of.create(need=draft, name=f"{is_public}", value=1, comparison="ge", is_public=is_public)
    for days in (9, 3):
        old.get_model("accounts", "AuditEvent").objects.create(
            action="need.withdraw", object_code=withdrawn.code, at=now - timedelta(days=days)
        )
    new = migrate("needs", "0003_fill_disclosure_levels")
    assert dict(new.get_model("needs", "NeedIndicator").objects.values_list("name", "level")) == {
        "True": "public",
        "False": "named",
    }
    moments = dict(new.get_model("needs", "Need").objects.values_list("title", "withdrawn_at"))
    assert moments["撤回"] == now - timedelta(days=3), "the last withdrawal"
    assert moments["没有记录"] is not None
    assert moments["草稿"] is None


def test_suppliers_keep_what_hides_nothing_and_the_rest_is_scored_again_before_they_read_it() -> None:
    open_need = NeedFactory(published=True)
    by_field = NeedFactory(published=True, disclosure={"budget": "nda"})
    by_row = NeedFactory(published=True)
    NeedIndicatorFactory(need=by_row, level="named")
    kept, field, row = (MatchFactory(need=need) for need in (open_need, by_field, by_row))
    gone = MatchFactory(need=open_need, is_current=False)
    Match.objects.update(public_grade="")
    before = set(MatchRun.objects.values_list("pk", flat=True))
    migrate("matching", "0002_care_and_feedback")
    new = migrate("matching", "0003_fill_public_grades")
    grades = dict(new.get_model("matching", "Match").objects.values_list("pk", "public_grade"))
    assert grades == {kept.pk: kept.grade, field.pk: "", row.pk: "", gone.pk: ""}
    run = new.get_model("matching", "MatchRun").objects.exclude(pk__in=before).get()
    assert (run.state, {need.pk for need in run.needs.all()}) == ("queued", {by_field.pk, by_row.pk})


@pytest.mark.parametrize("documents", [0, 1])
def test_documents_of_the_engine_before_are_written_anew_by_one_rematch(documents: int) -> None:
    need = NeedFactory(published=True)
    old = migrate("matching", "0003_fill_public_grades")
    stored, runs = (old.get_model("matching", name).objects for name in ("StoredDocument", "MatchRun"))
    for _ in range(documents):
        stored.create(key=need.code, need_id=need.pk, fingerprint="0" * 64, content={}, tokens={}, search_vector="")
    before = runs.count()
    new = migrate("matching", "0004_rematch_with_new_documents")
    assert not new.get_model("matching", "StoredDocument").objects.exists()
    queued = new.get_model("matching", "MatchRun").objects.order_by("pk")[before:]
    assert [(run.trigger, run.state) for run in queued] == [("rematch", "queued")] * documents


def test_matches_stay_when_they_are_laid_out_anew_and_back() -> None:
    match = MatchFactory()
    for name in ("0010_decisions_taken_back", "0011_matches_cost_less_to_write"):
        known = migrate("matching", name).get_model("matching", "Match").objects.get()
        assert (known.code, known.explanation) == (match.code, match.explanation)


def test_corrections_are_of_the_kind_of_payment_their_contract_has() -> None:
    contracts = {
        mode: ContractFactory(payment_mode=mode) for mode in ("instalments", "royalty", "entry_fee_and_royalty")
    }
    old = migrate("needs", "0006_what_a_correction_is_of")
    person = old.get_model("accounts", "User").objects.create(email="old@example.com")
    milestone = old.get_model("needs", "Milestone").objects.create(
        contract_id=contracts["entry_fee_and_royalty"].pk, position=1, title="样件", due_on="2026-01-01"
    )
    for mode, kind, place in (
        ("instalments", "instalment", None),
        ("instalments", "correction", None),
        ("royalty", "correction", None),
        ("entry_fee_and_royalty", "correction", None),
        ("entry_fee_and_royalty", "correction", milestone),
    ):
        old.get_model("needs", "Payment").objects.create(
            contract_id=contracts[mode].pk,
            milestone=place,
            kind=kind,
            amount=1,
            note="补记",
            paid_on="2026-01-01",
            recorded_by=person,
        )
    new = migrate("needs", "0007_fill_what_corrections_are_of")
    rows = new.get_model("needs", "Payment").objects.order_by("pk").values_list("corrects", flat=True)
    assert list(rows) == ["", "instalment", "royalty", "entry_fee", "instalment"]


def test_bids_handed_in_before_are_asked_what_their_need_asks_now() -> None:
    bid = BidFactory(submitted=True, challenge=ChallengeFactory(open_now=True))
    need = bid.challenge.need
    NeedIndicatorFactory(need=need, condition="20 ℃")
    NeedIndicatorFactory(
        need=need, name="线径", comparison="range", value="0.5", value_max="0.8", unit="mm", position=1
    )
    NeedIndicatorFactory(need=NeedFactory())
    BidVersionFactory(bid=bid, number=2, submitted_at=None)
    old = migrate("needs", "0010_what_bids_were_asked")
    old.get_model("needs", "BidVersion").objects.update(indicators_asked=None)
    migrate("needs", "0011_fill_what_bids_were_asked")
    migrate("needs", "0012_bids_keep_what_they_were_asked")
    handed_in, working = BidVersion.objects.order_by("number")
    assert handed_in.indicators_asked == asked_now(need)
    assert [row.requirement for row in asked_of(handed_in, need, reached=0)] == ["≥ 1000 MPa", "0.5 – 0.8 mm"]
    assert working.indicators_asked is None
