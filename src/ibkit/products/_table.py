"""The table of futures, and the ways to find a product in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple, final

from ._errors import AmbiguousProduct, UnknownProduct
from ._product import Product


class _Index(NamedTuple):
    by_root: Mapping[str, Product]
    by_name: Mapping[str, tuple[Product, ...]]
    """By trading class and by IB symbol; roots come first and are not in it."""


@final
class Products:
    """An immutable table of products. Reads its rows when it is first asked.

    >>> PRODUCTS["6E"].symbol, len(PRODUCTS)
    ('EUR', 179)
    >>> [each.root for each in PRODUCTS.with_symbol("SI")]
    ['SI', 'SIL']
    """

    __slots__ = ("_known", "_read")

    def __init__(self, read: Callable[[], Iterable[Product]]) -> None:
        self._read = read
        self._known: _Index | None = None

    def _index(self) -> _Index:
        if self._known is None:
            self._known = _indexed(self._read())
        return self._known

    def __iter__(self) -> Iterator[Product]:
        return iter(self._index().by_root.values())

    def __len__(self) -> int:
        return len(self._index().by_root)

    def __contains__(self, root: object) -> bool:
        return root in self._index().by_root

    def __getitem__(self, root: str) -> Product:
        """Find a product by the exchange's code alone.

        Raises:
            UnknownProduct: names the nearest codes.
        """
        try:
            return self._index().by_root[root]
        except (KeyError, TypeError):
            raise UnknownProduct(root, self._nearest(str(root))) from None

    def find(self, name: str) -> Product:
        """Find the one product with this root, else trading class, else IB symbol, in any case.

        Raises:
            UnknownProduct: nothing is called so; names the nearest.
            AmbiguousProduct: several are (``DAX``); names each.

        >>> PRODUCTS.find("EUR").root, PRODUCTS.find("FTMIB").root, PRODUCTS.find("SI").multiplier
        ('6E', 'FIB', Decimal('5000'))
        >>> PRODUCTS.find("DAX")
        Traceback (most recent call last):
        ...
        ibkit.products._errors.AmbiguousProduct: 'DAX' is the name of 3 products: \
FDAX (EUREX, multiplier 25, class FDAX); FDXM (EUREX, multiplier 5, class FDXM); \
FDXS (EUREX, multiplier 1, class FDXS). Ask for one by its root
        """
        if not isinstance(name, str):
            raise UnknownProduct(name)
        bare = name.strip()
        found = self._called(bare) or self._called(bare.upper())
        if not found:
            raise UnknownProduct(name, self._nearest(bare))
        if len(found) > 1:
            raise AmbiguousProduct(name, [_described(each) for each in found])
        return found[0]

    def _called(self, name: str) -> tuple[Product, ...]:
        root = self._index().by_root.get(name)
        return (root,) if root else self.with_class(name) or self.with_symbol(name)

    def with_symbol(self, symbol: str) -> tuple[Product, ...]:
        """All products with this IB symbol; often one, none if unknown."""
        return tuple(p for p in self._index().by_name.get(symbol, ()) if p.symbol == symbol)

    def with_class(self, trading_class: str) -> tuple[Product, ...]:
        """All products with this trading class; one, none if unknown.

        >>> [each.root for each in PRODUCTS.with_class("FDXM")]
        ['FDXM']
        """
        named = self._index().by_name.get(trading_class, ())
        return tuple(p for p in named if p.trading_class == trading_class)

    def matching(
        self, symbol: str = "", *, exchange: str = "", trading_class: str = "", multiplier: str = ""
    ) -> tuple[Product, ...]:
        """All products that fit what is filled in of a contract; an empty text fits anything.

        An exchange name that IB no longer takes fits too.

        >>> [each.root for each in PRODUCTS.matching("DAX", exchange="DTB", multiplier="5")]
        ['FDXM']
        """
        size = Decimal(multiplier) if multiplier else None
        return tuple(
            each
            for each in (self.with_symbol(symbol) if symbol else self)
            if exchange in {"", each.exchange, *each.obsolete_exchanges}
            and trading_class in {"", each.trading_class}
            and size in {None, each.multiplier}
        )

    def extended(self, *products: Product) -> Products:
        """Return a new table with more products; one with a known root replaces that row.

        >>> import attrs
        >>> wide = attrs.evolve(product("ES"), root="XES", symbol="XES", trading_class="XES")
        >>> PRODUCTS.extended(wide)["XES"].exchange, "XES" in PRODUCTS
        ('CME', False)
        """
        return Products(lambda: (*self, *products))

    def _nearest(self, name: str) -> list[str]:
        import difflib

        index = self._index()
        return difflib.get_close_matches(name.upper(), {**index.by_root, **index.by_name}, n=5)

    def __repr__(self) -> str:
        return f"<Products: {len(self)} futures>"


def _indexed(products: Iterable[Product]) -> _Index:
    by_root = {each.root: each for each in products}
    by_name: dict[str, tuple[Product, ...]] = {}
    for each in by_root.values():
        for name in {each.symbol, each.trading_class} - {""}:
            by_name[name] = (*by_name.get(name, ()), each)
    return _Index(by_root, by_name)


def _described(product: Product) -> str:
    return (
        f"{product.root} ({product.exchange}, multiplier {product.multiplier}, "
        f"class {product.trading_class or '?'})"
    )


_COLUMNS = {"symbol": "ib_symbol", "exchange": "ib_exchange", "roll": "roll_rule"}
"""Fields whose column has another name."""
_PLAIN = (
    "root",
    "currency",
    "trading_class",
    "multiplier",
    "min_tick",
    "listed_months",
    "active_months",
    "settlement",
    "last_trade_rule",
    "first_notice_rule",
    "name",
    "asset_class",
)


def _read_table() -> Iterator[Product]:
    import csv
    from importlib.resources import files

    text = (files(__package__) / "futures.csv").read_text(encoding="utf-8")
    return map(_product, csv.DictReader(text.splitlines()))


def _product(row: Mapping[str, str]) -> Product:
    texts = {column: row[column] for column in _PLAIN}
    texts |= {name: row[column] for name, column in _COLUMNS.items()}
    return Product(
        **texts,  # type: ignore[arg-type]  # the converters and validators of Product read texts
        price_magnifier=int(row["price_magnifier"]),
        obsolete_exchanges=tuple(filter(None, row["obsolete_exchanges"].split("|"))),
    )


PRODUCTS = Products(_read_table)
"""The 179 futures that come with ibkit; ``futures.md`` beside the table names its sources."""


def product_of(value: Product | str) -> Product:
    """A product, or the one of the shipped table that has this name."""
    return value if isinstance(value, Product) else PRODUCTS.find(value)


def product(name: str) -> Product:
    """Find a product of the shipped table by root, trading class or IB symbol.

    Raises:
        UnknownProduct, AmbiguousProduct: as `Products.find`.

    >>> product("ES").name
    'E-mini S&P 500'
    """
    return PRODUCTS.find(name)
