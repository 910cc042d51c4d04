"""The functions charts call, as far as their answer follows from their arguments.

Each takes the arguments in order, the piped one last, and is asked only while all of them are known. One that
gets arguments it does not take gives UNKNOWN; so does a function that is not here.
"""

from rollsafe.workspace.system.charts import choices, texts, wholes
from rollsafe.workspace.system.charts.answers import TABLE, Arguments, UnanswerableError
from rollsafe.workspace.system.charts.values import UNKNOWN, Value

MODULES = (choices, texts, wholes)
"""Where the functions are; importing a module puts its own into the table."""


def called(name: str, arguments: Arguments) -> Value:
    """Return what a function gives."""
    answer = TABLE.get(name)
    if answer is None:
        return UNKNOWN
    try:
        return answer(arguments)
    except (UnanswerableError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return UNKNOWN
