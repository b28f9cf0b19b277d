import struct

import pytest

from ibkit.sim._recording import Recording


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


WELCOME = frame(b"178\x00now\0")


@pytest.fixture
def recording(tmp_path):
    times = iter(range(100))
    made = Recording(tmp_path / "t.txt", lambda: next(times), scrub=False)
    yield made
    made.close()


def lines(tmp_path):
    return (tmp_path / "t.txt").read_text().splitlines()


def test_connections_are_numbered_and_their_messages_written_when_they_pass(recording, tmp_path):
    one, other = object(), object()
    recording.opened(one)
    recording.opened(other)
    recording.passed(other, "<", WELCOME)
    recording.passed(one, "<", WELCOME + frame(b"9\x001\x005\0"))

    assert lines(tmp_path) == [
        "ibkit-transcript 1",
        "0.000 2 < Welcome version=178 time=now",
        "1.000 1 < Welcome version=178 time=now",
        "1.000 1 < NextValidId order_id=5",
    ]


def test_a_connection_that_was_open_before_is_left_out(recording, tmp_path):
    recording.passed(object(), "<", WELCOME)
    recording.closed(object(), "<")

    assert lines(tmp_path) == ["ibkit-transcript 1"]


def test_the_end_of_a_connection_is_written_once(recording, tmp_path):
    one = object()
    recording.opened(one)
    recording.closed(one, ">")
    recording.closed(one, ">")

    assert lines(tmp_path)[1:] == ["0.000 1 > Closed"]


def test_nothing_is_written_after_the_end(recording, tmp_path):
    one = object()
    recording.opened(one)
    recording.close()
    recording.close()
    recording.passed(one, "<", WELCOME)

    assert lines(tmp_path) == ["ibkit-transcript 1"]


def test_a_full_disk_ends_the_recording_and_nothing_else(recording, caplog):
    class Full:
        closed = False

        def write(self, text):
            raise OSError("no space left")

        def close(self):
            self.closed = True

    recording._file.close()
    recording._file = Full()
    one = object()
    recording.opened(one)

    recording.passed(one, "<", WELCOME)
    recording.passed(one, "<", WELCOME)

    assert recording._file.closed
    assert caplog.text.count("the recording to") == 1
