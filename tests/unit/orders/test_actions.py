from ibkit.orders import Alert


def test_an_alert_is_the_same_again_by_rule_orders_and_text():
    one = Alert(rule="expired", severity="critical", text="gone", roles=("stop-1",))

    assert one.key == Alert(rule="expired", severity="info", text="gone", roles=("stop-1",)).key
    assert one.key != Alert(rule="expired", severity="critical", text="gone").key
    assert one.key != Alert(rule="lost", severity="critical", text="gone", roles=("stop-1",)).key
