from ib_async.wrapper import GENERIC_TICK_MAP, PRICE_TICK_MAP, SIZE_TICK_MAP, STRING_TICK_MAP

from ibkit.streams._quote_feed import _EXCHANGES, _HALTS, _PRICES, _SIZES, _VOLUMES
from ibkit.streams._tick_names import tick_name

FIELDS = {*_PRICES, *_SIZES, *_VOLUMES, *_EXCHANGES, *_HALTS}


def test_every_tick_that_ib_async_knows_is_a_field_or_has_a_name():
    known = {*PRICE_TICK_MAP, *SIZE_TICK_MAP, *GENERIC_TICK_MAP, *STRING_TICK_MAP} - {91, 100}
    nameless = {
        tick for tick in known if str(tick) not in FIELDS and tick_name(str(tick)) == f"tick_{tick}"
    }

    assert nameless == set()


def test_what_nobody_knows_goes_by_its_number():
    assert tick_name("787") == "tick_787"
    assert tick_name("x") == "tick_x"
