"""A project on this machine: its commands are run by the real bash in a folder, its two file routes are those of the server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

KEY = "sk-abcdefghijklmnopqrst"
PROJECT = "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70"
HTML = "<html>Log in</html>"


class Machine(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers as a server with one project, whose home is a folder. `routes` says whether the file routes are there.

    `before` is called with each request, and may answer it or raise.
    """

    def __init__(self, home: Path, *, routes: bool = True) -> None:
        self.home = home
        self.routes = routes
        self.requests: list[httpx.Request] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.umask = 0o022

    def seen(self, part: str) -> int:
        return sum(part in request.url.path for request in self.requests)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        path = request.url.path
        found = self.before(request)
        if found is not None:
            return found
        if path == "/api/v2/exec":
            return httpx.Response(200, json=self._exec(json.loads(request.content)))
        if not self.routes:
            return httpx.Response(404, text=HTML, headers={"content-type": "text/html"})
        if path == "/upload":
            return self._upload(request)
        return self._file(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self.handle_request(request)

    def _exec(self, params: dict[str, Any]) -> dict[str, Any]:
        assert len(json.dumps(params)) <= 1_048_576
        if params.get("bash"):  # as the server: a line of any length lies in a file
            script = self.home.with_name("script.sh")
            script.write_text(params["command"])
            words = ["bash", str(script)]
        else:
            words = [params["command"], *params["args"]]
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            timeout=params["timeout"],
            umask=self.umask,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], **params.get("env", {})},
        )
        out = {"stdout": done.stdout, "stderr": done.stderr}
        shown = {
            name: cut(text.decode("utf-8", "replace"), params["max_output"]) for name, text in out.items()
        }
        job = (
            {"type": "async", "job_id": "j", "status": "completed"}
            if params.get("async_call")
            else {"type": "blocking"}
        )
        return {**shown, "exit_code": max(done.returncode, 0), **job}

    def _upload(self, request: httpx.Request) -> httpx.Response:
        if "cookie" in request.headers or not request.headers.get("authorization", "").startswith("Basic "):
            return httpx.Response(401, text="user must be signed in to upload files")
        query = parse_qs(request.url.query.decode())
        assert query["project_id"] == [PROJECT]
        assert query["compute_server_id"] == ["0"]
        mark = request.headers["content-type"].partition("boundary=")[2].encode()
        head, _, rest = request.content.removeprefix(b"--" + mark + b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]+)"', head)
        data = rest.removesuffix(b"\r\n--" + mark + b"--\r\n")
        if name is None or not data:
            return httpx.Response(500, text="upload failed")
        target = self.home / query["path"][0] / name[1].decode()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.write_bytes(data)
        return httpx.Response(200, json={"status": "ok"})

    def _file(self, request: httpx.Request) -> httpx.Response:
        raw = request.url.raw_path.decode()
        if request.headers.get("cookie") != f"api_key={KEY}" or "authorization" in request.headers:
            return httpx.Response(500, text=HTML, headers={"content-type": "text/html"})
        found = self.home / unquote(raw.removeprefix(f"/{PROJECT}/files/"))
        if not found.is_file():
            return httpx.Response(500, text="Error reading file.")
        return httpx.Response(200, content=found.read_bytes(), headers={"content-type": "false"})


def cut(text: str, limit: int) -> str:
    return text if len(text) < limit else f"{text[:limit]} (truncated at {limit} characters)"
