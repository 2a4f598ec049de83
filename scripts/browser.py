"""`make browser`: find a Chromium on this machine, or get one; prints where it is.

In this order: $CHROMIUM, a browser on PATH or in macOS's Applications, Playwright's own; else Debian's
package (as root), else Playwright's download.
"""

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"]
APPLICATIONS = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
PLAYWRIGHT_FOLDERS = ["~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
PLAYWRIGHT_PROGRAMS = [
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
]
ADVICE = (
    "No Chromium was found and none could be installed. Install Chromium or Google Chrome and try again "
    "(Debian: sudo apt-get install chromium fonts-noto-cjk), or name one: CHROMIUM=/path/to/chrome make test"
)


def find() -> str | None:
    """The path of a Chromium on this machine, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = (shutil.which(name) for name in NAMES)
    installed = (path for path in APPLICATIONS if os.access(path, os.X_OK))
    return next(filter(None, [*on_path, *installed, *_playwrights()]), None)


def _playwrights() -> list[str]:
    """Browsers that Playwright has downloaded, newest first."""
    folders = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "", *PLAYWRIGHT_FOLDERS]
    found = []
    for folder in filter(None, folders):
        for pattern in PLAYWRIGHT_PROGRAMS:
            found += glob.glob(str(Path(folder).expanduser() / pattern))
    return sorted(filter(lambda path: os.access(path, os.X_OK), found), reverse=True)


def install() -> None:
    """Get a Chromium; whether it worked is for find() to say."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("  Installing Chromium and Chinese fonts from Debian's packages …", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-noto-cjk"]
        for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False, timeout=1200)
    if find() is None:
        print("  Downloading Playwright's Chromium …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=1200)


def main() -> int:
    """0 with the path on screen, or 1 with what to do."""
    if os.environ.get("CHROMIUM") and find() is None:
        print(f"CHROMIUM={os.environ['CHROMIUM']} is not a program.", file=sys.stderr)
        return 1
    if find() is None:
        install()
    path = find()
    if path is None:
        print(ADVICE, file=sys.stderr)
        return 1
    print(f"  Browser for the journeys: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
