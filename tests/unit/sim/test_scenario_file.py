import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ibkit.sim import Account, At, Limits, Scenario, ScenarioFileError, read_scenario_file

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "s.toml"
        path.write_text(text)
        return read_scenario_file(path)

    return read


def test_the_example_of_the_documentation_is_a_scenario(read):
    page = Path(__file__).parents[3] / "docs" / "how-to" / "run-a-gateway.md"
    text = page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]

    scenario, schedule = read(text)

    assert scenario.accounts == (Account(name="DU1", cash=Decimal(25000)),)
    assert [line.fault for line in schedule] == [
        "lose_connectivity",
        "restore",
        "reject_next_order",
    ]


def test_an_empty_file_is_the_usual_scenario(read):
    assert read("") == (Scenario(), [])


def test_switches_limits_and_accounts(read):
    scenario, _ = read(
        """
        sessions = true
        fills = "full"
        submit_latency = 5
        price_band = 0.1
        no_permission = ["FUT", "OPT"]
        master_client_id = 4
        [limits]
        lines = 3
        [[accounts]]
        name = "DU1"
        cash = "2500.50"
        [[accounts]]
        name = "DU2"
        """
    )

    assert scenario == Scenario(
        sessions=True,
        fills="full",
        submit_latency=5,
        price_band=Decimal("0.1"),
        no_permission=("FUT", "OPT"),
        master_client_id=4,
        limits=Limits(lines=3),
        accounts=(Account(name="DU1", cash=Decimal("2500.50")), Account(name="DU2")),
    )


def test_a_switch_in_a_schedule_has_the_values_of_its_field(read):
    _, (line,) = read(
        """
        [[faults]]
        at = 1
        fault = "switch"
        price_band = 0.1
        limits = { lines = 5 }
        """
    )

    assert line.arguments == {"price_band": Decimal("0.1"), "limits": {"lines": 5}}


def test_faults_are_lines_of_a_schedule(read):
    _, schedule = read('[[faults]]\nat = 1.5\nfault = "cut"\nclient_id = 3')

    assert schedule == [At(1.5, "cut", {"client_id": 3})]


def test_faults_by_chance_are_added(read):
    _, schedule = read(
        '[[faults]]\nat = 1\nfault = "compete"\n'
        '[random_faults]\nseed = 3\nseconds = 300\nfaults = ["cut"]'
    )

    assert schedule[0] == At(1, "compete")
    assert len(schedule) > 5
    assert {line.fault for line in schedule[1:]} == {"cut"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('zonne = "x"', "zonne unknown; there are"),
        ("[limits]\nline = 3", r"\[limits\]: line unknown"),
        ('fills = "some"', "fills: got 'some'; wanted 'touch' or 'full'"),
        ('submit_latency = "5"', "submit_latency: got '5'; wanted a whole number"),
        ("submit_latency = true", "wanted a whole number"),
        ("sessions = 1", "wanted True or False"),
        ("zone = 5", "wanted a text"),
        ('no_permission = "FUT"', "no_permission"),
        ("limits = 3", r"\[limits\] is a table"),
        ("accounts = 3", r"under a line \[\[accounts\]\]"),
        ('[[accounts]]\ncash = "x"', "cash: got 'x'; wanted a number"),
        ('[[accounts]]\ncash = "nan"', "cash: got 'nan'"),
        ("accounts = []", "accounts"),
        ("price_band = true", "price_band: got True"),
        ('zone = "Nowhere"', "zone: got 'Nowhere'; wanted an IANA time zone"),
        ('[[faults]]\nat = 1\nfault = "switch"\nfills = "some"', "switch: fills: got 'some'"),
        ("x = ", r"s\.toml: Invalid value"),
        ("faults = 3", r"under a line \[\[faults\]\]"),
        ('[[faults]]\nfault = "cut"', "at: got None; wanted seconds"),
        ("[[faults]]\nat = 1", "fault: got None"),
        ("[random_faults]\nseed = 1", "seconds"),
        ('[random_faults]\nseed = 1\nseconds = 9\nfaults = ["x"]', "got x; chance may choose"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(read, text, words):
    with pytest.raises(ScenarioFileError, match=words) as caught:
        read(text)

    assert "s.toml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    for path in (tmp_path / "none.toml", str(tmp_path / "none.toml")):
        with pytest.raises(ScenarioFileError, match=r"none\.toml: No such file"):
            read_scenario_file(path)


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ScenarioFileError, match=r"x\.toml"):
        read_scenario_file(tmp_path / "x.toml")
