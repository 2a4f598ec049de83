"""A person who logs in with an e-mail address."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField(_("邮箱"), max_length=254, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    language = models.CharField(_("界面语言"), max_length=10, default="zh-hans")
    # Rules on algorithmic recommendation: a person may switch personal recommendation off (DOMAIN.md §6).
    wants_recommendations = models.BooleanField(_("接收个性化推荐"), default=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    joined_at = models.DateTimeField(_("注册时间"), default=timezone.now)

    # The answer of `is_operator`, kept for the life of one request; None until somebody asked.
    _is_operator: bool | None = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")]

    def __str__(self) -> str:
        return self.name


# Who sends a request: a person, or a visitor.
Anyone: TypeAlias = User | AnonymousUser
