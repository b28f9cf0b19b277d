"""The exchange and the broker. Pure: `Broker.apply(command, now)` and `Broker.tick(tick, now)` return events."""
