"""Small projects with the plugin, run by pytest inside pytest."""

from importlib.metadata import entry_points

import pytest

# What is imported first within a run inside is imported again in the next one.
import ibkit.sim
import ibkit.testing._async_fixtures
import ibkit.testing._forgotten
import ibkit.testing._leftovers
import ibkit.testing._rig
import ibkit.testing._trace  # noqa: F401

INI = """
[pytest]
addopts = -p no:cacheprovider -p no:xdist -p no:cov
asyncio_default_fixture_loop_scope = function
filterwarnings = default
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project that has ibkit installed, and nothing else to do with it."""
    assert "ibkit" in entry_points(group="pytest11").names, "pip install -e . again: a new plugin"
    pytester.makeini(INI)
    return pytester
