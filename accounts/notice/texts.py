"""What notices say: a row stores the key of a text and its values, the text stands in the sending room's `notices.py`.

So a reworded text rewords what was sent before, in every language. A room says

    register("challenge", {"extended": _("《%(title)s》已延期至 %(until)s。")})

and sends `notify(key="challenge.extended", params={"title": …, "until": …}, …)`.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TEXTS: dict[str, Promise] = {}
# Of a notice whose text is not sent any more.
GONE = _("这条通知的内容已不再提供。")


def register(noun: str, texts: Mapping[str, Promise]) -> None:
    """Make `texts` known, each as "noun.name": lazy Chinese msgids with a %(name)s place for each value."""
    _TEXTS.update({f"{noun}.{name}": text for name, text in texts.items()})


def keys() -> frozenset[str]:
    """The keys of all texts there are."""
    return frozenset(_TEXTS)


def text_of(key: str) -> Promise:
    """The text of a key; `GONE` where there is none any more."""
    return _TEXTS.get(key, GONE)


def discover() -> None:
    """Import the `notices.py` of every room of this project. Called once, when all models are loaded."""
    for app in apps.get_app_configs():
        if Path(app.path).parent == settings.BASE_DIR:
            for file in sorted(Path(app.path).glob("*/notices.py")):
                import_module(f"{app.name}.{file.parent.name}.notices")
