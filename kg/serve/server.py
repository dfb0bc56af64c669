"""The web server: it listens on 127.0.0.1, answers GET and HEAD, and only those who know the token."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from string import Template
from typing import Any, Final

from kg.errors import KgError
from kg.serve.live import Live

_HOST: Final = "127.0.0.1"

#: What every answer has: no cache keeps it, no other site embeds or reads it, and links out of it do not name it.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: The map brings its own policy for scripts and styles.
_OF_MAP: Final = "frame-ancestors 'self'"
_OF_DATA: Final = "default-src 'none'; frame-ancestors 'none'"
_NO_MAP: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>kg</title><p>There is no map yet.</p></html>'
)


class Server(ThreadingHTTPServer):
    """A server of one page. ``port`` 0 stands for any free port. Raises KgError where the port is in use."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows, it would share a port that is in use
    allow_reuse_port = False

    def __init__(self, live: Live, port: int = 0) -> None:
        self.live = live
        self.token = secrets.token_urlsafe(16)
        self.shell, self.policy = _shell()
        try:
            super().__init__((_HOST, port), _Handler)
        except OSError as error:
            raise KgError(f"cannot serve on port {port}: {error.strerror or error}; choose another --port") from error

    @property
    def url(self) -> str:
        """The address of the page, with the token."""
        return f"http://{_HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser may call this server. Another name is one that a foreign site made point to this machine."""
        names = (_HOST, "localhost")
        with_port = tuple(f"{name}:{self.server_port}" for name in names)
        return (*with_port, *names) if self.server_port == 80 else with_port

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of an error, unless it is that a browser went away."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 10

    def do_GET(self) -> None:
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        _, token, *rest = [*self.path.partition("?")[0].split("/", 2), ""][:3]
        if not hmac.compare_digest(token.encode(errors="replace"), self.server.token.encode()):
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self._answer(rest[0])

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    def _answer(self, name: str) -> None:
        state = self.server.live.state
        if name == "":
            self._send(self.server.shell, "text/html", self.server.policy)
        elif name == "map":
            self._send(state.page or _NO_MAP, "text/html", _OF_MAP)
        elif name == "state":
            told = json.dumps({"number": state.number, "problems": state.problems})
            self._send(told, "application/json", _OF_DATA)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def _send(
        self,
        text: str,
        kind: str,
        policy: str,
        status: HTTPStatus = HTTPStatus.OK,
        more: Mapping[str, str] | None = None,
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        for header, value in {**_HEADERS, **(more or {})}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, more: Mapping[str, str] | None = None) -> None:
        self._send(f"{status.phrase}\n", "text/plain", _OF_DATA, status, more)

    def version_string(self) -> str:
        """Return what answers say of the server."""
        return "kg"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the page asks for its state each second."""


def _shell() -> tuple[str, str]:
    """Return the page around the map, and its policy."""
    style, script = _asset("shell.css"), _asset("shell.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Template(_asset("shell.html")).substitute(style=style, script=script), policy


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
