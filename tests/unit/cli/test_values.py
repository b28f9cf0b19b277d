from argparse import ArgumentTypeError
from decimal import Decimal

import pytest

from ibkit.cli import _values as values


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *[(values.port, text) for text in ("x", "0", "-1", "70000", "80.5", "")],
        *[(values.own_port, text) for text in ("-1", "65536")],
        *[(values.count, text) for text in ("-1", "1.5", "x")],
        *[(values.seconds, text) for text in ("0", "-1", "nan", "inf", "x")],
        *[(values.price, text) for text in ("x", "nan", "inf", "5,000")],
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(kind, text):
    with pytest.raises(ArgumentTypeError, match="wanted") as refused:
        kind(text)

    assert repr(text) in str(refused.value)


def test_what_is_meant_is_read():
    assert (values.port("7497"), values.own_port("0"), values.count("0")) == (7497, 0, 0)
    assert (values.seconds("0.5"), values.price("-12.25")) == (0.5, Decimal("-12.25"))
