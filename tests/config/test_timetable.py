"""What runs by the clock: nightly work has a time of day, and every entry names a task that exists."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from celery.schedules import crontab

from config.celery import app

# An interval counts from the start of beat; longer ones would never pass on a server redeployed every day.
LONGEST_INTERVAL = timedelta(hours=1)
SCHEDULES = {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
NIGHTLY = {name: schedule for name, schedule in SCHEDULES.items() if isinstance(schedule, crontab)}


def test_what_does_not_run_every_hour_has_a_time_of_day() -> None:
    assert {"reconcile-documents", "find-duplicates", "train-weighting"} <= NIGHTLY.keys()
    for name in SCHEDULES.keys() - NIGHTLY.keys():
        assert timedelta(seconds=SCHEDULES[name]) <= LONGEST_INTERVAL, name


def test_nightly_times_are_at_night_in_china_and_apart() -> None:
    assert ZoneInfo("Asia/Shanghai") == app.timezone
    for time in NIGHTLY.values():
        assert time.hour <= {0, 1, 2, 3, 4, 5}
        assert len(time.hour) == len(time.minute) == 1
    assert len({(*time.hour, *time.minute) for time in NIGHTLY.values()}) == len(NIGHTLY)


def test_every_entry_names_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()
