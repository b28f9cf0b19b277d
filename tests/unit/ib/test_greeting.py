import pytest

from ibkit._ib._greeting import Address, Ending, Failure, stranger

HERE = Address(host="127.0.0.1", port=7497, client_id=5)


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_has_a_cause_and_a_remedy(ending):
    failure = Failure(ending=ending, detail="the detail", remedy="do it", seconds=4.0)
    error = failure.error(HERE)

    assert error.address == "127.0.0.1:7497 as client 5"
    assert error.reason
    assert error.remedy
    assert "{" not in str(error)


def test_the_facts_are_told():
    in_use = Failure(ending=Ending.ID_IN_USE, code=326).error(HERE)
    silent = Failure(ending=Ending.SILENT, seconds=4.0).error(HERE)

    assert "client id 5 is already in use (error 326)" in str(in_use)
    assert "nothing was said within 4 s" in str(silent)


def test_only_what_cannot_change_by_itself_is_final():
    assert [e for e in Ending if Failure(ending=e).is_final] == [Ending.TOO_OLD]


def frame(text):
    return len(text).to_bytes(4, "big") + text


TWS = frame(b"178\x0020260105 09:30:00 EST\x00")


@pytest.mark.parametrize("size", range(len(TWS) + 1))
def test_tws_is_no_stranger_however_its_bytes_arrive(size):
    assert stranger(TWS[:size]) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 400 Bad Request"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6"),
        (b"220", "220"),
        (b"\x15\x03\x01\x00\x02", "\\x15"),
        (frame(b"hello\x00world\x00"), "hello"),
        (b"\xff\xff\xff\xff", "\xff"),
    ],
)
def test_others_are(said, shown):
    assert shown in stranger(said)
