"""Any answer is one that ib_async reads without complaint, and hears as it was meant."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace, UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

from hypothesis import given, strategies as st
from ib_async.decoder import Decoder

from ibkit.sim._wire import ANSWERS, FrameReader, encode

TEXT = st.text(
    st.characters(codec="ascii", min_codepoint=32, exclude_characters="\\\x7f"), max_size=9
)
WHOLE = st.integers(0, 2**31 - 2)
NUMBERS = st.decimals(-(10**9), 10**9, places=4) | st.sampled_from(
    [Decimal("1E+3"), Decimal("1E-8")]
)
PLAIN = {
    str: TEXT,
    int: WHOLE,
    bool: st.booleans(),
    Decimal: NUMBERS,
    float: st.floats(-1e6, 1e6),
    type(None): st.none(),
}
# Fields that may not be just any value of their type, or of which ib_async reads less.
NARROW = {
    ("TickByTickAllLast", "tick_type"): st.sampled_from([1, 2]),
    ("ExecutionFields", "time"): st.just("20250620 10:00:00 US/Eastern"),
    ("BondDetailsFields", "coupon"): st.integers(0, 20).map(Decimal),
    ("MarginConditionFields", "percent"): st.integers(0, 100).map(Decimal),
}


def values_of(hint):
    if get_origin(hint) is Annotated:
        return values_of(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([values_of(option) for option in get_args(hint)])
    return PLAIN[hint] if hint in PLAIN else messages_of(hint)


def messages_of(declared):
    hints = get_type_hints(declared, include_extras=True)
    return st.builds(
        declared,
        **{
            name: NARROW.get((declared.__name__, name), values_of(hint))
            for name, hint in hints.items()
        },
    )


ANY_ANSWER = st.one_of([messages_of(declared) for declared in ANSWERS])


class Recorder:
    def __init__(self):
        self.calls = []
        self.ib = SimpleNamespace(TimezoneTWS="")
        self.defaultTimezone = dt.timezone.utc

    def __getattr__(self, name):
        return lambda *args: self.calls.append(args)


class Complaints:
    def exception(self, text):
        raise AssertionError(text)


def hear(answer, version):
    reader = FrameReader()
    (payload,) = reader.feed(b"API\0" + encode(answer, version))
    recorder = Recorder()
    decoder = Decoder(recorder, version)
    decoder.logger = Complaints()
    fields = payload.decode("ascii").split("\0")
    assert fields.pop() == ""
    decoder.interpret(fields)
    return recorder.calls


def is_flat(answer):
    return not any(isinstance(value, tuple) or value is None for value in answer)


@given(ANY_ANSWER, st.integers(157, 178))
def test_an_answer_is_heard_without_complaint(answer, version):
    calls = hear(answer, version)

    assert calls
    if is_flat(answer) and len(calls) == 1 and len(calls[0]) == len(answer):
        (heard,) = calls
        meant = [float(value) if isinstance(value, Decimal) else value for value in answer]
        if type(answer).__name__ == "ErrMsg" and version < 166:
            meant[-1] = ""
        assert list(heard) == meant
