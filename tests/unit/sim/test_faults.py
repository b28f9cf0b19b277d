import pytest

from ibkit.sim._faults import Interference, Rule


@pytest.fixture
def rules():
    return Interference()


def test_without_rules_nothing_is_looked_up(rules):
    assert not rules.active
    assert rules.use(1, "OrderStatus") is None


def test_a_rule_is_used_up(rules):
    rules.add(Rule(message="OrderStatus", effect="drop", times=2))

    used = [rules.use(1, "OrderStatus") is not None for _ in range(3)]

    assert used == [True, True, False]
    assert not rules.active


def test_a_rule_is_for_its_message_and_its_client(rules):
    rule = Rule(message="OrderStatus", effect="drop", client_id=3)
    rules.add(rule)

    assert rules.use(3, "OpenOrder") is None
    assert rules.use(4, "OrderStatus") is None
    assert rules.use(3, "OrderStatus") is rule


def test_messages_may_pass_first_and_meet_the_next_rule(rules):
    later = Rule(message="OrderStatus", effect="cut", skip=1)
    first = Rule(message="OrderStatus", effect="drop")
    rules.add(later)
    rules.add(first)

    assert rules.use(1, "OrderStatus") is first
    assert rules.use(1, "OrderStatus") is later


def test_rules_can_be_forgotten(rules):
    rules.add(Rule(message="OrderStatus", effect="drop"))
    rules.clear()

    assert not rules.active
    assert rules.use(1, "OrderStatus") is None
