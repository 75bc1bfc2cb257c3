"""A web page with the states of all your projects, for FastAPI.

    pip install fastapi uvicorn
    uvicorn --app-dir examples --factory states_page:page

COCALC_API_KEY (and COCALC_HOST) say for whom and where. The page shows what that key sees to everybody who reaches it: keep it on this machine, or behind a
sign-in of yours. It asks the server once for all who look within ten seconds, and reads only.
"""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse

from cocalc_facade import AsyncCoCalc, CoCalcError, ProjectRow

FRESH = 10.0
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="30"><title>Projects</title>
<style>body {font: 1rem sans-serif} td, th {padding: .2rem .8rem; text-align: left} .running {color: green}</style>"""


class Board:
    """The projects as they were a moment ago, asked for by one at a time."""

    def __init__(self, client: AsyncCoCalc) -> None:
        self._client = client
        self._asking = asyncio.Lock()
        self._asked = float("-inf")
        self._rows: list[ProjectRow] = []

    async def rows(self) -> list[ProjectRow]:
        """The projects that are not deleted, the last edited first."""
        async with self._asking:
            if time.monotonic() - self._asked > FRESH:
                found = await self._client.projects_of()
                self._rows = sorted(
                    (one for one in found if not one.deleted),
                    key=lambda one: str(one.last_edited),
                    reverse=True,
                )
                self._asked = time.monotonic()
            return self._rows


def table(rows: list[ProjectRow]) -> str:
    """The page: every word that somebody else wrote is escaped."""
    lines = [
        f"<tr><td>{html.escape(one.title or '')}</td>"
        f"<td class={html.escape(one.state or 'unknown', quote=True)!r}>{html.escape(one.state or 'unknown')}</td>"
        f"<td>{one.last_edited or ''}</td></tr>"
        for one in rows
    ]
    running = sum(one.state == "running" for one in rows)
    return (
        f"{HEAD}<h1>{len(rows)} projects, {running} running</h1>"
        f"<table><tr><th>title</th><th>state</th><th>last edited</th></tr>{''.join(lines)}</table></html>"
    )


def page(client: Callable[[], AsyncCoCalc] | None = None) -> FastAPI:
    """The application; `client` makes what it asks with, by default from the environment."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with client() if client is not None else AsyncCoCalc(read_only=True) as made:
            app.state.board = Board(made)
            yield

    app = FastAPI(title="Projects", lifespan=lifespan)

    @app.get("/", response_class=HTMLResponse)
    async def shown() -> Any:
        try:
            return HTMLResponse(table(await app.state.board.rows()))
        except CoCalcError as error:
            return HTMLResponse(f"{HEAD}<p>CoCalc says: {html.escape(str(error))}</p></html>", 502)

    @app.get("/projects.json")
    async def plain() -> Any:
        try:
            return [one.to_dict() for one in await app.state.board.rows()]
        except CoCalcError as error:
            return JSONResponse({"error": str(error)}, 502)

    return app
