"""Texts are found where they stand, and an English reader misses nothing."""

from pathlib import Path

import pytest

from scripts import i18n

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
A = _("需求")
B = ngettext("%(n)s 项", "%(n)s 项成果", 2)
C = pgettext_lazy("月份", "一")
D = _(variable)
"""
TEMPLATE = """{% load i18n %}
    <p>{% translate "成果" %}</p>
  {# 不显示 #}{% comment %}也不显示{% endcomment %}
      {% blocktranslate with name=x trimmed %}
        你好，{{ name }}
      {% endblocktranslate %}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one module and one template."""
    (tmp_path / "needs").mkdir()
    (tmp_path / "needs" / "models.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    monkeypatch.setattr(i18n, "LOCALE", tmp_path / "locale")
    return tmp_path


def translate(project: Path, text: str, english: str) -> None:
    """What a translator does in the file."""
    path = i18n.po_path("en")
    source = path.read_text(encoding="utf-8")
    assert f'msgid "{text}"\nmsgstr ""' in source
    path.write_text(
        source.replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{english}"'), encoding="utf-8"
    )


def test_texts_are_found_in_code_and_templates(project: Path) -> None:
    found = {(message.context, message.id) for message in i18n.extract() if message.id}
    assert found == {
        (None, "需求"),
        (None, ("%(n)s 项", "%(n)s 项成果")),
        ("月份", "一"),
        (None, "成果"),
        (None, "你好，%(name)s"),
    }


def test_an_update_keeps_translations_and_drops_what_is_gone(project: Path) -> None:
    i18n.update()
    translate(project, "需求", "Need")
    translate(project, "成果", "Output")
    (project / "templates" / "page.html").write_text("", encoding="utf-8")
    i18n.update()
    texts = {message.id: message.string for message in i18n.read("en") if message.id}
    assert texts["需求"] == "Need"
    assert "成果" not in texts


def test_an_update_without_news_changes_no_byte(project: Path) -> None:
    i18n.update()
    before = i18n.po_path("en").read_bytes()
    i18n.update()
    assert i18n.po_path("en").read_bytes() == before


@pytest.mark.parametrize(
    ("english", "complaint"),
    [("", "no translation"), ("Hello", "placeholders differ"), ("Hello, %(nome)s", "placeholders differ")],
)
def test_a_missing_or_broken_translation_is_named(project: Path, english: str, complaint: str) -> None:
    i18n.update()
    translate(project, "你好，%(name)s", english)
    about_it = [line for line in i18n.problems() if "你好" in line]
    assert len(about_it) == 1
    assert complaint in about_it[0]


def test_chinese_outside_translation_tags_is_named(project: Path) -> None:
    (project / "templates" / "page.html").write_text("<p>\n裸露的文字</p>\n", encoding="utf-8")
    assert any(line.startswith("templates/page.html:2: not marked") for line in i18n.problems())


def test_the_interface_is_complete_in_english() -> None:
    assert i18n.problems() == []
