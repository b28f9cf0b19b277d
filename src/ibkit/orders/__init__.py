"""Groups of linked orders that stay consistent and protected."""

from ibkit.orders._bracket import (
    Target as Target,
    bracket as bracket,
    bracket_from_fill as bracket_from_fill,
)
from ibkit.orders._builders import (
    Naming as Naming,
    close_position as close_position,
    oca as oca,
    single as single,
    trailing as trailing,
)
from ibkit.orders._exits import exit_orders as exit_orders
from ibkit.orders._from_fill import FromFill as FromFill
from ibkit.orders._group import OrderGroup as OrderGroup
from ibkit.orders._legs import (
    AdjustableStop as AdjustableStop,
    Leg as Leg,
    Limit as Limit,
    LimitIfTouched as LimitIfTouched,
    LimitOnClose as LimitOnClose,
    LimitOnOpen as LimitOnOpen,
    Market as Market,
    MarketIfTouched as MarketIfTouched,
    MarketOnClose as MarketOnClose,
    MarketOnOpen as MarketOnOpen,
    MarketToLimit as MarketToLimit,
    MidPrice as MidPrice,
    Relative as Relative,
    Stop as Stop,
    StopLimit as StopLimit,
    Trail as Trail,
    TrailLimit as TrailLimit,
)
from ibkit.orders._modify import (
    copy_order as copy_order,
    modified as modified,
    moved as moved,
)
from ibkit.orders._planned import Oca as Oca, PlannedOrder as PlannedOrder
from ibkit.orders._ref import (
    OrderRef as OrderRef,
    make_group_id as make_group_id,
    parse_order_ref as parse_order_ref,
)
from ibkit.orders._restore import restore as restore
from ibkit.orders._tif import (
    Day as Day,
    Fok as Fok,
    Gtc as Gtc,
    Gtd as Gtd,
    Ioc as Ioc,
    Opg as Opg,
    TimeInForce as TimeInForce,
)
from ibkit.products._grid import PriceGrid as PriceGrid
