"""A whole served house for the browser: its own database, its own port, the demo's people, real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from vendome.kit.embedded import Cluster

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"phone": (390, 844), "tablet": (1024, 768), "desktop": (1440, 900)}


@dataclass(frozen=True)
class ServedHouse:
    url: str
    password: str
    database: str
    environment: dict[str, str]


@pytest.fixture(scope="session")
def served_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHouse]:
    """`vendome migrate`, `demo_house --size test`, `serve --with-worker`: what an operator would type."""
    home = tmp_path_factory.mktemp("served")
    for folder in (home, *home.parents):  # PostgreSQL's own user must reach it when we are root
        if os.geteuid() == 0 and folder != folder.parent and folder.stat().st_uid == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    port = _free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
        "VENDOME_HOME": str(home),
        "VENDOME_DEMO": "1",
    }
    run = [sys.executable, "-m", "vendome"]
    log = (home / "serve.log").open("w")
    # Holds the database open between the steps; then the servers share it.
    for step in (["migrate", "--verbosity", "0"], ["demo_house", "--size", "test"]):
        subprocess.run([*run, *step], env=environment, cwd=ROOT, check=True, stdout=log, stderr=log, timeout=180)
    server = subprocess.Popen(
        [*run, "serve", "--port", str(port), "--workers", "1", "--with-worker"],
        env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/ready", server, home / "serve.log")
        password = (home / "secrets" / "demo-password").read_text().strip()
        yield ServedHouse(f"http://127.0.0.1:{port}", password, Cluster(home).url(), environment)
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
        log.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium if there is one, else the one Playwright brought."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, served_house: ServedHouse) -> Iterator[Callable[..., Page]]:
    """`window()` opens a window of its own, with its own cookies; `size` is phone, tablet or desktop."""
    contexts: list[BrowserContext] = []

    def open_window(size: str = "desktop", **more: object) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=served_house.url, locale="en-GB", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def keep_picture(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., None]:
    """Keeps a picture of a page in docs/screenshots when asked to (`--screens`), else among the test's own files."""
    folder = ROOT / "docs" / "screenshots" if request.config.getoption("--screens") else tmp_path

    def keep(page: Page, name: str, *, full: bool = False) -> None:
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=82, full_page=full)

    return keep


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if server.poll() is not None:
            break
        time.sleep(0.3)
    raise RuntimeError(f"the house was not served:\n{log.read_text()[-3000:]}")
