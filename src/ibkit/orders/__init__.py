"""Groups of linked orders that stay consistent and protected."""

from ibkit._ib._what_if import (
    WhatIf as WhatIf,
)
from ibkit.orders._actions import (
    Action as Action,
    Alert as Alert,
    AskBroker as AskBroker,
    CancelLeg as CancelLeg,
    CloseOut as CloseOut,
    MoveStop as MoveStop,
    Place as Place,
    Replace as Replace,
    Resize as Resize,
    RollBack as RollBack,
)
from ibkit.orders._bracket import (
    Target as Target,
    bracket as bracket,
    bracket_from_fill as bracket_from_fill,
)
from ibkit.orders._builders import (
    HoldsPosition as HoldsPosition,
    Naming as Naming,
    close_position as close_position,
    oca as oca,
    single as single,
    trailing as trailing,
)
from ibkit.orders._desk import (
    OrderDesk as OrderDesk,
)
from ibkit.orders._events import (
    EventKind as EventKind,
    GroupEvent as GroupEvent,
    events_between as events_between,
)
from ibkit.orders._exits import (
    exit_orders as exit_orders,
)
from ibkit.orders._facts import (
    GroupFacts as GroupFacts,
    LegFacts as LegFacts,
    LegStatus as LegStatus,
    first_facts as first_facts,
)
from ibkit.orders._from_fill import (
    FromFill as FromFill,
)
from ibkit.orders._gates import (
    Gate as Gate,
    GateContext as GateContext,
    MaxOpenOrders as MaxOpenOrders,
    MaxSize as MaxSize,
    PaperOnly as PaperOnly,
    PriceCollar as PriceCollar,
    run_gates as run_gates,
)
from ibkit.orders._group import (
    OrderGroup as OrderGroup,
)
from ibkit.orders._groups_table import (
    Groups as Groups,
)
from ibkit.orders._gtc import (
    GtcOrder as GtcOrder,
)
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
from ibkit.orders._lifecycle import (
    STATUS_RULES as STATUS_RULES,
    TRANSITIONS as TRANSITIONS,
    GroupStatus as GroupStatus,
    draw_lifecycle as draw_lifecycle,
    status_of as status_of,
)
from ibkit.orders._live_group import (
    GroupTrade as GroupTrade,
)
from ibkit.orders._modify import (
    copy_order as copy_order,
    modified as modified,
    moved as moved,
)
from ibkit.orders._numbers import Size as Size
from ibkit.orders._payoff import (
    Payoff as Payoff,
    PayoffPoint as PayoffPoint,
    payoff as payoff,
)
from ibkit.orders._planned import (
    Oca as Oca,
    PlannedOrder as PlannedOrder,
    Side as Side,
    Slices as Slices,
)
from ibkit.orders._ref import (
    ORDER_REF_LIMIT as ORDER_REF_LIMIT,
    OrderRef as OrderRef,
    make_group_id as make_group_id,
    parse_order_ref as parse_order_ref,
)
from ibkit.orders._repair import (
    REPAIR_RULES as REPAIR_RULES,
    draw_repair as draw_repair,
    repair as repair,
)
from ibkit.orders._restore import (
    restore as restore,
)
from ibkit.orders._tif import (
    Day as Day,
    Fok as Fok,
    Gtc as Gtc,
    Gtd as Gtd,
    Ioc as Ioc,
    Opg as Opg,
    Tif as Tif,
    TimeInForce as TimeInForce,
)
from ibkit.orders._unprotected import UnprotectedPosition as UnprotectedPosition
from ibkit.products._grid import Direction as Direction, Price as Price, PriceGrid as PriceGrid

__all__ = [
    "ORDER_REF_LIMIT",
    "REPAIR_RULES",
    "STATUS_RULES",
    "TRANSITIONS",
    "Action",
    "AdjustableStop",
    "Alert",
    "AskBroker",
    "CancelLeg",
    "CloseOut",
    "Day",
    "Direction",
    "EventKind",
    "Fok",
    "FromFill",
    "Gate",
    "GateContext",
    "GroupEvent",
    "GroupFacts",
    "GroupStatus",
    "GroupTrade",
    "Groups",
    "Gtc",
    "GtcOrder",
    "Gtd",
    "HoldsPosition",
    "Ioc",
    "Leg",
    "LegFacts",
    "LegStatus",
    "Limit",
    "LimitIfTouched",
    "LimitOnClose",
    "LimitOnOpen",
    "Market",
    "MarketIfTouched",
    "MarketOnClose",
    "MarketOnOpen",
    "MarketToLimit",
    "MaxOpenOrders",
    "MaxSize",
    "MidPrice",
    "MoveStop",
    "Naming",
    "Oca",
    "Opg",
    "OrderDesk",
    "OrderGroup",
    "OrderRef",
    "PaperOnly",
    "Payoff",
    "PayoffPoint",
    "Place",
    "PlannedOrder",
    "Price",
    "PriceCollar",
    "PriceGrid",
    "Relative",
    "Replace",
    "Resize",
    "RollBack",
    "Side",
    "Size",
    "Slices",
    "Stop",
    "StopLimit",
    "Target",
    "Tif",
    "TimeInForce",
    "Trail",
    "TrailLimit",
    "UnprotectedPosition",
    "WhatIf",
    "bracket",
    "bracket_from_fill",
    "close_position",
    "copy_order",
    "draw_lifecycle",
    "draw_repair",
    "events_between",
    "exit_orders",
    "first_facts",
    "make_group_id",
    "modified",
    "moved",
    "oca",
    "parse_order_ref",
    "payoff",
    "repair",
    "restore",
    "run_gates",
    "single",
    "status_of",
    "trailing",
]
