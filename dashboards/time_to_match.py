"""The time to match of many needs: a page of figures, the needs behind each, and their rows as a file.

Operators see every need; everybody else those of the organisation they act for.
"""

import csv
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import Request
from accounts.models import Organisation
from care.time_to_match import figures
from care.time_to_match.figures import (
    UNSTATED,
    Event,
    Measure,
    Outcome,
    Report,
)
from dashboards.forms import TimeToMatchFilters
from lib.industries import industry_name
from lib.regions import region_name
from needs.models import Need

PER_PAGE = 20


@require_safe
def overview(request: Request) -> HttpResponse:
    """Median and p90 per event, the curve, and the chosen event by industry and region."""
    form = _form(request)
    report = figures.report_of(_needs(request, form), at=timezone.now())
    event, query = form.event_chosen, _query(form)
    context = {
        "form": form,
        "active": bool(form.narrow),
        "is_operator": request.is_operator,
        "organisation": request.organisation,
        "report": report,
        "event": event,
        "measures": [_row(measure.event.label, measure, query) for measure in report.measures],
        "chart": chart(report),
        "by_industry": _by("industry", report.by_industry(event), industry_name, query),
        "by_region": _by("region", report.by_region(event), region_name, query),
        "export_url": f"{reverse('dashboards:clock-export')}?{query.urlencode()}",
    }
    return render(request, "dashboards/clock.html", context)


@require_safe
def needs(request: Request) -> HttpResponse:
    """The needs a figure counts, the longest wait first."""
    form, now = _form(request), timezone.now()
    event, outcome = form.event_chosen, form.chosen.get("outcome", "")
    wanted = _needs(request, form).select_related("organisation")
    tabs = []
    for other in Outcome:
        params = _query(form)
        params["event"], params["outcome"] = event.value, other.value
        number = figures.counted(wanted, event=event, outcome=other.value, at=now).count()
        tabs.append(
            {"url": f"?{params.urlencode()}", "label": other.label, "count": number, "is_current": other == outcome}
        )
    found = figures.counted(wanted, event=event, outcome=outcome, at=now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "active": bool(form.narrow),
        "event": event,
        "tabs": tabs,
        "page": page,
        "rows": [_waited(need) for need in page],
        "back_url": f"{reverse('dashboards:clock')}?{_query(form).urlencode()}",
    }
    return render(request, "dashboards/clock_needs.html", context)


@require_safe
def export(request: Request) -> HttpResponse:
    """One line per need the viewer's figures count: its moments, and days from 提交 to each."""
    now = timezone.now()
    rows = figures.with_events(_needs(request, _form(request)), at=now).select_related("organisation")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="clock-{timezone.localdate(now):%Y%m%d}.csv"'
    response.write("\ufeff")  # or a spreadsheet takes the Chinese for something else
    writer = csv.writer(response)
    writer.writerow(_head())
    writer.writerows(_line(need) for need in rows.order_by("submitted_at", "pk"))
    return response


# --- shared --------------------------------------------------------------------------------------------------------


def _form(request: Request) -> TimeToMatchFilters:
    given = request.GET.copy()
    given.setdefault("event", figures.SEARCH_ENDS)  # the field shows what the tables are of
    return TimeToMatchFilters(given, as_operator=request.is_operator)


def _needs(request: Request, form: TimeToMatchFilters) -> QuerySet[Need]:
    return figures.narrowed(scope(is_operator=request.is_operator, organisation=request.organisation), **form.narrow)


def scope(*, is_operator: bool, organisation: Organisation | None) -> QuerySet[Need]:
    """Whose needs the figures may count."""
    if is_operator:
        return Need.objects.all()
    return Need.objects.none() if organisation is None else Need.objects.for_organisation(organisation)


def chart(report: Report) -> dict[str, Any]:
    """For _components/chart.html, kind step: percent of the needs that got so far, by days since 提交."""
    events = list(Event)
    return {
        "columns": [_("自提交起的天数"), *(str(event.label) for event in events)],
        "rows": report.chart_rows(events),
    }


def _query(form: TimeToMatchFilters) -> QueryDict:
    """The filters as they stand, to be carried to the pages behind the figures."""
    query = QueryDict(mutable=True)
    for name, value in form.narrow.items():
        query[name] = value.code if isinstance(value, Organisation) else value
    return query


def _waited(need: Any) -> dict[str, Any]:
    """A need of `figures.counted` with how long it waited, or waits."""
    return {"need": need, "days": figures.shown(need.waited.total_seconds() / figures.DAY)}


def _row(label: Any, measure: Measure, query: QueryDict, **narrower: str) -> dict[str, Any]:
    """A measure with the addresses of the needs each of its numbers counts."""
    urls = {}
    for name, outcome in (("all", Outcome.ALL), ("reached", Outcome.REACHED), ("censored", Outcome.CENSORED)):
        params = query.copy()
        for key, value in {**narrower, "event": measure.event.value, "outcome": outcome.value}.items():
            params[key] = value
        urls[name] = f"{reverse('dashboards:clock-needs')}?{params.urlencode()}"
    return {"label": label, "measure": measure, "urls": urls}


def _by(field: str, groups: list[tuple[str, Measure]], name_of: Any, query: QueryDict) -> list[dict[str, Any]]:
    return [
        _row(name_of(code) if code else _("未填写"), measure, query, **{field: _kept(field, code, query)})
        for code, measure in groups
    ]


def _kept(field: str, code: str, query: QueryDict) -> str:
    """The group's own code; a filter already as narrow or narrower (a city within the province) stays."""
    chosen = query.get(field, "")
    return chosen if field == "region" and chosen else code or UNSTATED


def _head() -> list[str]:
    moments = [str(event.label) for event in Event]
    days = [_("%(event)s（天）") % {"event": label} for label in moments]
    facts = [_("编号"), _("需求名称"), _("需求方"), _("行业"), _("地区"), _("状态"), _("以往用时（天）")]
    return [*facts, _("提交"), *moments, _("撤回或关闭"), *days]


def _line(need: Any) -> list[Any]:
    moments = [getattr(need, f"{event.value}_event_at") for event in Event]
    days = [
        max((moment - need.submitted_at).total_seconds(), 0.0) / figures.DAY if moment else None for moment in moments
    ]
    return [
        need.code,
        _harmless(need.title),
        _harmless(need.organisation.name),
        need.industry_name,
        need.region_name,
        need.get_state_display(),
        need.usual_search_days,
        _minute(need.submitted_at),
        *map(_minute, moments),
        _minute(need.ended_at),
        *(None if number is None else round(number, 2) for number in days),
    ]


def _minute(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _harmless(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
