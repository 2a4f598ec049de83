"""The first operator of a new installation."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation, User, is_operator
from tests.factories.accounts import UserFactory

PASSWORD = "jingxi-Sunmao-7"


def create(email="op@example.com", organisation="示例运营中心", **options):
    call_command("create_operator", email, organisation=organisation, **{"password": PASSWORD, **options})


def test_makes_the_person_and_the_organisation(db, capsys):
    create(name="示例运营员")

    user = User.objects.get()
    assert is_operator(user)
    assert user.check_password(PASSWORD)
    assert "示例运营中心" in capsys.readouterr().out


def test_twice_changes_nothing(db):
    create()
    create()

    assert (User.objects.count(), Organisation.objects.count()) == (1, 1)


def test_takes_a_person_who_is_there(db):
    user = UserFactory(email="op@example.com")

    create("OP@example.com")

    assert is_operator(User.objects.get(pk=user.pk))


def test_asks_for_a_good_password_when_none_is_given(db, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "12345678")

    with pytest.raises(CommandError):
        create(password="")
    assert not User.objects.exists()


def test_gives_no_operator_rights_over_another_kind_of_organisation(enterprise):
    with pytest.raises(CommandError):
        create(organisation=enterprise.name)
    assert not User.objects.exists()
