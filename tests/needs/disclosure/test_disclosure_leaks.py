"""A secret word at every level, in every place that can have one, looked for on every channel by everybody.

Whoever reaches a level finds its words where they are shown, and nobody finds a word above it anywhere.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import Organisation, Role, User
from needs.disclosure.actions import revoke_nda
from needs.models import DisclosureView, Need
from needs.need.fields import hideable
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory
from tests.factories.disclosure import NamedOrganisationFactory, NdaAcceptanceFactory, NeedAttachmentFactory
from tests.factories.evaluation import ReviewerFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory, broker

pytestmark = pytest.mark.django_db

Person = Callable[..., User | None]
LEVELS = ("public", "verified", "nda", "named")
# Who → how many of LEVELS they reach.
READERS = {
    "visitor": 1,
    "newcomer": 1,
    "unverified": 1,
    "named_only": 2,  # named without having signed is no more than verified
    "verified": 2,
    "signed": 3,
    "revoked": 2,
    "named": 4,
    "colleague": 4,
    "caretaker": 4,
    "operator": 4,
}


def values_at(level: str) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Name that may be hidden → what the need of this level says there, and how people and programs may read it."""
    place = LEVELS.index(level)
    trl, months, low = (3, 5, 6, 8)[place], 96 + place, 61357 + 11 * place
    mode, mode_words = (
        ("lecture", "讲学"),
        ("joint_entity", "共建实体"),
        ("equity", "作价入股"),
        ("long_term_service", "长期服务"),
    )[place]
    texts = ("technical_field", "background", "difficulty", "tried", "benchmark")
    return {
        **{name: ({name: f"密语-{name}-{level}"}, (f"密语-{name}-{level}",)) for name in texts},
        "keywords": ({"keywords": [f"密词{level}"]}, (f"密词{level}",)),
        "trl_min": ({"trl_min": trl}, (f"TRL {trl}", f'"trl_min":{trl}')),
        "budget": ({"budget_min": low, "budget_max": low + 5}, (f"{low}", f"{low:,}", f"{low + 5}", f"{low + 5:,}")),
        "months": ({"months": months}, (f"{months} 个月", f'"months":{months}')),
        "cooperation_modes": ({"cooperation_modes": [mode]}, (mode_words, f'"{mode}"')),
    }


def row_words(level: str) -> tuple[str, ...]:
    return (f"指标密语{level}", str(73159 + LEVELS.index(level)), f"条件密语{level}")


def words_of(level: str) -> list[str]:
    """Everything of this level that must be told to nobody below it."""
    texts = [word for _fields, words in values_at(level).values() for word in words]
    return [*texts, *row_words(level), f"文件密语{level}", f"字节密语{level}"]


def need_at(level: str, organisation: Organisation, **fields: Any) -> Need:
    """A published need with everything that can be restricted at one level."""
    content = {field: value for values, _words in values_at(level).values() for field, value in values.items()}
    disclosure = {} if level == "public" else dict.fromkeys(hideable(), level)
    need = NeedFactory(
        published=True, organisation=organisation, title=f"第{level}级需求", disclosure=disclosure, **content, **fields
    )
    name, value, condition = row_words(level)
    NeedIndicatorFactory(need=need, name=name, value=int(value), condition=condition, level=level)
    NeedAttachmentFactory(need=need, name=f"文件密语{level}.pdf", secret=f"字节密语{level}", level=level)
    return need


@pytest.fixture
def people(enterprise: Organisation, colleague: User, operator: User, newcomer: User) -> Person:
    """`people(who, need, …)`: the person with what makes them who they are on these needs."""

    def person(who: str, *needs: Need) -> User | None:
        fixed = {"colleague": colleague, "operator": operator, "newcomer": newcomer, "caretaker": needs[0].caretaker}
        if who == "visitor":
            return None
        if who in fixed:
            return fixed[who]
        organisation = OrganisationFactory(pending=who == "unverified")
        member = MembershipFactory(organisation=organisation, role=Role.MEMBER).user
        for need in needs:
            if who in {"named", "named_only"}:
                NamedOrganisationFactory(need=need, organisation=organisation)
            if who in {"signed", "named", "revoked", "unverified"}:
                acceptance = NdaAcceptanceFactory(need=need, organisation=organisation, accepted_by=member)
            if who == "revoked":
                revoke_nda(acceptance=acceptance, reason="不再参与", by=member, at=timezone.now())
        return member

    return person


