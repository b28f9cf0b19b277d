"""The sizes of bars that IB makes."""

from __future__ import annotations

from collections.abc import Mapping

DAY = 86_400

BAR_SECONDS: Mapping[str, int] = {
    "1 secs": 1,
    "5 secs": 5,
    "10 secs": 10,
    "15 secs": 15,
    "30 secs": 30,
    "1 min": 60,
    "2 mins": 120,
    "3 mins": 180,
    "5 mins": 300,
    "10 mins": 600,
    "15 mins": 900,
    "20 mins": 1200,
    "30 mins": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10_800,
    "4 hours": 14_400,
    "8 hours": 28_800,
    "1 day": DAY,
    "1 week": 7 * DAY,
    "1 month": 31 * DAY,
}
"""Seconds by name; those of the longest month. TWS API documentation, "Historical bar sizes"
(gateway-behaviour 3.5)."""
