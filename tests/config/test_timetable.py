"""What runs by the clock: nightly work has a time of day, and every entry names a task that exists."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from celery.schedules import crontab

from config.celery import app

NIGHTLY = {"reconcile-documents", "find-duplicates", "train-weighting"}
# An interval counts from the start of beat; longer ones would never pass on a server redeployed every day.
LONGEST_INTERVAL = timedelta(hours=1)


def test_nightly_work_runs_at_a_time_of_day_and_nothing_else_does() -> None:
    schedules = {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
    assert {name for name, schedule in schedules.items() if isinstance(schedule, crontab)} == NIGHTLY
    for name in schedules.keys() - NIGHTLY:
        assert timedelta(seconds=schedules[name]) <= LONGEST_INTERVAL, name


def test_nightly_times_are_at_night_in_china_and_apart() -> None:
    times = [app.conf.beat_schedule[name]["schedule"] for name in NIGHTLY]
    assert ZoneInfo("Asia/Shanghai") == app.timezone
    assert all(time.hour <= {0, 1, 2, 3, 4, 5} and len(time.hour) == len(time.minute) == 1 for time in times)
    assert len({(*time.hour, *time.minute) for time in times}) == len(times)


def test_every_entry_names_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()
