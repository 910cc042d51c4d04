"""`python -m rollsafe` is the `rollsafe` command."""

import sys

from rollsafe.cli import main

if __name__ == "__main__":
    sys.exit(main())
