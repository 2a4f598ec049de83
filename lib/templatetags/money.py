"""`{% load money %}`: {{ need.budget_min|amount_said }}."""

from django import template

from lib.money import amount_said

register = template.Library()
register.filter("amount_said", amount_said)
