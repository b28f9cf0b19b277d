from ibkit.contracts._faces import Table, cell, html, text

TABLE = Table(
    title="a & b", header=("one", "two"), rows=[("x", None), (1, "<script>")], notes=("note >",)
)


def test_a_table_in_a_terminal():
    assert text(TABLE).splitlines() == ["a & b", "one  two", "x    -", "1    <script>", "note >"]


def test_a_table_in_a_notebook_is_escaped():
    drawn = html(TABLE)

    assert "<caption>a &amp; b</caption>" in drawn
    assert "<td>&lt;script&gt;</td>" in drawn
    assert "<p>note &gt;</p>" in drawn


def test_nothing_is_a_dash_and_zero_is_not():
    assert [cell(each) for each in (None, "", 0)] == ["-", "-", "0"]
