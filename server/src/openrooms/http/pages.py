"""The pages and the browser SDK, handed out as files."""

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

# Everything a page loads comes from us, from files; nothing may frame it or be framed by it.
_STYLES = "style-src 'self'; "
_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    f"{_STYLES}"
    "img-src 'self'; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "media-src 'self' blob:; "
    "manifest-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)
# The UI library of the call page puts empty style elements into the page and fills them rule by
# rule through the object model, which no policy is about. So what is allowed is the hash of an
# empty text: still no style that stands in markup, be it in an element or an attribute.
_EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
_POLICIES: Mapping[str, str] = {"/call": _POLICY.replace(_STYLES, f"style-src 'self' {_EMPTY}; ")}
_DEVICES = (
    "camera",
    "microphone",
    "display-capture",
    "speaker-selection",
    "autoplay",
    "fullscreen",
)
_NEVER = ("geolocation", "payment", "usb", "midi", "serial", "hid")
GUARDS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": ", ".join(
        [*(f"{name}=(self)" for name in _DEVICES), *(f"{name}=()" for name in _NEVER)]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The landing page, the call page, and the sample of the SDK.
PAGES = ("/", "/call", "/sample")
# Their names change with their content.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"


CALLING = re.compile(r"/sdk/openrooms-calling-\d[^-]*\.tgz")
EFFECTS = re.compile(r"/sdk/openrooms-calling-effects-\d[^-]*\.tgz")


@dataclass(frozen=True, slots=True)
class Tarballs:
    """The addresses of the npm packages; none of what is not built, or not handed out."""

    calling: str | None = None
    effects: str | None = None


@dataclass(frozen=True, slots=True)
class _File:
    """A file and what is said with it."""

    path: Path
    media_type: str
    etag: str
    caching: str


class Pages:
    """The built pages and SDK tarballs of one folder. What is there at the start is handed out."""

    def __init__(self, folder: Path) -> None:
        self._files = _find(folder)

    def tarballs(self, origin: str) -> Tarballs:
        """Where an app finds the packages, at the origin that a browser knows."""
        return Tarballs(self._tarball(origin, CALLING), self._tarball(origin, EFFECTS))

    def routes(self) -> list[BaseRoute]:
        """A route for each file; for the pages also when they are not built, to say so."""
        paths = dict.fromkeys([*PAGES, *self._files])
        return [Route(path, self._serve, methods=["GET", "HEAD"]) for path in paths]

    def _tarball(self, origin: str, form: re.Pattern[str]) -> str | None:
        return next((origin + path for path in self._files if form.fullmatch(path)), None)

    async def _serve(self, request: Request) -> Response:
        file = self._files.get(request.url.path)
        if file is None:
            text = "The pages are not built. Build them with: make build\n"
            return Response(text, 404, GUARDS, "text/plain")
        policy = _POLICIES.get(request.url.path, _POLICY)
        own = {"Content-Security-Policy": policy, "ETag": file.etag, "Cache-Control": file.caching}
        headers = {**GUARDS, **own}
        if file.etag in _tags(request.headers.get("if-none-match", "")):
            return Response(None, 304, headers)
        return FileResponse(file.path, 200, headers, file.media_type)


def _find(folder: Path) -> dict[str, _File]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = "/" + path.relative_to(folder).as_posix()
        if not path.is_file():
            continue
        if name.startswith("/sdk/"):
            found[name] = _describe(path, ASK_EACH_TIME)
        elif name.startswith("/pages/"):
            name = name.removeprefix("/pages")
            page = name.endswith(".html")
            caching = FOR_EVER if name.startswith("/assets/") else ASK_EACH_TIME
            found[_page_path(name) if page else name] = _describe(path, caching)
    return found


def _page_path(name: str) -> str:
    return "/" if name == "/index.html" else name.removesuffix(".html")


def _describe(path: Path, caching: str) -> _File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    guessed, _ = mimetypes.guess_type(path.name)
    # `.tgz` is guessed as a tar file with an encoding, which would have browsers unpack it.
    media_type = "application/gzip" if path.suffix == ".tgz" else guessed
    return _File(path, media_type or "application/octet-stream", f'"{digest}"', caching)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
