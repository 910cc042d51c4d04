"""`python -m rollsafe` is the `rollsafe` command."""

import sys

from rollsafe.main import main

if __name__ == "__main__":
    sys.exit(main())
