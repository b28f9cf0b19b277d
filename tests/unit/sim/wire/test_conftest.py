import pytest


@pytest.mark.parametrize("name", ["ib_insync", "ibapi"])
def test_this_client_too_is_an_oracle_where_it_is_installed(peers, name):
    """Says, with a skip, that the tests here ran without it: see `nox -s peers`."""
    pytest.importorskip(name)

    assert name in peers
