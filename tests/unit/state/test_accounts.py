import pytest
from ib_async import IB

from ibkit.errors import PlanError
from ibkit.state._accounts import chosen_account


def client(*accounts):
    ib = IB()
    ib.wrapper.accounts = list(accounts)
    return ib


def test_the_only_account_is_taken():
    assert chosen_account(client("DU1"), "") == "DU1"


def test_one_of_several_must_be_chosen():
    assert chosen_account(client("DU1", "DU2"), "DU2") == "DU2"
    with pytest.raises(PlanError, match="DU1, DU2"):
        chosen_account(client("DU1", "DU2"), "")


def test_an_account_that_is_not_managed_is_refused_with_those_that_are():
    with pytest.raises(PlanError, match=r"U7.*DU1"):
        chosen_account(client("DU1"), "U7")
