from ibkit.streams._decisions import Holder
from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._limits import Pool
from ibkit.streams._queue import Alarms, Entry, Queue


def entry(sequence, priority=0, kind=Kind.QUOTES, when_full="wait"):
    holder = Holder(number=sequence, name="h", priority=priority, when_full=when_full)
    spec = Spec(con_id=sequence, exchange="CME", kind=kind)
    return Entry(spec, sequence, holders={sequence: holder})


def test_priority_comes_before_arrival():
    queue = Queue()
    entries = [entry(1), entry(2, priority=5), entry(3, priority=5), entry(4)]
    for one in reversed(entries):
        queue.add(one)

    assert [one.sequence for one in queue] == [2, 3, 1, 4]


def test_an_entry_is_taken_out_of_the_middle():
    queue = Queue()
    entries = [entry(number) for number in (1, 2, 3)]
    for one in entries:
        queue.add(one)

    assert queue.remove(entries[1])
    assert not queue.remove(entries[1])
    assert [one.sequence for one in queue] == [1, 3]


def test_the_queue_may_change_while_it_is_walked():
    queue = Queue()
    for number in (1, 2, 3):
        queue.add(entry(number))
    for one in queue:
        queue.remove(one)

    assert not queue
    assert queue.wanted[Pool.LINES] == 0


def test_it_counts_who_wants_what():
    queue = Queue()
    bars = entry(1, kind=Kind.BARS_5S)
    quotes = entry(2, when_full="evict")
    queue.add(bars)
    queue.add(quotes)

    assert (queue.wanted[Pool.LINES], queue.wanted[Pool.REAL_TIME], queue.evictors) == (2, 1, 1)
    assert queue.up_to(bars, Pool.LINES) == 1
    assert queue.up_to(quotes, Pool.LINES) == 2


def test_one_that_was_evicted_does_not_evict():
    evictor = entry(1, when_full="evict")
    evictor.was_evicted = True

    assert not evictor.evicts


def test_alarms_ring_once():
    alarms = Alarms()
    for at in (3.0, 1.0, 3.0, 2.0):
        alarms.add(at)
    alarms.ring(2.0)

    assert alarms.first == 3.0
    alarms.ring(3.0)
    assert alarms.first is None
