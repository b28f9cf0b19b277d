from ibkit.sim import _wire as wire


def test_a_talk_hears_what_a_request_leads_to_and_nothing_before(talk):
    assert talk.ask(wire.ReqIds(1)) == [wire.NextValidId(1)]
    assert talk.ask() == []


def test_a_talk_places_orders_that_work(talk):
    answers = talk.ask(talk.place())

    assert answers[-1].status == "Submitted"
