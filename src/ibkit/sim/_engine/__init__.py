"""The exchange and the broker. Pure: commands and ticks in, events out, time an argument."""
