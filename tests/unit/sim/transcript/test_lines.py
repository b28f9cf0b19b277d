import pytest
from hypothesis import given, strategies as st

from ibkit.sim._transcript._lines import (
    HEADER,
    BadLine,
    Line,
    TranscriptError,
    format_line,
    line_of,
    parse,
    parse_line,
)

AT_178 = {1: 178}


def written(way, *fields, version=178):
    return format_line(line_of(1.5, 1, way, fields), version)


@pytest.mark.parametrize(
    ("way", "fields", "line"),
    [
        ("<", ("9", "1", "42"), "1.500 1 < NextValidId order_id=42"),
        ("<", ("62", "1"), "1.500 1 < PositionEnd"),
        (">", ("71", "2", "3", ""), "1.500 1 > StartApi 1=2 client_id=3"),
        (
            "<",
            ("4", "2", "-1", "2104", "a b"),
            '1.500 1 < ErrMsg req_id=-1 error_code=2104 error_string="a b" length=5',
        ),
        ("<", ("777", "a", "", "b", "c", ""), "1.500 1 < Message 0=777 a 3=b c length=6"),
        ("<", (), "1.500 1 < Message"),
        (">", ("104", "7", "x"), "1.500 1 > ReqUserInfo req_id=7 x"),
        (
            "<",
            ("46", "6", "9", "4", 'a=1;"b"#\n\u00e9'),
            r'1.500 1 < TickString req_id=9 tick_type=4 value="a=1;\"b\"#\n\u00e9"',
        ),
    ],
)
def test_a_message_is_a_line_of_its_fields_that_say_something(way, fields, line):
    assert written(way, *fields) == line
    assert parse_line(line, AT_178) == line_of(1.5, 1, way, fields)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=6)
ids = st.sampled_from(["1", "4", "5", "11", "17", "20", "99", "101", "", "777", "x"])


@given(st.sampled_from("<>"), ids, st.lists(texts, max_size=30), st.integers(157, 178))
def test_any_fields_come_back_as_they_were(way, number, rest, version):
    line = line_of(0.25, 3, way, (number, *rest))

    assert parse_line(format_line(line, version), {3: version}) == line


def test_a_line_by_hand_needs_only_what_matters():
    line = parse_line("  12 1 <  TickPrice   req_id=9 price=5000.25 ", AT_178)

    assert line == Line(12.0, 1, "<", "TickPrice", ("1", "6", "9", "", "5000.25", "", ""))
    assert (line.field("price", 178), line.field("nonsense", 178)) == ("5000.25", None)


def test_a_field_may_be_called_by_its_place_and_the_next_ones_follow():
    line = parse_line("0 1 < TickPrice 2=9 4 5000.25", AT_178)

    assert line.fields == ("1", "6", "9", "4", "5000.25", "", "")


def test_the_welcome_says_the_version_of_what_follows():
    versions = {}

    parse_line('0 5 < Welcome version=176 time="20260302 10:00:00 MET"', versions)

    assert versions == {5: 176}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hello", "expected seconds"),
        ("0 1 = TickPrice", "expected seconds"),
        ("-1 1 < TickPrice", "expected seconds"),
        ("0 1 < Tick", "no message of the server is called Tick"),
        ("0 1 > TickPrice", "no message of the client is called TickPrice"),
        ("0 2 < TickPrice req_id=9", "connection 2 has no Welcome"),
        ("0 1 < TickPrice prize=9", "no field is called prize; there are req_id, tick_type"),
        ("0 1 < PositionEnd x=9", "there are none"),
        ('0 1 < TickString value="abc', "cannot be read from"),
        ('0 1 < TickString value="a\\x"', "not a text as JSON"),
        ("0 1 < TickString value=a=b", "cannot be read from"),
        ("0 1 < TickPrice 9", "the first field must be called"),
        ("0 1 < TickPrice req_id=9 length=x", "x is not the number of a field"),
        ("0 1 < TickPrice price=9 length=3", "there is a field at 4"),
        ("0 1 < TickPrice 99999999=1", "not the number of a field"),
        ("0 1 < Welcome time=x", "Welcome needs version="),
    ],
)
def test_a_line_that_cannot_be_read_says_why(text, problem):
    with pytest.raises(BadLine, match=problem):
        parse_line(text, dict(AT_178))


def test_a_transcript_is_a_header_and_lines_and_comments():
    text = (
        f"{HEADER}\n\n# nothing\n0 1 < Welcome version=178 time=now\n  # more\n1 1 < PositionEnd\n"
    )

    assert [line.name for line in parse(text)] == ["Welcome", "PositionEnd"]


@pytest.mark.parametrize("text", ["", "0 1 < Welcome version=178", "ibkit-transcript 2\n"])
def test_a_file_without_the_header_is_no_transcript(text):
    with pytest.raises(TranscriptError, match="begins with the line"):
        parse(text, "day.txt")


def test_an_error_names_file_and_line():
    with pytest.raises(TranscriptError) as caught:
        parse(f"{HEADER}\n# one\n0 1 < Welcome version=178 time=now\n0 1 < Nothing\n", "day.txt")

    error = caught.value
    assert (error.file, error.line) == ("day.txt", 4)
    assert str(error) == "day.txt:4: no message of the server is called Nothing"
