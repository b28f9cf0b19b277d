"""The command `ibkit`."""
