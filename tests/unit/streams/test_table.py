from ibkit.streams._table import html_table


def test_text_is_escaped():
    drawn = html_table("<b>", {"<i>": "a&b"})

    assert drawn == (
        "<table><caption>&lt;b&gt;</caption><tr><th>&lt;i&gt;</th><td>a&amp;b</td></tr></table>"
    )


def test_zero_is_shown_and_absence_is_not():
    assert "<td>0</td>" in html_table("quote", {"size": 0, "ask": None, "exchange": ""})
    assert "ask" not in html_table("quote", {"size": 0, "ask": None, "exchange": ""})
