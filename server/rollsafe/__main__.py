"""`python -m rollsafe` is the `rollsafe` command."""

import sys

from rollsafe.main import command

if __name__ == "__main__":
    sys.exit(command())
