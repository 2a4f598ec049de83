"""Registering, one's own profile, the key to the API."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from accounts.models import User


class EmailTaken(Exception):
    """Somebody registered with this address already; the message may be shown."""


PROFILE_FIELDS = ("name", "language", "wants_recommendations")


@transaction.atomic
def register(*, email: str, name: str, password: str, at: datetime, language: str = "zh-hans") -> User:
    """Make an account that belongs to no organisation yet. Raises `EmailTaken`, ignoring case."""
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, name=name, language=language, joined_at=at)
    except IntegrityError:
        raise EmailTaken(_("该邮箱已注册，请直接登录。")) from None


@transaction.atomic
def change_profile(*, user: User, values: dict[str, Any]) -> User:
    """Write `PROFILE_FIELDS` of oneself."""
    for field in PROFILE_FIELDS:
        setattr(user, field, values[field])
    user.save(update_fields=PROFILE_FIELDS)
    return user


@transaction.atomic
def change_language(*, user: User, language: str) -> User:
    user.language = language
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def renew_token(*, user: User) -> Token:
    """A new key for the API; the old one stops working in the same moment."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    Token.objects.filter(user=user).delete()
    return Token.objects.create(user=user)


@transaction.atomic
def revoke_token(*, user: User) -> None:
    Token.objects.filter(user=user).delete()
