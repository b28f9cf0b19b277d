"""One attempt to connect: it ends logged in, or with the reason why not, within its time.

ib_async waits the whole timeout for a login that cannot come any more, and then says only
TimeoutError (client.py 200-240; traps B19).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, final

from attrs import define, field
from ib_async import IB

from . import _compat as compat  # attrs needs the name _compat for itself
from ._codes import Codes, Scope, Severity
from ._events import Subscriptions
from ._greeting import Address, Ending, Failure, stranger
from ._health import HealthRecord


async def dial(
    ib: IB, address: Address, timeout: float, codes: Codes, health: HealthRecord
) -> Failure | None:
    """Connect and log in. Gives nothing when it went well; *ib* is disconnected otherwise."""
    watch = _Watch(ib, address, codes)
    listening = watch.listen(health)
    task = asyncio.ensure_future(compat.log_in(ib, address.host, address.port, address.client_id))
    try:
        ends: list[asyncio.Future[Any]] = [task, watch.failed]
        await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        failure = watch.outcome(task, timeout)
    finally:
        listening.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
    if failure is None:
        compat.keep_alive(ib)
    else:
        compat.hang_up(ib)
    return failure


@final
@define(eq=False, repr=False)
class _Watch:
    """Sees what ib_async does not tell during a login."""

    ib: IB
    address: Address
    codes: Codes
    failed: asyncio.Future[Failure] = field(init=False)
    _first_bytes: bytes = field(default=b"", init=False)
    _version: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.failed = asyncio.get_running_loop().create_future()

    def listen(self, health: HealthRecord) -> Subscriptions:
        listening = Subscriptions(health)
        connection = compat.connection_events(self.ib)
        listening.add(self.ib.errorEvent, self._error)
        listening.add(connection.failed, self._api_error)
        listening.add(connection.data, self._data)
        listening.add(connection.lost, self._lost)
        return listening

    def outcome(self, task: asyncio.Future[None], seconds: float) -> Failure | None:
        """What became of it."""
        if compat.is_ready(self.ib):
            return None
        if self.failed.done():
            return self.failed.result()
        if task.done():
            return _of_error(task.exception())
        ending = Ending.NO_ANSWER
        if compat.has_transport(self.ib):
            ending = Ending.NO_LOGIN if compat.server_version(self.ib) else Ending.SILENT
        return Failure(ending=ending, seconds=seconds)

    def _fail(self, failure: Failure) -> None:
        if not self.failed.done():
            self.failed.set_result(failure)

    def _data(self, data: bytes) -> None:
        self._version = compat.server_version(self.ib) or self._version
        if not self._version:
            self._first_bytes += data
            if (said := stranger(self._first_bytes)) is not None:
                self._fail(Failure(ending=Ending.STRANGER, detail=said))

    def _api_error(self, _text: str) -> None:
        version = compat.server_version(self.ib)
        if 0 < version < compat.OLDEST_SERVER:
            self._fail(Failure(ending=Ending.TOO_OLD, detail=str(version)))

    def _error(self, _req_id: int, code: int, text: str, _contract: object) -> None:
        known = self.codes[code]
        if code == 326:
            self._fail(Failure(ending=Ending.ID_IN_USE, code=code))
        elif known.scope is Scope.CONNECTION and known.severity is Severity.FATAL:
            told = Failure(ending=Ending.TOLD, detail=text, remedy=known.remedy, code=code)
            self._fail(told)

    def _lost(self, _text: str) -> None:
        ending = Ending.DROPPED_LATER if self._version else Ending.DROPPED
        self._fail(Failure(ending=ending))


def _of_error(error: BaseException | None) -> Failure:
    if isinstance(error, ConnectionRefusedError):
        return Failure(ending=Ending.REFUSED)
    if isinstance(error, socket.gaierror):
        return Failure(ending=Ending.NO_HOST)
    if isinstance(error, OSError):
        # several addresses were tried: asyncio puts their errors into one text
        refused = "Connect call failed" in str(error)
        detail = error.strerror or str(error)
        return Failure(ending=Ending.REFUSED if refused else Ending.UNREACHABLE, detail=detail)
    return Failure(ending=Ending.UNREACHABLE, detail=repr(error))
