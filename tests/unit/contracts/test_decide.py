from ibkit.contracts import CalendarSpread, plan_roll
from ibkit.contracts._decide import RULES, decide, draw_rules
from ibkit.contracts._look import Progress
from ibkit.contracts._shown import read_shown
from ibkit.contracts._steps import CancelExit, Finish, PlaceExits, SendSpread
from roll_broker import NOON, RollBroker
from rolling import ES, ESM, ESU, QUOTES, TODAY, pair, position


def test_a_roll_from_the_first_order_to_the_last_exit():
    exits = pair(10, 2)
    broker = RollBroker(2, exits)
    plan = plan_roll(position(2), ES, today=TODAY, quotes=QUOTES, working=exits)
    progress, kinds = Progress(way=CalendarSpread()), []
    for _ in range(10):
        decision = decide(plan, read_shown(plan, broker.answers(), broker.market), progress, NOON)
        for step in decision.steps:
            kinds.append(type(step))
            broker.perform(plan, step)
        progress = decision.progress
        if broker.rolls():
            broker.fill(broker.rolls()[0], 2)
        if Finish in kinds:
            break

    assert kinds == [SendSpread, PlaceExits, CancelExit, Finish]
    assert broker.held == {ESM.con_id: 0, ESU.con_id: 2}
    assert (broker.stops(ESM.con_id), broker.stops(ESU.con_id)) == (0, 2)


def test_protection_comes_before_anything_that_takes_it_away():
    names = [rule.name for rule in RULES]
    place = next(n for n, name in enumerate(names) if "place them" in name)
    cut = next(n for n, name in enumerate(names) if "cut them" in name)
    send = next(n for n, name in enumerate(names) if "send the roll's order" in name)

    assert place < cut < send


def test_the_table_is_drawn_from_the_code():
    assert "| 10 | nothing is left: finish |" in draw_rules()
