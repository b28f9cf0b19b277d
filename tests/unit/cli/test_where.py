from types import SimpleNamespace

from ibkit.cli._where import gateway_for, source


def test_a_gateway_that_is_named_is_taken_and_none_is_started():
    with gateway_for(SimpleNamespace(host="10.0.0.7", port=4002)) as where:
        assert (where.host, where.port, where.pid) == ("10.0.0.7", 4002, 0)


def test_a_heading_says_that_its_figures_are_simulated():
    assert "simulated" in source(SimpleNamespace(host=""))
    assert source(SimpleNamespace(host="10.0.0.7")) == ""
