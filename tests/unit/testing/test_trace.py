from ibkit.testing._trace import RUN, TraceLog


def test_lines_are_kept_as_they_were_printed():
    log = TraceLog()
    print("12:00:00.000", 1, "<", "TickPrice req_id=1", file=log)
    print("12:00:00.250", 1, ">", "ReqIds", file=log)

    assert log.text() == "12:00:00.000 1 < TickPrice req_id=1\n12:00:00.250 1 > ReqIds"


def test_the_last_ones_are_kept_and_the_others_counted():
    log = TraceLog(kept=3)
    for number in range(5):
        print("12:00:00.000", number, "<", "Message", file=log)

    assert log.text().splitlines() == [
        "(2 earlier messages are not kept)",
        "12:00:00.000 2 < Message",
        "12:00:00.000 3 < Message",
        "12:00:00.000 4 < Message",
    ]


def test_a_long_run_of_one_kind_is_counted():
    log = TraceLog()
    for number in range(RUN + 3):
        print("12:00:00.000", 1, "<", f"Value key={number}", file=log)
    print("12:00:00.000", 1, "<", "End", file=log)
    print("12:00:00.000", 2, "<", "Value key=0", file=log)

    lines = log.text().splitlines()

    assert len(lines) == RUN + 3
    assert lines[RUN].strip() == "and 3 more of 1 < Value"
