"""How the table is read: order, what is left alone, what is not done twice."""

import attrs

from ibkit.orders import REPAIR_RULES, Alert, draw_repair, repair


def test_an_order_with_an_answer_due_is_left_alone(facts):
    known = facts("separate", [3], entry="cancelled filled=1", stop_1="working in_flight=yes",
                  target_1="working")  # fmt: skip

    assert [one.role for one in repair(known)] == ["target-1"]


def test_of_two_rules_for_one_order_the_first_counts(facts):
    known = facts("separate", [2], entry="filled", target_1="filled", stop_1="working")

    actions = repair(known)
    assert [(one.rule, one.role) for one in actions] == [("left-over", "stop-1")]


def test_the_same_facts_give_the_same_answer(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected", target_1="working")

    assert repair(known) == repair(known)


def test_told_alerts_are_not_told_again(facts):
    known = facts("separate", [2], entry="filled", stop_1="expired")
    keys = frozenset(one.key for one in repair(known) if isinstance(one, Alert))

    assert keys
    assert repair(attrs.evolve(known, told=keys)) == ()


def test_rule_names_are_unique_and_the_table_is_drawn_from_the_code():
    names = [rule.name for rule in REPAIR_RULES]
    text = draw_repair()

    assert len(set(names)) == len(names)
    assert len(text.splitlines()) == len(names) + 2
    assert all(f"| {rule.name} | {rule.meaning} |" in text for rule in REPAIR_RULES)
