"""One connection with its parts wired: the composition root, no rules of its own."""
