import datetime as dt
from decimal import Decimal

from ibkit.contracts import RollAlert, RollResult, RollStage


def test_an_alert_says_of_what_and_for_whom():
    now = dt.datetime(2026, 6, 11, 15, tzinfo=dt.timezone.utc)
    alert = RollAlert(product="ES", account="DU1", text="the deadline is near", time=now)

    assert str(alert) == "ES in DU1: the deadline is near"
    assert not alert.is_critical


def test_a_result_says_what_moved_and_what_is_left():
    done = RollResult(
        account="DU1", old="ESM6", new="ESU6", stage=RollStage.DONE,
        moved=Decimal("3.0"), left=Decimal(0),
    )  # fmt: skip

    assert str(done) == "ESM6 -> ESU6 done, 3 moved"


def test_a_result_says_what_is_left():
    done = RollResult(
        account="DU1", old="ESM6", new="ESU6", stage=RollStage.DONE,
        moved=Decimal(1), left=Decimal(2),
    )  # fmt: skip

    assert str(done) == "ESM6 -> ESU6 done, 1 moved, 2 left"
