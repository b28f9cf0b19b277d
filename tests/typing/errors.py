"""Read by type checkers, never run."""

from typing_extensions import assert_type

from ibkit.errors import (
    ConnectionFailed,
    IbkitError,
    OrderRejected,
    PlanError,
    RequestTimeout,
    is_retryable,
)


def caught_as_builtins(
    plan: PlanError, failed: ConnectionFailed, late: RequestTimeout
) -> tuple[ValueError, ConnectionError, TimeoutError]:
    return plan, failed, late


def attributes(failed: ConnectionFailed, rejected: OrderRejected) -> None:
    assert_type(failed.code, int | None)
    assert_type(rejected.leg, str)


assert_type(is_retryable(IbkitError()), bool)
PlanError("size", 0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
