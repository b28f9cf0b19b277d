"""One API client: from messages to commands, from events to messages."""
