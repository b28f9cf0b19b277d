"""Positions, orders, fills and money as they are now, or the honesty to say unknown."""
