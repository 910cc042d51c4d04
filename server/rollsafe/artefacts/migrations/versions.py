"""The order of migrations by their versions."""

import re
from functools import lru_cache
from typing import Final

CHAINED: Final = frozenset({"alembic", "django", "sqitch"})
"""Tools whose files name those they follow, or are listed in order elsewhere."""
LISTED: Final = frozenset({"sqitch"})
"""Those of them whose files do not say it themselves."""
NAMED: Final = frozenset({"django"})
"""Those of them that know a migration by the name of its file, which says where it comes if it does not."""


@lru_cache(maxsize=16_384)
def version_order(version: str) -> tuple[int, ...]:
    """Return a version as numbers, to sort by: `1.10` comes after `1.9`."""
    return tuple(int(part[:40]) for part in re.findall(r"\d+", version))
