from ibkit._ib._greeting import Address
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkState
from ibkit._ib._shared import link_of

HERE = Address(host="127.0.0.1", port=7497, client_id=5)


def test_all_parts_of_one_ib_share_a_link(ib):
    link = link_of(ib)

    assert link_of(ib) is link
    assert link.state is LinkState.DOWN
    link.release()


def test_a_link_that_somebody_made_is_shared(ib):
    made = Link(ib, HERE)

    assert link_of(ib) is made
    made.release()


def test_a_released_link_is_not(ib):
    first = link_of(ib)
    first.release()
    second = link_of(ib)

    assert second is not first
    second.release()
