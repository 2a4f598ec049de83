"""Every page a person can open, for tests that walk the whole site."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import Match, MatchRun, Trigger
from matching.runs.actions import start_run
from matching.runs.execution import work_off
from needs.models import Need
from solutions.models import Solution
from tests.factories.accounts import OrganisationFactory
from tests.factories.matching import JudgementFactory, WeightingFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, ProfileFactory, SolutionIndicatorFactory
from tests.site_life import Life, build_life


@dataclass
class Site:
    """A small platform on which something has happened: one of each thing, matched."""

    need: Need
    draft: Need
    output: Solution
    profile: Solution
    enterprise: Organisation
    pending: Organisation
    match: Match
    run: MatchRun
    life: Life

    def public_pages(self) -> list[str]:
        return [
            reverse("dashboards:home"),
            reverse("dashboards:about-matching"),
            reverse("needs:list"),
            reverse("solutions:list"),
            reverse("solutions:institution-list"),
            reverse("accounts:organisation-list"),
            self.need.get_absolute_url(),
            self.output.get_absolute_url(),
            self.profile.get_absolute_url(),
            self.enterprise.get_absolute_url(),
            reverse("matching:search") + "?q=bearing",
            reverse("matching:search"),
            *self.life.public,
        ]

    def visitor_pages(self) -> list[str]:
        return [reverse("accounts:login"), reverse("accounts:register")]

    def own_pages(self) -> list[str]:
        """What everybody who is logged in has."""
        return [
            reverse("dashboards:desk"),
            reverse("accounts:profile"),
            reverse("accounts:password-change"),
            reverse("accounts:notices"),
            reverse("accounts:token"),
            reverse("accounts:organisation-create"),
        ]

    def buyer_pages(self) -> list[str]:
        return [
            reverse("needs:mine"),
            reverse("needs:create"),
            self.draft.get_absolute_url(),
            reverse("needs:edit", args=[self.draft.code]),
            reverse("matching:for-need", args=[self.need.code]),
            reverse("matching:similar-to-need", args=[self.draft.code]),
            self.match.get_absolute_url(),
            self.run.get_absolute_url(),
            reverse("accounts:members", args=[self.enterprise.code]),
            reverse("accounts:organisation-edit", args=[self.enterprise.code]),
            *self.life.buyer,
        ]

    def supplier_pages(self) -> list[str]:
        return [
            reverse("solutions:mine"),
            reverse("solutions:create"),
            reverse("solutions:edit", args=[self.output.code]),
            reverse("solutions:profile-edit"),
            reverse("matching:for-solution", args=[self.output.code]),
            self.match.get_absolute_url(),
            *self.life.supplier,
        ]

    def operator_pages(self) -> list[str]:
        return [
            reverse("needs:review-queue"),
            reverse("solutions:review-queue"),
            reverse("accounts:verification-queue"),
            self.pending.get_absolute_url(),
            reverse("matching:review"),
            reverse("matching:run-list"),
            reverse("matching:learning"),
            reverse("matching:duplicate-list"),
            reverse("matching:duplicate-list") + "?kind=output",
            self.run.get_absolute_url(),
            self.match.get_absolute_url(),
            *self.life.operator,
        ]

    def reviewer_pages(self) -> list[str]:
        return self.life.reviewer

    def pages_of(self, role: str, *, with_public: bool = True) -> list[str]:
        """Pages of "visitor", "buyer", "supplier", "operator", "reviewer"."""
        if role == "visitor":
            return self.public_pages() + self.visitor_pages()
        public = self.public_pages() if with_public else []
        special = {
            "buyer": self.buyer_pages,
            "supplier": self.supplier_pages,
            "operator": self.operator_pages,
            "reviewer": self.reviewer_pages,
        }
        return public + self.own_pages() + special[role]()


def build_site(
    *, enterprise: Organisation, university: Organisation, buyer: User, supplier: User, operator: User
) -> Site:
    """The texts are English words, so that a Han character on an English page is a leak of the interface."""
    texts = {
        "title": "Bearing steel that lasts longer in wind turbines",
        "technical_field": "Metals",
        "keywords": ["bearing steel", "inclusions"],
    }
    for organisation, name in ((enterprise, "Demo Works"), (university, "Demo University")):
        organisation.name = name
        organisation.save()
    operator_organisation = operator.memberships.get().organisation
    operator_organisation.name = "Demo Operator"
    operator_organisation.save()
    body = "Inclusions in the steel start cracks; the rings flake off after four hundred hours on the test bench."
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        background=body,
        difficulty=body,
        caretaker=operator,
        declared_by=operator,
        **texts,
    )
    NeedIndicatorFactory(need=need, name="Tensile strength", unit="MPa")
    draft = NeedFactory(organisation=enterprise, background=body, difficulty="", **texts)
    output = OutputFactory(published=True, organisation=university, summary=body, **texts)
    SolutionIndicatorFactory(solution=output, name="Tensile strength", unit="N/mm²")
    profile = ProfileFactory(
        published=True,
        organisation=university,
        title="Demo University at work",
        summary=body,
        disciplines=["Materials"],
    )
    pending = OrganisationFactory(pending=True, name="Demo Newcomer")
    reconcile(at=timezone.now())
    run = start_run(trigger=Trigger.NEED_PUBLISHED, needs=[need], by=operator, at=timezone.now())
    work_off()
    match = Match.objects.get()
    JudgementFactory(need=need, solution=output)
    JudgementFactory(need=need, solution=output, kind="not_suitable", reason="price")
    WeightingFactory(verdict="too_few", figures={})
    before = WeightingFactory(retired=True)
    WeightingFactory(rolled_back=True, rolled_back_by=operator, replaces=before)
    WeightingFactory(active=True, replaces=before)
    return Site(
        need=need,
        draft=draft,
        output=output,
        profile=profile,
        enterprise=enterprise,
        pending=pending,
        match=match,
        run=run,
        life=build_life(
            enterprise=enterprise, university=university, buyer=buyer, supplier=supplier, operator=operator
        ),
    )


def people(site: Site, buyer: User, supplier: User, operator: User) -> Iterator[tuple[str, User | None]]:
    """Who walks: a role and the person in it."""
    for name, person in (("Demo Buyer", buyer), ("Demo Professor", supplier), ("Demo Reviewer", operator)):
        person.name = name
        person.save()
    yield "visitor", None
    yield "buyer", buyer
    yield "supplier", supplier
    yield "operator", operator
    yield "reviewer", site.life.reviewing
