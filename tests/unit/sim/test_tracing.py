import io

from ibkit.sim import _wire as wire
from ibkit.sim._tracing import tracer
from ibkit.sim._transport import SteppedClock


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError("nobody reads")


def test_a_message_is_a_line_with_time_client_direction_and_meaning(talk):
    clock, stream = SteppedClock(talk.now), io.StringIO()
    clock.advance(1.5)

    tracer(talk.floor, clock, stream)(talk.session, "<", wire.CurrentTime(7))

    assert stream.getvalue() == "15:00:01.500 3 < CurrentTime time=7\n"


def test_a_stream_that_nobody_reads_ends_the_trace_and_nothing_else(talk, caplog):
    talk.floor.trace = tracer(talk.floor, SteppedClock(talk.now), Broken())

    talk.ask(wire.ReqCurrentTime())

    assert talk.floor.trace is None
    assert "the trace ends: nobody reads" in caplog.text
