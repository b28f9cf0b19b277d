"""A web service: quotes and positions as JSON, and a stream of quotes for a browser.

`pip install fastapi uvicorn`, then `python examples/web_service.py`, which brings a simulated
gateway with it; `TWS_PORT=7497 python examples/web_service.py` takes a paper TWS instead. Look at
http://127.0.0.1:8000/quotes and /positions; `curl -N http://127.0.0.1:8000/quotes/ES` goes on until
you end it. Ctrl-C ends the service. It places no orders.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from decimal import Decimal

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

import ibkit
from ibkit.errors import IbkitError
from ibkit.sim import SimGateway
from ibkit.streams import Quote, Stream

ROOTS = ("ES", "NQ", "CL")
Row = dict[str, str | None]


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One desk for the whole service, in the loop of the server: open before the first request."""
    async with contextlib.AsyncExitStack() as opened:
        port = int(os.environ.get("TWS_PORT", "0"))
        if not port:
            port = (await opened.enter_async_context(SimGateway(seed=7))).port
        desk = await opened.enter_async_context(ibkit.open_desk(port=port, client_id=19))
        months = [await desk.contracts.front_month_async(root) for root in ROOTS]
        app.state.desk = desk
        app.state.board = {
            root: opened.enter_context(desk.streams.quotes(month))
            for root, month in zip(ROOTS, months, strict=True)
        }
        yield


app = FastAPI(title="ibkit", lifespan=lifespan)
app.state.is_ending = lambda: False  # until there is a server to ask


@app.exception_handler(IbkitError)
async def unavailable(_: Request, error: IbkitError) -> JSONResponse:
    """Answer 503 with the reason while nobody knows: an empty list would say that all is flat."""
    return JSONResponse({"error": str(error)}, status_code=503)


@app.get("/quotes")
async def quotes() -> dict[str, Row]:
    """The board as it is now."""
    return {root: shown(stream) for root, stream in app.state.board.items()}


@app.get("/positions")
async def positions() -> list[Row]:
    """What is held; prices and sizes are text, because JSON has no decimal numbers."""
    held = app.state.desk.state.positions.values()
    return [{"contract": one.contract.localSymbol, "size": text(one.size)} for one in held]


@app.get("/quotes/{root}")
async def live(root: str) -> StreamingResponse:
    """Server-sent events; a browser reads them with `new EventSource("/quotes/ES")`."""
    if root not in app.state.board:
        raise HTTPException(404, f"{root} is not on the board: {', '.join(ROOTS)}")
    contract = app.state.board[root].contract
    stream = app.state.desk.streams.quotes(contract)  # one line at IB, however many look
    return StreamingResponse(events(stream), media_type="text/event-stream")


async def events(stream: Stream[Quote]) -> AsyncIterator[str]:
    """Each change, and once a second how it stands: a browser must hear of a gap as well."""
    async with stream:
        while not (app.state.is_ending() or stream.is_closed):
            with contextlib.suppress(asyncio.TimeoutError, StopAsyncIteration):
                await asyncio.wait_for(anext(stream), timeout=1)
            yield f"data: {json.dumps(shown(stream))}\n\n"


def shown(stream: Stream[Quote]) -> Row:
    """Bid and ask, or why there are none: `latest` is never an old one."""
    quote = stream.latest
    if quote is None:
        return {"none": stream.gap.reason if stream.gap else "no data yet"}
    return {"bid": text(quote.bid), "ask": text(quote.ask), "at": quote.arrived.isoformat()}


def text(number: Decimal | None) -> str | None:
    """A number as text."""
    return None if number is None else f"{number:f}"


def main(port: int = 8000) -> None:
    """Serve until Ctrl-C; open streams end within a second, then the desk is closed."""
    server = uvicorn.Server(uvicorn.Config(app, port=port))
    app.state.is_ending = lambda: server.should_exit
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has handled it, and raises it again
        server.run()
    if not server.started:
        sys.exit(1)  # no gateway, or the port is taken: the log says which


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
