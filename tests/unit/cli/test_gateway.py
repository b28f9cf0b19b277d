import socket

import pytest

from ibkit.cli._gateway import GatewayFailed, simulated_gateway


@pytest.mark.tcp
def test_the_gateway_listens_for_the_length_of_the_block():
    with simulated_gateway("--seed", "3") as running:
        with socket.create_connection((running.host, running.port), timeout=5):
            pass
        port = running.port

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_gateway_that_does_not_start_says_why():
    with pytest.raises(GatewayFailed, match="nonsense"), simulated_gateway("--nonsense"):
        pass
