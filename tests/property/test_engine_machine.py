"""Any commands, any ticks, any switches: what must hold of the simulated broker at every moment.

The model is a stupid one: it believes the events and adds up. It knows nothing of books, gates
or groups but what IB says of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brokerage import AAPL, ACCOUNT, ES, ESM, INSTRUMENTS, MES, SPREAD, Desk, dec, terms_of
from ibkit.sim._engine import (
    Executed,
    Latency,
    Models,
    OrderKey,
    OrderView,
    PriceCondition,
    StatusReported,
)
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._matching import portion

ZERO = Decimal(0)
CASH = Decimal(1_000_000_000)
ENDS = {"Filled", "Cancelled"}
FOLLOWS = {
    "PreSubmitted": {"Submitted", "PendingCancel", "Cancelled", "Filled", "Inactive"},
    "Submitted": {"PreSubmitted", "PendingCancel", "Cancelled", "Filled", "Inactive"},
    "PendingCancel": {"Cancelled", "Filled"},
    "Inactive": {"PreSubmitted", "Submitted", "PendingCancel", "Cancelled"},
    "Filled": set(),
    "Cancelled": set(),
}
TRADED = {instrument.symbol: instrument for instrument in (ES, MES, AAPL)}

prices = st.integers(392, 408).map(lambda quarters: dec(quarters) / 4)
sizes = st.integers(1, 12)
sides = st.sampled_from(["BUY", "SELL"])
symbols = st.sampled_from(sorted(TRADED))
groups = st.sampled_from(["", "", "red", "blue"])


QUARTER = dec("0.25")
WATCHED = AAPL
"""What the condition of an order is about."""
SPECIAL = {
    "relative": ("REL", lambda at, now: {"limit_price": at, "aux_price": QUARTER}),
    "midprice": ("MIDPRICE", lambda at, now: {"limit_price": at}),
    "trailing limit": (
        "TRAIL LIMIT",
        lambda at, now: {"aux_price": 1, "trail_stop_price": at, "limit_offset": QUARTER},
    ),
    "percent": ("TRAIL", lambda at, now: {"trailing_percent": 2}),
    "on close": ("MOC", lambda at, now: {}),
    "limit on close": ("LOC", lambda at, now: {"limit_price": at}),
    "on open": ("MKT", lambda at, now: {"tif": "OPG"}),
    "until": (
        "LMT",
        lambda at, now: {
            "limit_price": at,
            "tif": "GTD",
            "good_till": now + dt.timedelta(minutes=5),
        },
    ),
    "after": (
        "LMT",
        lambda at, now: {"limit_price": at, "good_after": now + dt.timedelta(minutes=5)},
    ),
    "adjustable": (
        "STP",
        lambda at, now: {
            "aux_price": at,
            "adjusted_type": "TRAIL",
            "adjusted_trigger": at + 1,
            "adjusted_stop": at,
            "adjusted_trail": 1,
        },
    ),
    "conditional": (
        "MKT",
        lambda at, now: {
            "conditions": (
                PriceCondition(
                    con_id=WATCHED.con_id,
                    exchange="CME",
                    is_more=True,
                    price=dec(at),
                ),
            )
        },
    ),
}
"""Orders that are not among the plain ones: type, and terms at a price and a time."""


class Broker(RuleBasedStateMachine):
    @initialize(
        partial_parent=st.sampled_from(["filled", "all", "none"]),
        rounding=st.sampled_from(["floor", "nearest"]),
        takes_siblings=st.booleans(),
        first_execution=st.booleans(),
        submit=st.sampled_from([0, 0, 1]),
        cancel=st.sampled_from([0, 0, 1]),
    )
    def open(self, partial_parent, rounding, takes_siblings, first_execution, submit, cancel):
        self.latency = Latency(
            submit=dt.timedelta(seconds=submit), cancel=dt.timedelta(seconds=cancel)
        )
        self.desk = Desk(
            cash=CASH,
            partial_parent=partial_parent,
            oca_rounding=rounding,
            user_cancel_takes_siblings=takes_siblings,
            execution_before_status=first_execution,
            models=Models(latency=self.latency),
        )
        self.next_id = 1
        self.fills: dict[str, tuple[int, int, Decimal, Decimal, Decimal]] = {}
        """By the stem of the execution id: perm id, con id, signed quantity, price, commission."""
        self.status: dict[int, str] = {}
        self.first_size: dict[int, Decimal] = {}
        self.resized: set[int] = set()
        self.barred: set[int] = set()
        """Orders that may not be filled any more: beaten within their group."""
        self.members: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self.joined_late: set[tuple[str, str]] = set()
        """Groups that somebody joined when a part of them was filled already."""

    # -- what is done

    @rule(of=symbols, bid=prices, width=st.integers(0, 4), size=st.integers(0, 8))
    def quote(self, of, bid, width, size):
        self.desk.quote(bid, bid + dec(width) / 4, size, of=TRADED[of])
        self.believe()

    @rule(of=symbols, price=prices, size=sizes)
    def trade(self, of, price, size):
        self.desk.trade(price, size, of=TRADED[of])
        self.believe()

    @rule(
        of=symbols,
        path=st.lists(st.tuples(prices, st.booleans(), st.integers(0, 6)), min_size=2, max_size=8),
    )
    def move(self, of, path):
        for price, is_trade, size in path:
            if is_trade:
                self.trade(of, price, size)
            else:
                self.quote(of, price, 1, size)

    @rule(bid=prices, size=sizes)
    def quote_the_other_month(self, bid, size):
        self.desk.quote(bid, bid, size, of=ESM)
        self.believe()

    @rule(
        order_type=st.sampled_from(["MKT", "LMT", "STP", "STP LMT", "MIT", "LIT", "MTL"]),
        action=sides,
        quantity=sizes,
        of=symbols,
        limit=prices,
        trigger=prices,
        tif=st.sampled_from(["DAY", "GTC", "IOC", "FOK"]),
        group=groups,
        oca_type=st.integers(1, 3),
        transmit=st.sampled_from([True, True, True, False]),
        all_or_none=st.sampled_from([False, False, True]),
    )
    def place(
        self, order_type, action, quantity, of, limit, trigger, tif, group, oca_type, transmit,
        all_or_none,
    ):  # fmt: skip
        self.send(
            order_type, action, quantity, of=TRADED[of], limit_price=limit, aux_price=trigger,
            tif=tif, oca_group=group, oca_type=oca_type if group else 0, transmit=transmit,
            all_or_none=all_or_none,
        )  # fmt: skip

    @rule(action=sides, quantity=sizes, of=symbols, amount=st.integers(1, 8))
    def trail(self, action, quantity, of, amount):
        self.send("TRAIL", action, quantity, of=TRADED[of], aux_price=dec(amount) / 4)

    @rule(
        what=st.sampled_from(sorted(SPECIAL)), action=sides, quantity=sizes, of=symbols, at=prices
    )
    def special(self, what, action, quantity, of, at):
        order_type, terms = SPECIAL[what]
        self.send(order_type, action, quantity, of=TRADED[of], **terms(at, self.desk.now))

    @rule(action=sides, quantity=sizes, of=symbols, limit=prices)
    def ask_what_if(self, action, quantity, of, limit):
        self.send("LMT", action, quantity, of=TRADED[of], limit_price=limit, what_if=True)

    @rule(action=sides, quantity=sizes, net=st.integers(-8, 8))
    def spread(self, action, quantity, net):
        self.send("LMT", action, quantity, of=SPREAD, limit_price=dec(net) / 4)

    @rule(
        action=sides,
        quantity=sizes,
        of=symbols,
        entry=prices,
        distances=st.tuples(st.integers(1, 8), st.integers(1, 8)),
        second=st.none() | sizes,
    )
    def bracket(self, action, quantity, of, entry, distances, second):
        up = 1 if action == "BUY" else -1
        target, stop = entry + up * dec(distances[0]) / 4, entry - up * dec(distances[1]) / 4
        away = "SELL" if action == "BUY" else "BUY"
        parent = self.next_id
        self.send("LMT", action, quantity, of=TRADED[of], limit_price=entry, transmit=False)
        child = {"of": TRADED[of], "parent_id": parent}
        self.send("LMT", away, second or quantity, limit_price=target, transmit=False, **child)
        self.send("STP", away, quantity, aux_price=stop, **child)

    @rule(data=st.data(), limit=prices, more=st.integers(0, 3))
    def modify(self, data, limit, more):
        view = self.choose(data)
        if view is None or view.key.client_id == 0 or view.con_id == SPREAD.con_id:
            return
        sent = self.desk.broker._world.orders.by_perm_id(view.perm_id).sent
        grown = more if not (sent.oca_group or sent.parent_id or self.has_children(view)) else 0
        self.desk.place(
            view.key.order_id,
            sent.order_type,
            sent.action,
            view.terms.quantity + grown,
            of=INSTRUMENTS[view.con_id],
            limit_price=limit,
            aux_price=sent.aux_price,
            tif=sent.tif,
            oca_group=sent.oca_group,
            oca_type=sent.oca_type,
            parent_id=sent.parent_id,
            all_or_none=sent.all_or_none,
        )
        if grown:
            self.resized.add(view.perm_id)
        self.believe()

    @rule(data=st.data())
    def cancel(self, data):
        view = self.choose(data)
        if view is not None and view.key.client_id and view.key.order_id % 2:
            self.desk.cancel(view.key.order_id)
            self.believe()
            if not self.latency.cancel:
                assert self.desk.status(view.key.order_id) == "Cancelled"

    @rule(order_id=st.integers(0, 30))
    def cancel_anything(self, order_id):
        self.desk.cancel(order_id)
        self.believe()

    @rule(sure=st.sampled_from([False] * 9 + [True]))
    def cancel_all(self, sure):
        if sure:
            self.desk.cancel_all()
            self.believe()

    @rule(seconds=st.sampled_from([0, 1, 1, 60, 40_000]))
    def wait(self, seconds):
        """Within one day: its turn forgets what the model still counts."""
        end = self.desk.broker._world.day_ends
        if self.desk.now + dt.timedelta(seconds=seconds) < end:
            self.desk.wait(seconds=seconds)
            self.believe()

    @rule(action=sides, quantity=sizes, of=symbols, limit=prices)
    def trade_by_hand(self, action, quantity, of, limit):
        terms = terms_of("LMT", action, quantity, limit_price=limit)
        self.desk.operator("place", TRADED[of].con_id, TRADED[of].exchange, terms)
        self.believe()

    @rule()
    def bind(self):
        self.desk.operator("bind")
        self.believe()

    @rule(data=st.data(), price=prices, part=sizes)
    def fill(self, data, price, part):
        view = self.choose(data)
        if view is None or view.parent_perm_id or view.perm_id in self.barred:
            return
        if view.why_held == "locate":
            return
        size = view.remaining if view.terms.all_or_none else min(view.remaining, dec(part))
        self.desk.operator("fill", view.perm_id, size, price)
        self.believe()

    @rule(data=st.data(), what=st.sampled_from(["reject", "cancel_unasked", "hold", "release"]))
    def interfere(self, data, what):
        view = self.choose(data)
        if view is None or view.status == "PendingCancel":
            return
        reason = ("Halted",) if what in {"reject", "cancel_unasked"} else ()
        self.desk.operator(what, view.perm_id, *reason)
        self.believe()

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), price=prices, quantity=st.none() | sizes)
    def correct(self, data, price, quantity):
        fills = self.desk.broker.executions()
        fill = fills[data.draw(st.integers(0, len(fills) - 1))]
        if fill.con_id == SPREAD.con_id:
            return
        size = None if quantity is None else dec(quantity)
        self.desk.operator("correct_execution", fill.exec_id, price=price, quantity=size)
        self.believe()

    # -- what the model makes of the events

    def send(self, order_type: str, action: str, quantity: object, **terms: object) -> None:
        self.desk.place(self.next_id, order_type, action, quantity, **terms)
        self.next_id += 1
        self.believe()

    def choose(self, data) -> OrderView | None:
        live = [view.perm_id for view in self.desk.broker.orders()]
        return self.desk.broker.order_by_perm_id(data.draw(st.sampled_from(live))) if live else None

    def has_children(self, view: OrderView) -> bool:
        return any(other.parent_perm_id == view.perm_id for other in self.desk.broker.orders())

    def believe(self) -> None:
        for event in self.desk.events:
            view = getattr(event, "order", None)
            if view is None:
                continue
            assert view.filled + view.remaining == view.terms.quantity
            assert view.remaining >= 0
            if isinstance(event, StatusReported):
                self.believe_status(view)
            elif isinstance(event, Executed):
                self.believe_fill(event)
        self.desk.events = []

    def believe_status(self, view: OrderView) -> None:
        if not view.perm_id:  # cancelled before it was transmitted
            return
        before = self.status.get(view.perm_id, "PreSubmitted")
        assert view.status == before or view.status in FOLLOWS[before]
        self.status[view.perm_id] = view.status
        self.first_size.setdefault(view.perm_id, view.terms.quantity)

    def believe_fill(self, event: Executed) -> None:
        fill, view = event.fill, event.order
        stem, _, number = fill.exec_id.rpartition(".")
        signed = fill.quantity if fill.side == "BOT" else -fill.quantity
        known = stem in self.fills
        assert known is (number != "01")
        self.fills[stem] = (fill.perm_id, fill.con_id, signed, fill.price, fill.commission)
        if known:
            return
        assert view.perm_id not in self.barred
        assert self.status.get(view.perm_id) != "Cancelled"
        if fill.con_id == view.con_id:
            self.bar_siblings(view)

    def bar_siblings(self, view: OrderView) -> None:
        """Remember which orders this fill must have ended."""
        group, oca_type = view.terms.oca_group, view.terms.oca_type
        done = not view.remaining
        if not group or not (oca_type == 1 or done) or (oca_type == 3 and self.latency.cancel):
            return
        self.barred |= self.members[view.account, group] - {view.perm_id}

    # -- what must hold

    @invariant()
    def remember_groups(self):
        """Who is in which group before the next step."""
        members: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        begun: set[tuple[str, str]] = set()
        for view in self.desk.broker.orders():
            if view.terms.oca_group:
                group = (view.account, view.terms.oca_group)
                members[group].add(view.perm_id)
                if view.filled:
                    begun.add(group)
        for group in begun:
            if members[group] - self.members[group]:
                self.joined_late.add(group)
        self.members = members

    @invariant()
    def every_order_lives_or_has_ended(self):
        live = [view.perm_id for view in self.desk.broker.orders()]
        ended = [view.perm_id for view in self.desk.broker.completed_orders()]

        assert len(live) == len(set(live))
        assert not set(live) & set(ended)
        assert set(live) | set(ended) == self.status.keys()
        assert all(self.status[perm_id] not in ENDS for perm_id in live)
        assert all(self.status[perm_id] in {*ENDS, "Inactive"} for perm_id in ended)

    @invariant()
    def no_two_orders_share_a_key(self):
        keys = [view.key for view in self.desk.broker.orders() if view.key != OrderKey(0, 0)]

        assert len(keys) == len(set(keys))

    @invariant()
    def orders_count_what_was_executed(self):
        done: defaultdict[int, int] = defaultdict(int)
        for fill in self.desk.broker.executions():
            done[fill.perm_id] += 1
        for view in (*self.desk.broker.orders(), *self.desk.broker.completed_orders()):
            assert 0 <= view.filled <= view.terms.quantity
            assert bool(view.filled) is bool(done[view.perm_id])

    @invariant()
    def positions_are_the_sum_of_executions(self):
        held: defaultdict[int, Decimal] = defaultdict(Decimal)
        for _, con_id, signed, _, _ in self.fills.values():
            held[con_id] += signed
        held.pop(SPREAD.con_id, None)

        assert {view.con_id: view.quantity for view in self.desk.broker.positions()} == held

    @invariant()
    def no_money_appears_or_vanishes(self):
        marks = {view.con_id: view.market_price for view in self.desk.broker.positions()}
        equity = CASH
        for _, con_id, signed, price, commission in self.fills.values():
            if con_id != SPREAD.con_id and marks[con_id] is not None:
                equity += signed * (marks[con_id] - price) * INSTRUMENTS[con_id].point_value
            elif con_id != SPREAD.con_id:
                return
            equity -= commission

        assert abs(self.desk.broker.figures(ACCOUNT).net_liquidation - equity) < dec("0.000001")

    @invariant()
    def a_child_does_no_more_than_its_parents_fills_allow(self):
        policy = self.desk.broker.scenario.partial_parent
        for order in self.desk.broker._world.orders.live:
            parent = order.parent
            if parent is None or not parent.is_live or policy == "all":
                continue
            filled = ZERO if policy == "none" else parent.filled
            assert order.filled * parent.quantity <= (order.quantity + order.reduced) * filled

    @invariant()
    def what_a_group_has_beaten_is_gone(self):
        if not self.latency.cancel:
            assert not self.barred & {view.perm_id for view in self.desk.broker.orders()}

    @invariant()
    def the_exits_of_a_bracket_do_no_more_together_than_its_entry(self):
        scenario = self.desk.broker.scenario
        if scenario.partial_parent == "all" or scenario.oca_rounding == "nearest":
            return
        if self.latency.cancel or self.latency.submit:
            return
        world = self.desk.broker._world
        for parent in (*world.orders.live, *world.orders.ended):
            exits = [child for child in parent.children if child.perm_id]
            family = {parent.perm_id, *(child.perm_id for child in exits)}
            if not parent.perm_id or self.resized & family:
                continue
            done = sum((child.filled / self.first_size[child.perm_id] for child in exits), ZERO)
            assert done <= parent.filled / self.first_size[parent.perm_id] + dec("1e-9")

    @invariant()
    def profit_is_what_equity_has_gained(self):
        gained = self.desk.broker.figures(ACCOUNT).net_liquidation - CASH
        profit = self.desk.broker.pnl(ACCOUNT)

        assert abs(profit.realized + profit.unrealized - gained) < dec("0.000001")
        assert profit.daily == gained

    @invariant()
    def a_group_with_block_fills_one_order_in_all(self):
        shares: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for view in self.desk.broker.orders():
            if view.perm_id in self.resized or self.latency.cancel or self.latency.submit:
                return
            group = (view.account, view.terms.oca_group)
            exact = self.desk.broker.scenario.oca_rounding == "floor"
            if view.terms.oca_group and exact and group not in self.joined_late:
                shares[group] += view.filled / self.first_size[view.perm_id]

        assert all(share <= 1 for share in shares.values())

    @invariant()
    def what_can_be_filled_is_filled(self):
        world = self.desk.broker._world
        for order in world.orders.live:
            if order.gate is not Gate.MARKET or order.terms.tif == "OPG":
                continue  # an order for the opening waits for the first price of the day
            touch = world.markets.board_of(order.instrument).touch(is_buy=order.is_buy)
            if touch is None or not _reaches(order, touch.price):
                continue
            assert portion(order, touch.size, world.models.fill) == 0, (order.view(), touch)

    @invariant()
    def only_what_works_needs_ticks(self):
        needed = set()
        for view in self.desk.broker.orders():
            instrument = INSTRUMENTS[view.con_id]
            needed |= {view.con_id, *(leg.con_id for leg in instrument.legs)}

        working = set(self.desk.broker.working_instruments())
        assert needed <= working <= needed | {WATCHED.con_id}

    @invariant()
    def groups_know_their_living_members_only(self):
        world = self.desk.broker._world
        for order in world.orders.live:
            assert order.group is None or order in order.group.members
        for order in world.orders.ended:
            assert order.group is None
            assert not order.timers


def _reaches(order, price: Decimal) -> bool:
    if order.limit is None:
        return not order.kind.pegged
    return price <= order.limit if order.is_buy else price >= order.limit


Broker.TestCase.settings = settings(stateful_step_count=40)
TestBroker = Broker.TestCase
