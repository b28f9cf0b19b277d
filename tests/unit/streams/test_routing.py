import pytest

from ibkit.streams._recovery import Signal
from ibkit.streams._routing import Verdict, effect_of, is_patient

HMDS = "Historical Market Data Service error message:"


@pytest.mark.parametrize(
    ("code", "text", "effect"),
    [
        (354, "Requested market data is not subscribed.", Verdict.NOT_SUBSCRIBED),
        (10089, "Requested market data requires additional subscription", Verdict.NOT_SUBSCRIBED),
        (10168, "Delayed market data is not enabled", Verdict.NOT_SUBSCRIBED),
        (10186, "Delayed market data is not enabled", Verdict.NOT_SUBSCRIBED),
        (10227, "Requested market data is not allowed for API.", Verdict.NOT_SUBSCRIBED),
        (10090, "Part of requested market data is not subscribed.", Verdict.NOTICE),
        (10167, "Displaying delayed market data.", Verdict.DELAYED),
        (2152, "Exchanges - Depth: IEX; Top: BYX;", Verdict.NOTICE),
        (200, "No security definition has been found for the request", Verdict.BROKEN),
        (321, "Error validating request.", Verdict.BROKEN),
        (10092, "Deep market data is not supported", Verdict.BROKEN),
        (10180, "Failed to request live updates (contract expired)", Verdict.EXPIRED),
        (300, "Can't find EId with tickerId:7", Verdict.ECHO),
        (310, "Can't find the subscribed market depth with tickerId:7", Verdict.ECHO),
        (101, "Max number of tickers has been reached", Verdict.FULL),
        (309, "Max number (3) of market depth requests has been reached", Verdict.FULL),
        (10190, "Max number of tick-by-tick requests has been reached", Verdict.FULL),
        (456, "Max number of real time requests has been reached", Verdict.FULL),
        (317, "Market depth data has been RESET.", Signal.BOOK_RESET),
        (316, "Market depth data has been HALTED.", Signal.INTERRUPTED),
        (10182, "Failed to request live updates (disconnected)", Signal.INTERRUPTED),
        (10225, "Bust event occurred", Signal.INTERRUPTED),
        (10197, "No market data during competing live session", Signal.PAUSED),
        (322, "Error processing request.-'bX' : cause - Duplicate ticker id", Signal.DROPPED),
        (322, "Error processing request.-'bX' : cause - busy", Signal.PAUSED),
        (420, "Invalid Real-time Query:Historical data request pacing violation", Signal.PAUSED),
        (420, "Invalid Real-time Query:No market data permissions", Verdict.NOT_SUBSCRIBED),
        (162, HMDS + "API historical data query cancelled: 7", Verdict.ECHO),
        (162, HMDS + "Historical data request pacing violation", Signal.PAUSED),
        (162, HMDS + "No market data permissions for CME FUT", Verdict.NOT_SUBSCRIBED),
        (162, HMDS + "HMDS query returned no data: ESM5@CME Trades", Verdict.NOTICE),
        (162, HMDS + "Trading TWS session is connected from a different IP", Signal.PAUSED),
        (10189, "Failed to request tick-by-tick data.BidAsk tick-by-tick", Verdict.BROKEN),
        (10189, "Failed to request tick-by-tick data.No permissions", Verdict.NOT_SUBSCRIBED),
    ],
)
def test_the_table(code, text, effect):
    assert effect_of(code, text, delivered=False) is effect


def test_an_unknown_code_ends_a_request_only_while_it_has_not_delivered():
    assert effect_of(9999, "?", delivered=False) is Verdict.BROKEN
    assert effect_of(9999, "?", delivered=True) is Verdict.NOTICE
    assert effect_of(2199, "?", delivered=False) is Verdict.NOTICE


def test_asking_goes_on_only_where_the_state_passes_by_itself():
    assert is_patient(10182)
    assert not is_patient(322)
