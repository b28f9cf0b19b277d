"""The pacer over random arrivals, orders and times, against the rules it promises."""

from hypothesis import given, strategies as st

from ibkit._ib._pacer import Lane, Pacer, Pacing

LIMIT, RESERVE = 8, 3

arrivals = st.lists(
    st.tuples(
        st.floats(0, 0.5, allow_nan=False),
        st.sampled_from([Lane.STATE, Lane.DATA, Lane.HISTORY, "order", "leave"]),
    ),
    max_size=120,
)


class Run:
    """Drives a pacer as the shell does: release, sleep until next_time, release."""

    def __init__(self):
        self.pacer = Pacer(Pacing(limit=LIMIT, reserve=RESERVE))
        self.now = 0.0
        self.paced, self.orders, self.given = [], [], []
        self.waiting = []

    def release(self):
        while (item := self.pacer.release(self.now)) is not None:
            self.paced.append((self.now, item))
            self.waiting = [t for t in self.waiting if t.item != item]

    def advance(self, until):
        while (due := self.pacer.next_time(self.now)) is not None and due <= until:
            self.now = max(due, self.now)
            before = len(self.paced)
            self.release()
            assert len(self.paced) > before, "next_time named a time at which nothing goes"
        self.now = until

    def do(self, index, what):
        if what == "order":
            self.orders.append(self.now)
            self.pacer.note(Lane.ORDER, self.now)
        elif what == "leave":
            if self.waiting:
                self.pacer.leave(self.waiting.pop())
        else:
            self.waiting.append(self.pacer.enter(what, (what, index), self.now))
            self.given.append((what, index))
        self.release()


@given(arrivals)
def test_data_never_take_what_is_reserved_and_nobody_is_forgotten(events):
    run = Run()
    for index, (delay, what) in enumerate(events):
        run.advance(run.now + delay)
        run.do(index, what)
    left = {ticket.item for ticket in run.waiting}
    run.advance(run.now + 1000)

    for time, _ in run.paced:
        data = [t for t, _ in run.paced if time - 1 <= t <= time]
        orders_before = [t for t in run.orders if time - 1 <= t < time]
        earlier = [t for t in data if t < time]
        now_allowed = LIMIT - RESERVE - len(orders_before) - len(earlier)
        assert len(data) - len(earlier) <= max(0, now_allowed)
    assert left <= {item for _, item in run.paced}
    assert len(run.paced) == len({item for _, item in run.paced})


@given(arrivals)
def test_within_a_lane_first_come_first_served(events):
    run = Run()
    for index, (delay, what) in enumerate(events):
        run.advance(run.now + delay)
        run.do(index, what)
    run.advance(run.now + 1000)

    for lane in Lane:
        indexes = [item[1] for _, item in run.paced if item[0] is lane]
        assert indexes == sorted(indexes)
