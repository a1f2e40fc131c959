"""Takes the README's picture anew: a real call on a real server, with drawn people before the cameras."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, sync_playwright

from tools.chromium import ensure_chromium

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "call.jpg"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
SETTLING_MS = 6_000
# Of what films leave of flat colours, PNG makes a file four times as large.
QUALITY = 85


@dataclass(frozen=True, slots=True)
class Look:
    """A person as drawn: colours of wall, clothes, skin and hair, and what stands behind."""

    wall: str
    clothes: str
    skin: str
    hair: str
    behind: str


DOCTOR = Look("#dfeae8", "#f6f8f8", "#c98f6b", "#3b2a23", "shelf")
PATIENT = Look("#efe4d3", "#3f6f8f", "#e6b896", "#7a4a24", "window")
BEHIND = {
    "shelf": """<g fill="#b9ccc8"><rect x="120" y="150" width="300" height="14"/>
      <rect x="120" y="320" width="300" height="14"/></g><g>
      <rect x="140" y="70" width="30" height="80" fill="#7aa6a0"/>
      <rect x="176" y="60" width="24" height="90" fill="#4f7f8c"/>
      <rect x="206" y="80" width="34" height="70" fill="#cdb58a"/>
      <rect x="300" y="240" width="26" height="80" fill="#4f7f8c"/>
      <rect x="332" y="250" width="40" height="70" fill="#a66f5b"/></g>
      <circle cx="1060" cy="190" r="70" fill="#c8dad7"/>""",
    "window": """<rect x="860" y="60" width="300" height="330" fill="#cfe4ef"/>
      <path d="M860 330 q80 -90 160 -20 t140 -30 v110 h-300z" fill="#9dbd95"/>
      <path d="M1010 60v330M860 220h300" stroke="#fff" stroke-width="12"/>
      <rect x="140" y="300" width="60" height="90" fill="#a9714b"/>
      <path d="M170 300 q-70 -120 0 -190 q70 70 0 190" fill="#6f9a6a"/>""",
}


def drawing(look: Look, lean: int) -> str:
    """A page that shows the person, leaning a little to one side."""
    return f"""<body style="margin:0"><svg width="1280" height="720" viewBox="0 0 1280 720">
      <rect width="1280" height="720" fill="{look.wall}"/>{BEHIND[look.behind]}
      <g transform="translate({lean} {abs(lean) // 3})">
      <path d="M330 720 q20 -210 220 -235 h180 q200 25 220 235z" fill="{look.clothes}"/>
      <path d="M570 420 h140 v80 q-70 70 -140 0z" fill="{look.skin}"/>
      <ellipse cx="640" cy="262" rx="137" ry="140" fill="{look.hair}"/>
      <ellipse cx="640" cy="300" rx="130" ry="160" fill="{look.skin}"/>
      <path d="M505 300 q-20 -200 135 -200 q155 0 135 200 q-25 -110 -90 -120 q-90 30 -150 10
        q-25 40 -30 110z" fill="{look.hair}"/>
      <circle cx="590" cy="300" r="11" fill="#2b2320"/><circle cx="690" cy="300" r="11"
        fill="#2b2320"/><path d="M595 378 q45 38 90 0" stroke="#8a4a3c" stroke-width="9"
        fill="none" stroke-linecap="round"/></g></svg>"""


def film(browser: Browser, look: Look, folder: Path) -> Path:
    """A camera's film of the person: pictures one after another, as the fake camera reads them."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    pictures = []
    for lean in (0, 3, 6, 8, 6, 3, 0, -3, -6, -8, -6, -3):
        page.set_content(drawing(look, lean))
        pictures.append(page.screenshot(type="jpeg", quality=90))
    page.close()
    path = folder / f"{look.behind}.mjpeg"
    path.write_bytes(b"".join(picture for picture in pictures for _ in range(3)))
    return path


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """A server with its demo room: the links by name."""
    ports = ("--https-port", "0", "--http-port", "0", "--media-port", "0")
    command = (ROOT / ".venv/bin/openrooms", "serve", "--demo", "--json", "--data", folder, *ports)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            ready = json.loads((server.stdout or sys.stdin.buffer).readline())
            yield {link["name"]: link["url"] for link in ready["demo"]["links"]}
        finally:
            server.terminate()


def take(chromium: BrowserType, program: str, folder: Path) -> None:
    plain = chromium.launch(executable_path=program, args=FLAGS)
    films = {"Doctor": film(plain, DOCTOR, folder), "Patient": film(plain, PATIENT, folder)}
    plain.close()
    with served(folder / "data") as links:
        browsers, pages = [], []
        for name, camera in films.items():
            flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
            browser = chromium.launch(executable_path=program, args=flags)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(links[name])
            for button in ("camera", "microphone"):
                page.click(f"[data-ui-id=call-composite-local-device-settings-{button}-button]")
            page.click("[data-ui-id=call-composite-start-call-button]")
            browsers.append(browser)
            pages.append(page)
        pages[0].locator("[data-ui-id=local-video-tile] video").wait_for()
        pages[0].wait_for_timeout(SETTLING_MS)
        PICTURE.parent.mkdir(exist_ok=True)
        pages[0].screenshot(path=PICTURE, type="jpeg", quality=QUALITY)
        for browser in browsers:
            browser.close()


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        take(playwright.chromium, ensure_chromium(ROOT), Path(folder))
    print(f"taken: {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
