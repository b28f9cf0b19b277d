"""The repair rules against any facts: they do no harm, and they come to an end."""

from decimal import Decimal

import attrs
from hypothesis import given, strategies as st

from ibkit.orders import (
    TRANSITIONS,
    Alert,
    AskBroker,
    CancelLeg,
    CloseOut,
    GroupFacts,
    GroupStatus,
    LegFacts,
    LegStatus,
    Limit,
    MoveStop,
    Place,
    Replace,
    Resize,
    RollBack,
    Target,
    bracket,
    events_between,
    first_facts,
    repair,
    status_of,
)
from ibkit.orders._facts import LIVE, LOST
from ibkit.orders._picture import study

SENT_STATES = [status for status in LegStatus if status is not LegStatus.UNKNOWN]


@st.composite
def groups(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=0, max_size=3))
    rest = draw(st.integers(0, 2)) or (0 if sizes else 1)
    form = draw(st.sampled_from(["separate", "attached", "managed"]))
    return bracket(
        "BUY",
        sum(sizes) + rest,
        entry=Limit(100),
        targets=[Target(size, 110 + place) for place, size in enumerate(sizes)],
        stop=90 if rest or draw(st.booleans()) else None,
        slices=form,
        protect_first=80 if form == "managed" and draw(st.booleans()) else None,
    )


@st.composite
def legs(draw, leg, statuses=tuple(SENT_STATES)):
    """Draw what may be known of one order; broken combinations too, as the wire may bring them."""
    status = draw(st.sampled_from(statuses))
    filled = Decimal(0)
    if status is LegStatus.FILLED:
        filled = leg.size
    elif status not in {LegStatus.PLANNED, LegStatus.REJECTED, LegStatus.ABSENT}:
        filled = Decimal(draw(st.integers(0, int(leg.size))))
    room = leg.size - filled
    remaining = Decimal(draw(st.integers(0, int(room)))) if status in LIVE else Decimal(0)
    return attrs.evolve(
        leg,
        status=status,
        filled=filled,
        remaining=remaining,
        active=draw(st.booleans()),
        in_flight=draw(st.booleans()) if status in LIVE else False,
        cancel_asked=draw(st.sampled_from([False, False, True])),
        resent=draw(st.integers(0, 1)),
        refused=draw(st.sampled_from(["", "", "110"])),
    )


@st.composite
def any_facts(draw):
    base = first_facts(draw(groups()))
    return attrs.evolve(
        base,
        legs=tuple(draw(legs(leg)) for leg in base.legs),
        settled=draw(st.booleans()),
        closing=draw(st.booleans()),
        held=draw(st.none() | st.integers(-1, 6).map(Decimal)),
        average_price=draw(st.sampled_from([None, Decimal(100)])),
        breakeven_after=draw(st.sampled_from([None, 1])),
    )


def carried_out(facts, action):
    """Return the facts after the broker has done exactly what was asked."""

    def change(role, **changes):
        known = [attrs.evolve(leg, **changes) if leg.role == role else leg for leg in facts.legs]
        return attrs.evolve(facts, legs=tuple(known))

    if isinstance(action, Resize):
        return change(action.role, remaining=action.remaining)
    if isinstance(action, CancelLeg):
        return change(
            action.role, status=LegStatus.CANCELLED, remaining=Decimal(0), in_flight=False
        )
    if isinstance(action, (Place, Replace)):
        again = int(isinstance(action, Replace))
        if facts.leg(action.role) is None:
            number = int(action.role.rpartition("-")[2])
            new = LegFacts(role=action.role, kind="stop", number=number, size=action.size)
            facts = attrs.evolve(facts, legs=(*facts.legs, new))
        return change(
            action.role,
            status=LegStatus.WORKING,
            remaining=action.size,
            active=True,
            resent=again,
        )
    if isinstance(action, MoveStop):
        return change(action.role, moved=True)
    if isinstance(action, RollBack):
        return change(action.role, refused="")
    if isinstance(action, CloseOut):
        close = LegFacts(
            role="close",
            kind="close",
            size=action.size,
            filled=action.size,
            status=LegStatus.FILLED,
        )
        return attrs.evolve(facts, legs=(*facts.legs, close))
    assert isinstance(action, Alert)
    return attrs.evolve(facts, told=facts.told | {action.key})


def quiet(facts):
    """Let all answers arrive."""
    answered = tuple(
        attrs.evolve(
            leg,
            in_flight=False,
            status=LegStatus.WORKING if leg.status is LegStatus.SENT else leg.status,
            remaining=leg.size - leg.filled if leg.status is LegStatus.SENT else leg.remaining,
        )
        for leg in facts.legs
    )
    cancelled = tuple(
        attrs.evolve(leg, status=LegStatus.CANCELLED, remaining=Decimal(0))
        if leg.status is LegStatus.CANCELLING
        else leg
        for leg in answered
    )
    return attrs.evolve(facts, legs=cancelled, settled=True)


@given(any_facts())
def test_no_order_is_touched_twice_or_while_an_answer_is_due(facts):
    actions = [one for one in repair(facts) if not isinstance(one, (Alert, RollBack))]
    roles = [getattr(one, "role", "") for one in actions]
    busy = {leg.role for leg in facts.legs if leg.in_flight}

    assert len(roles) == len(set(roles))
    assert busy.isdisjoint(roles)


@given(any_facts())
def test_only_what_lives_is_changed_and_only_what_does_not_is_sent(facts):
    for action in repair(facts):
        if isinstance(action, (Resize, CancelLeg, MoveStop)):
            assert facts.leg(action.role).live
        if isinstance(action, (Place, Replace)):
            leg = facts.leg(action.role)
            assert leg is None or not leg.live


