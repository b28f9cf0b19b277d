"""``python -m ibkit`` is the command `ibkit`."""

import sys

from ibkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
