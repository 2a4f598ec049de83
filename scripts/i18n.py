"""Translations with Babel alone, no gettext tools needed. The texts in the code are Chinese; locale/en is English.

python -m scripts.i18n update     collect marked texts into locale/*/LC_MESSAGES/django.po
python -m scripts.i18n compile    write the .mo files Django reads (only those that are out of date)
python -m scripts.i18n check      0 when nothing is missing, stale, fuzzy or unmarked; else says what
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from scripts import missing_package

try:
    from babel.messages.catalog import Catalog, Message
    from babel.messages.extract import DEFAULT_KEYWORDS
    from babel.messages.extract import extract as babel_extract
    from babel.messages.frontend import parse_keywords
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po
except ModuleNotFoundError:
    raise SystemExit(missing_package("babel")) from None

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ["en"]
PACKAGES = [
    "lib",
    "accounts",
    "solutions",
    "needs",
    "contracts",
    "challenges",
    "matching",
    "care",
    "dashboards",
    "config",
]
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(
    [
        *("gettext_lazy", "gettext_noop", "ngettext_lazy:1,2"),
        *("pgettext_lazy:1c,2", "npgettext_lazy:1c,2,3"),
    ]
)
HEADER = "# Sunhe's texts in this language. Renewed by `make messages`; write the translations here."
COMMENT_TAG = "Translators:"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}")
HAN = re.compile(r"[\u3400-\u9fff]")
# What a template does not show as it stands: tags, comments, and everything between translation tags.
NOT_SHOWN = re.compile(
    r"{%\s*(blocktrans(?:late)?)\b.*?%}.*?{%\s*end\1\s*%}|{%\s*comment\b.*?{%\s*endcomment\s*%}"
    r"|{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->",
    re.DOTALL,
)


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may hold marked texts, with its contents as Python."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
    for path in templates():
        pseudo = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # Python's tokenizer would trip over a template's indentation.
        yield path, "\n".join(line.lstrip() for line in pseudo.splitlines()) + "\n"


def templates() -> list[Path]:
    """Every template, pages and e-mails."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def extract() -> Catalog:
    """The marked texts of the project, with the files they stand in."""
    catalog = Catalog(project="Sunhe", charset="utf-8")
    for path, text in sources():
        place = path.relative_to(ROOT).as_posix()
        found = babel_extract("python", io.BytesIO(text.encode()), KEYWORDS, [COMMENT_TAG], {"encoding": "utf-8"})
        for _line, texts, comments, context in found:
            # No line numbers: they would change the catalogue with every edit.
            catalog.add(texts, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalog


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is on disk; an empty one when there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Sunhe", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update() -> None:
    """Bring the catalogues to what the code says. Texts that are gone are dropped; translations stay."""
    template = extract()
    for language in LANGUAGES:
        catalog = read(language)
        template.creation_date = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.fuzzy = False
        catalog.header_comment = HEADER
        catalog.version = "1"
        catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
        empty = sum(not is_translated(message) for message in catalog if message.id)
        print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {empty} without translation")


def compile_catalogues() -> None:
    """Write each .mo that is older than its .po."""
    for language in LANGUAGES:
        source = po_path(language)
        target = source.with_suffix(".mo")
        if not source.exists():
            continue
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, read(language))


def is_translated(message: Message) -> bool:
    """Whether every form of the text has a translation that somebody has looked at."""
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def problems() -> list[str]:
    """What keeps an English reader from a complete interface, one line each, with the file to open."""
    template = extract()
    found = list(_unmarked())
    for language in LANGUAGES:
        catalog = read(language)
        path = po_path(language).relative_to(ROOT)
        for wanted in template:
            if not wanted.id:
                continue
            message = catalog.get(wanted.id, wanted.context)
            place = wanted.locations[0][0]
            if message is None:
                found.append(f"{path}: not collected, run `make messages`: {_text(wanted)!r} ({place})")
            elif not is_translated(message):
                found.append(f"{path}: no translation: {_text(wanted)!r} ({place})")
            elif placeholders(message.id) != placeholders(message.string):
                found.append(f"{path}: placeholders differ: {_text(wanted)!r} ({place})")
        for message in catalog:
            if message.id and template.get(message.id, message.context) is None:
                found.append(f"{path}: no longer used, run `make messages`: {_text(message)!r}")
    return found


def placeholders(texts: object) -> set[str]:
    """The names of all placeholders in a text or in its forms."""
    forms = texts if isinstance(texts, (list, tuple)) else [texts]
    return {first or second for form in forms for first, second in PLACEHOLDER.findall(str(form))}


def _text(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _unmarked() -> Iterator[str]:
    """Chinese in templates outside translation tags."""
    for path in templates():
        shown = NOT_SHOWN.sub(lambda hidden: "\n" * hidden.group().count("\n"), path.read_text(encoding="utf-8"))
        for number, line in enumerate(shown.splitlines(), start=1):
            # A language's own name stays as it is; its element says the language.
            if HAN.search(line) and 'lang="zh' not in line:
                yield f"{path.relative_to(ROOT)}:{number}: not marked for translation: {line.strip()!r}"


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    if arguments == ["update"]:
        update()
    elif arguments == ["compile"]:
        compile_catalogues()
    elif arguments == ["check"]:
        found = problems()
        print("\n".join(found) if found else "Every text is marked and translated.")
        return 1 if found else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