@given(any_facts())
def test_exits_are_never_made_larger_than_what_is_open_or_may_open(facts):
    picture = study(facts)
    to_come = sum((leg.remaining for leg in picture.entries if leg.live), Decimal(0))
    sizes = {"stop": Decimal(0), "target": Decimal(0)}

    for action in repair(facts):
        if isinstance(action, Resize):
            assert 0 < action.remaining <= picture.open + to_come
        if isinstance(action, (Place, Replace)):
            assert action.size > 0
            sizes[action.role.partition("-")[0]] += action.size
    for kind, sent in sizes.items():
        live = sum(
            (leg.remaining for leg in facts.legs if leg.kind == kind and leg.live), Decimal(0)
        )
        assert sent == 0 or sent <= picture.open
        assert sent == 0 or facts.form != "attached" or sent + live <= picture.open or live > 0


@given(any_facts(), st.data())
def test_nothing_is_done_while_anything_is_unknown(facts, data):
    place = data.draw(st.integers(0, len(facts.legs) - 1))
    unknown = attrs.evolve(facts.legs[place], status=LegStatus.UNKNOWN)
    facts = attrs.evolve(facts, legs=(*facts.legs[:place], unknown, *facts.legs[place + 1 :]))

    (action,) = repair(facts)
    assert isinstance(action, AskBroker)
    assert action.roles == (unknown.role,)
    assert status_of(facts) is GroupStatus.UNKNOWN
    assert repair(attrs.evolve(facts, connected=False)) == ()


@given(any_facts())
def test_the_rules_come_to_an_end_and_leave_exits_that_fit(facts):
    facts = quiet(facts)
    for _ in range(12):
        actions = repair(facts)
        for action in actions:
            facts = carried_out(facts, action)
        facts = quiet(facts)
        if not actions:
            break

    picture = study(facts)
    assert repair(facts) == ()
    if picture.flipped or facts.closing:
        assert not picture.live or all(leg.kind == "close" for leg in picture.live)
        return
    to_come = sum((leg.remaining for leg in picture.entries if leg.live), Decimal(0))
    for kind in ("stop", "target"):
        work = sum((leg.remaining for leg in facts.legs if leg.kind == kind), Decimal(0))
        assert work <= picture.open + to_come
        assert picture.open > 0 or to_come > 0 or work == 0


@given(groups(), st.data())
def test_after_repair_every_open_unit_has_a_stop_or_the_user_was_told(group, data):
    """Entries fill to any degree, exits are there or lost; nobody asked for anything."""
    base = first_facts(group)
    ended = (LegStatus.FILLED, LegStatus.CANCELLED)
    drawn = []
    for leg in base.legs:
        if leg.kind == "entry":
            drawn.append(data.draw(legs(leg, ended)))
        else:
            states = (LegStatus.WORKING, LegStatus.REJECTED, LegStatus.CANCELLED)
            if group.form == "managed" and leg.kind != "guard":
                states = (LegStatus.PLANNED,)
            one = data.draw(legs(leg, states))
            drawn.append(attrs.evolve(one, filled=Decimal(0)))
    fresh = [attrs.evolve(leg, cancel_asked=False, resent=0, active=True) for leg in drawn]
    facts = quiet(attrs.evolve(base, legs=tuple(fresh)))
    for _ in range(12):
        for action in repair(facts):
            facts = carried_out(facts, action)
        facts = quiet(facts)

    picture = study(facts)
    assert picture.covered == picture.open
    wanted = {GroupStatus.CLOSED, GroupStatus.CANCELLED, GroupStatus.REJECTED}
    if picture.open:
        wanted = {GroupStatus.PROTECTED if picture.has_stops else GroupStatus.ENTERED}
    assert status_of(facts) in wanted


@st.composite
def later(draw, facts):
    """Draw what may be known a moment later: fills do not fall, nothing is un-sent."""
    moved = []
    for leg in facts.legs:
        if draw(st.booleans()):
            moved.append(leg)
            continue
        one = draw(legs(leg, tuple(s for s in LegStatus if s is not LegStatus.PLANNED)))
        moved.append(attrs.evolve(one, filled=max(one.filled, leg.filled)))
    return attrs.evolve(
        facts, legs=tuple(moved), connected=draw(st.booleans()), closing=draw(st.booleans())
    )


@given(groups(), st.data())
def test_every_way_between_two_statuses_stands_in_the_table(group, data):
    facts = first_facts(group)
    for _ in range(4):
        after = data.draw(later(facts))
        before, now = status_of(facts), status_of(after)

        assert before is now or now in TRANSITIONS[before]
        changed = [event for event in events_between(facts, after) if not event.role]
        assert [event.status for event in changed] == ([] if before is now else [now])
        fills = [event.size for event in events_between(facts, after) if event.size]
        assert sum(fills) == sum(leg.filled for leg in after.legs) - sum(
            leg.filled for leg in facts.legs
        )
        facts = after


@given(any_facts())
def test_a_group_with_a_working_order_is_never_called_done(facts):
    done = {GroupStatus.CLOSED, GroupStatus.CANCELLED, GroupStatus.REJECTED, GroupStatus.PLANNED}

    if any(leg.live for leg in facts.legs):
        assert status_of(facts) not in done
    if all(leg.status in LOST and not leg.filled for leg in facts.legs):
        assert status_of(facts) in done


def test_facts_know_their_form():
    assert isinstance(first_facts(bracket("BUY", 1, entry=Limit(1), stop=0)), GroupFacts)
