"""The gateway as a pytest plugin, virtual time, strategies and state machines."""