def client_as(user: User | None) -> Client:
    """A browser that also sends the token a program would."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def api_as(user: User | None) -> Client:
    if user is None:
        return Client()
    return Client(headers={"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"})


def shared_pages(organisation: Organisation) -> list[tuple[str, dict[str, str]]]:
    """Addresses that could tell something of several needs, with the headers they are asked with."""
    plain: dict[str, str] = {}
    return [
        (reverse("needs:list"), plain),
        (reverse("needs:list") + f"?organisation={organisation.code}", {"HX-Request": "true"}),
        (organisation.get_absolute_url(), plain),
        (reverse("dashboards:home"), plain),
        (reverse("dashboards:desk"), plain),
        (reverse("needs:mine"), plain),
        (reverse("needs:review-queue"), plain),
        (reverse("needs:list") + "?budget=500-", plain),
    ]


def pages_of(need: Need) -> list[str]:
    names = ("needs:detail", "needs:nda", "needs:edit", "needs:disclosure")
    return [reverse(name, args=[need.code]) for name in names]


def api_pages_of(need: Need) -> list[str]:
    one = f"{reverse('api-need-list')}{need.code}/"
    return [one, f"{one}attachments/", f"{one}access-log/", f"{one}nda/"]


@pytest.mark.parametrize("who", READERS)
def test_everybody_finds_exactly_what_their_level_allows(who: str, people: Person, enterprise: Organisation) -> None:
    caretaker = broker()
    needs = {level: need_at(level, enterprise, caretaker=caretaker) for level in LEVELS}
    user = people(who, *needs.values())
    client, api = client_as(user), api_as(user)
    lists = [client.get(url, headers=headers).content.decode() for url, headers in shared_pages(enterprise)]
    lists += [api.get(reverse("api-need-list") + query).content.decode() for query in ("", "?budget=500-")]
    for place, (level, need) in enumerate(needs.items()):
        pages = [client.get(url).content.decode() for url in pages_of(need)]
        answers = [api.get(url).content.decode() for url in api_pages_of(need)]
        if READERS[who] > place:
            for words in [words for _fields, words in values_at(level).values()]:
                assert any(word in pages[0] for word in words), words
                assert any(word in answers[0] for word in words), words
            assert not [word for word in row_words(level) if word not in pages[0] or word not in answers[0]]
            assert f"文件密语{level}" in pages[0]
            assert f"文件密语{level}" in answers[1]
        else:
            told = [word for word in words_of(level) for text in (*lists, *pages, *answers) if word in text]
            assert told == []
        _check_file(client, api, need, is_handed_out=READERS[who] > place)


def _check_file(client: Client, api: Client, need: Need, *, is_handed_out: bool) -> None:
    """By page and by program alike."""
    code = need.attachments.get().code
    for reading, name in ((client, "needs:attachment-download"), (api, "api-attachment-detail")):
        response = reading.get(reverse(name, args=[code]))
        assert response.status_code == (200 if is_handed_out else 404)
        content = b"".join(response.streaming_content) if is_handed_out else response.content
        assert ("字节密语".encode() in content) is is_handed_out


@pytest.mark.parametrize("who", ["visitor", "verified", "colleague", "operator"])
@pytest.mark.parametrize("channel", ["needs:list", "api-need-list"])
def test_a_restricted_budget_is_found_by_no_filter_whoever_asks(
    who: str, channel: str, people: Person, enterprise: Organisation
) -> None:
    """Else a reader could close in on it; and it is not 面议 either."""
    need = need_at("nda", enterprise)
    user = people(who, need)
    client = client_as(user) if channel == "needs:list" else api_as(user)
    for budget in ("0-20", "20-50", "50-100", "100-500", "500-", "open"):
        assert need.title not in client.get(reverse(channel), {"budget": budget}).content.decode()
    assert need.title in client.get(reverse(channel)).content.decode()


def test_a_public_budget_is_found_by_its_filter(enterprise: Organisation) -> None:
    need = need_at("public", enterprise)
    assert need.title in Client().get(reverse("needs:list"), {"budget": "500-"}).content.decode()


def test_the_description_of_the_page_is_public_even_for_who_reads_more(
    people: Person, enterprise: Organisation
) -> None:
    """It is what other programs keep of a page."""
    need = need_at("verified", enterprise)
    page = client_as(people("verified", need)).get(need.get_absolute_url()).content.decode()
    assert "密语-background" not in page.split("</head>")[0]


@pytest.mark.parametrize("ended_by", ["poser", "own"])
def test_a_revocation_takes_effect_at_the_next_request(
    ended_by: str, people: Person, enterprise: Organisation, buyer: User
) -> None:
    need = need_at("nda", enterprise)
    reader = people("signed", need)
    assert reader is not None
    client, api = client_as(reader), api_as(reader)
    file = reverse("needs:attachment-download", args=[need.attachments.get().code])
    asked = [(client, need.get_absolute_url()), (api, reverse("api-need-detail", args=[need.code]))]
    for reading, url in asked:
        assert "密语-background" in reading.get(url).content.decode()
    assert b"".join(client.get(file).streaming_content)
    revoke_nda(
        acceptance=need.nda_acceptances.get(),
        reason="合作终止",
        by=buyer if ended_by == "poser" else reader,
        at=timezone.now(),
    )
    for reading, url in asked:
        assert not [word for word in words_of("nda") if word in reading.get(url).content.decode()]
    assert client.get(file).status_code == 404


def test_losing_the_verification_or_the_membership_takes_effect_at_the_next_request(
    people: Person, enterprise: Organisation
) -> None:
    need = need_at("named", enterprise)
    reader = people("named", need)
    assert reader is not None
    membership = reader.memberships.get()
    client = client_as(reader)
    assert "密语-background" in client.get(need.get_absolute_url()).content.decode()
    Organisation.objects.filter(pk=membership.organisation_id).update(state="pending", decided_at=None)
    assert "密语-background" not in client.get(need.get_absolute_url()).content.decode()
    Organisation.objects.filter(pk=membership.organisation_id).update(state="verified", decided_at=timezone.now())
    assert "密语-background" in client.get(need.get_absolute_url()).content.decode()
    membership.ended_at = timezone.now() - timedelta(minutes=1)
    membership.save()
    assert "密语-background" not in client.get(need.get_absolute_url()).content.decode()


def test_refusals_and_error_texts_tell_nothing(people: Person, enterprise: Organisation) -> None:
    need = need_at("named", enterprise)
    user = people("verified", need)
    client, api = client_as(user), api_as(user)
    answers = [
        client.post(reverse("needs:edit", args=[need.code]), {}),
        client.post(reverse("needs:need-attach", args=[need.code]), {}),
        client.post(reverse("needs:disclosure-name", args=[need.code]), {"organisation": "x"}),
        client.post(reverse("needs:nda", args=[need.code]), {}),
        client.post(reverse("needs:attachment-remove", args=[need.attachments.get().code])),
        api.patch(reverse("api-need-detail", args=[need.code]), {"budget_min": "1"}, content_type="application/json"),
        api.post(
            f"{reverse('api-need-list')}{need.code}/named/", {"organisation": "x"}, content_type="application/json"
        ),
        api.delete(reverse("api-attachment-detail", args=[need.attachments.get().code])),
    ]
    assert not [
        (response.request["PATH_INFO"], word)
        for response in answers
        for word in words_of("named")
        if word in response.content.decode()
    ]
    assert not need.attachments.filter(removed_at__isnull=False).exists()


def test_who_was_shown_nothing_left_no_trace_in_the_log(people: Person, enterprise: Organisation) -> None:
    need = need_at("nda", enterprise)
    client = client_as(people("verified", need))
    for url in [*pages_of(need), *(url for url, _headers in shared_pages(enterprise))]:
        client.get(url)
    assert not DisclosureView.objects.exists()


# --- Beside what is answered, agreed and judged --------------------------------------------------------------------


def said_beside(user: User | None, pages: list[str], api_pages: list[str]) -> list[tuple[str, str]]:
    """(address, word) of everything of level NDA that `user` is told on these."""
    client, api = client_as(user), api_as(user)
    answers = [(url, client.get(url)) for url in pages] + [(url, api.get(url)) for url in api_pages]
    return [(url, word) for url, answer in answers for word in words_of("nda") if word in answer.content.decode()]


@pytest.mark.parametrize("signs", [False, True])
def test_the_pages_of_a_bid_show_its_bidder_no_more_than_its_level(
    signs: bool, people: Person, enterprise: Organisation
) -> None:
    need = need_at("nda", enterprise)
    member = people("signed" if signs else "verified", need)
    assert member is not None
    organisation = member.memberships.get().organisation
    bid = BidFactory(
        submitted=True,
        challenge=ChallengeFactory(open_now=True, need=need),
        organisation=organisation,
        created_by=member,
        version__indicator_answers=[],
    )
    code = bid.challenge.code
    pages = [reverse(f"challenges:{name}", args=[bid.code]) for name in ("bid-detail", "bid-edit")]
    pages += [reverse(f"challenges:{name}", args=[code]) for name in ("detail", "bid-create")]
    pages += [reverse("challenges:bid-version", args=[bid.code, 1]), reverse("challenges:bid-mine")]
    api_pages = [f"/api/v1/bids/{bid.code}/", "/api/v1/bids/", f"/api/v1/challenges/{code}/"]
    told = {word for _url, word in said_beside(member, pages, api_pages)}
    assert told == (set(row_words("nda")) if signs else set())


def test_a_claim_and_a_contract_tell_nothing_of_the_need_above_the_level(
    people: Person, enterprise: Organisation
) -> None:
    """A contract may come of a contact whose supplier never signed: its pages and its paper name the need only."""
    need = need_at("nda", enterprise)
    member = people("verified", need)
    assert member is not None
    claim = ChallengeFactory(open_now=True, first_claim=True, need=need)
    contract = ContractFactory(accepted=True, need=need, supplier=member.memberships.get().organisation)
    names = ("detail", "print", "certificate", "case-edit")
    pages = [reverse(f"contracts:{name}", args=[contract.code]) for name in names]
    pages += [reverse("challenges:claim", args=[claim.code]), reverse("contracts:mine")]
    api_pages = [f"/api/v1/contracts/{contract.code}/", "/api/v1/contracts/"]
    assert said_beside(member, pages, api_pages) == []
    assert client_as(member).get(pages[0]).status_code == 200


def test_a_reviewer_reads_no_indicator_above_their_own_level(people: Person, enterprise: Organisation) -> None:
    need = need_at("nda", enterprise)
    challenge = ChallengeFactory(evaluating=True, need=need)
    BidFactory(challenge=challenge, submitted=True, label=1, version__indicator_answers=[])
    reviewer = ReviewerFactory(challenge=challenge, active=True, user=people("verified", need))
    code = challenge.code
    pages = [reverse(f"challenges:{name}", args=[code]) for name in ("review", "minutes-print", "detail")]
    pages += [reverse("challenges:scorecard", args=[code, 1]), reverse("challenges:review-mine")]
    assert said_beside(reviewer.user, pages, [f"/api/v1/reviews/{code}/", "/api/v1/reviews/"]) == []
    assert client_as(reviewer.user).get(pages[3]).status_code == 200
