"""A notice stores the key of its text: rewording the text rewords what was sent before, in every language."""

import re

import pytest
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from accounts.models import Notification
from accounts.notice import texts
from accounts.notice.actions import notify

PLACE = re.compile(r"%\((\w+)\)")


def worded(**by_language: str):
    """A text with words of its own for each language, as gettext_lazy has from the catalogue."""
    return lazy(lambda: by_language[get_language().replace("-", "_")], str)()


@pytest.fixture
def own_texts(monkeypatch):
    """Registrations of this test are gone after it."""
    monkeypatch.setattr(texts, "_TEXTS", dict(texts._TEXTS))


@pytest.fixture
def tell(buyer, at, own_texts):
    def telling(key: str, **params: object) -> Notification:
        notify(recipients=[buyer], event=key, key=key, params=params, url="/", at=at)
        return Notification.objects.get(event=key)

    return telling


def test_rewording_a_text_rewords_old_notices_in_both_languages(tell):
    texts.register("trial", {"done": worded(zh_hans="《%(title)s》完成了。", en="%(title)s is done.")})
    notice = tell("trial.done", title="焊缝检测")
    assert notice.text == "《焊缝检测》完成了。"

    texts.register("trial", {"done": worded(zh_hans="“%(title)s”已完成。", en="We have finished %(title)s.")})

    notice.refresh_from_db()
    assert notice.text == str(notice) == "“焊缝检测”已完成。"
    with override("en"):
        assert notice.text == "We have finished 焊缝检测."


def test_a_key_nobody_registered_cannot_be_sent(tell):
    with pytest.raises(KeyError):
        tell("trial.unheard-of")

    assert not Notification.objects.exists()


def test_a_text_that_went_away_says_so(tell):
    texts.register("trial", {"done": worded(zh_hans="《%(title)s》完成了。", en="%(title)s is done.")})
    notice = tell("trial.done", title="焊缝检测")

    del texts._TEXTS["trial.done"]

    assert notice.text == texts.GONE
    with override("en"):
        assert notice.text == "The content of this notice is no longer available."


@pytest.mark.parametrize("key", sorted(texts.keys()))
def test_every_text_is_there_in_both_languages_with_the_same_places(key):
    chinese = str(texts.text_of(key))
    with override("en"):
        english = str(texts.text_of(key))

    assert english != chinese
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert set(PLACE.findall(english)) == set(PLACE.findall(chinese))


def test_the_rooms_of_accounts_have_their_texts():
    assert {"organisation.pending", "membership.invited"} <= texts.keys()
