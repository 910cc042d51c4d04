"""Which fields the States Language gives to what, and what they take."""

from enum import StrEnum
from functools import cache
from typing import Final, TypeAlias

from rollsafe.artefacts.step_functions.paths import PathKind
from rollsafe.text.tuples import NamedTuple

TYPES: Final = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_LONGEST_TIME: Final = 99_999_999


class Language(StrEnum):
    """In which language a state picks its data; `EITHER` where that is not sure."""

    PATHS = "JSONPath"
    JSONATA = "JSONata"
    EITHER = ""


class Value(StrEnum):
    """A kind of value."""

    TEXT = "a text"
    BOOLEAN = "`true` or `false`"
    TIME = "a time such as `2026-01-31T12:00:00Z`"
    RESOURCE = "the ARN of what does the work"
    TEMPLATE = "a payload template"
    ERRORS = "a list of error names"
    LIST = "a list"
    MAPPING = "an object"
    ANY = "anything"


class Number(NamedTuple):
    """A number between two others; `is_whole` leaves no fractions."""

    least: float
    most: float
    is_whole: bool = True


class Words(NamedTuple):
    """One of some words."""

    words: tuple[str, ...]


Takes: TypeAlias = Value | Number | Words | PathKind
Fields: TypeAlias = dict[str, Takes]

_SECONDS: Final = Number(1, _LONGEST_TIME)
_COUNT: Final = Number(0, _LONGEST_TIME)
_ANY_NUMBER: Final = Number(float("-inf"), float("inf"), is_whole=False)
_COMMON: Final[Fields] = {
    "Type": Words(TYPES),
    "Comment": Value.TEXT,
    "QueryLanguage": Words(("JSONPath", "JSONata")),
}
_FLOW: Final[Fields] = {"Next": Value.TEXT, "End": Value.BOOLEAN}
_FAILING: Final[Fields] = {"Retry": Value.LIST, "Catch": Value.LIST}
_IN_OUT: Final[Fields] = {"InputPath": PathKind.PATH, "OutputPath": PathKind.PATH}
_RESULT: Final[Fields] = {
    "Parameters": Value.TEMPLATE,
    "ResultSelector": Value.TEMPLATE,
    "ResultPath": PathKind.RESULT,
}
_REFERENCE: Final = PathKind.REFERENCE

_BOTH: Final[dict[str, Fields]] = {
    "Task": {
        **_FLOW,
        **_FAILING,
        "Resource": Value.RESOURCE,
        "TimeoutSeconds": _SECONDS,
        "HeartbeatSeconds": _SECONDS,
        "Credentials": Value.TEMPLATE,
        "Assign": Value.TEMPLATE,
    },
    "Pass": {**_FLOW, "Assign": Value.TEMPLATE},
    "Choice": {"Choices": Value.LIST, "Default": Value.TEXT, "Assign": Value.TEMPLATE},
    "Wait": {**_FLOW, "Seconds": _COUNT, "Timestamp": Value.TIME, "Assign": Value.TEMPLATE},
    "Succeed": {},
    "Fail": {"Error": Value.TEXT, "Cause": Value.TEXT},
    "Parallel": {**_FLOW, **_FAILING, "Branches": Value.LIST, "Assign": Value.TEMPLATE},
    "Map": {
        **_FLOW,
        **_FAILING,
        "Label": Value.TEXT,
        "MaxConcurrency": _COUNT,
        "ItemReader": Value.MAPPING,
        "ItemProcessor": Value.MAPPING,
        "Iterator": Value.MAPPING,
        "ItemSelector": Value.TEMPLATE,
        "ItemBatcher": Value.MAPPING,
        "ResultWriter": Value.MAPPING,
        "ToleratedFailureCount": _COUNT,
        "ToleratedFailurePercentage": Number(0, 100, is_whole=False),
        "Assign": Value.TEMPLATE,
    },
}
_WITH_PATHS: Final[dict[str, Fields]] = {
    "Task": {
        **_IN_OUT,
        **_RESULT,
        "TimeoutSecondsPath": _REFERENCE,
        "HeartbeatSecondsPath": _REFERENCE,
    },
    "Pass": {**_IN_OUT, "Parameters": Value.TEMPLATE, "ResultPath": PathKind.RESULT, "Result": Value.ANY},
    "Choice": _IN_OUT,
    "Wait": {**_IN_OUT, "SecondsPath": _REFERENCE, "TimestampPath": _REFERENCE},
    "Succeed": _IN_OUT,
    "Fail": {"ErrorPath": PathKind.VALUE, "CausePath": PathKind.VALUE},
    "Parallel": {**_IN_OUT, **_RESULT},
    "Map": {
        **_IN_OUT,
        **_RESULT,
        "ItemsPath": _REFERENCE,
        "MaxConcurrencyPath": _REFERENCE,
        "ToleratedFailureCountPath": _REFERENCE,
        "ToleratedFailurePercentagePath": _REFERENCE,
    },
}
_WITH_JSONATA: Final[dict[str, Fields]] = {
    "Task": {"Arguments": Value.TEMPLATE, "Output": Value.TEMPLATE},
    "Pass": {"Output": Value.TEMPLATE, "Result": Value.ANY},
    "Choice": {"Output": Value.TEMPLATE},
    "Wait": {"Output": Value.TEMPLATE},
    "Succeed": {"Output": Value.TEMPLATE},
    "Fail": {},
    "Parallel": {"Arguments": Value.TEMPLATE, "Output": Value.TEMPLATE},
    "Map": {"Items": Value.TEMPLATE, "Output": Value.TEMPLATE},
}

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
}
EITHER: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "Task": (("Next", "End"),),
    "Pass": (("Next", "End"),),
    "Parallel": (("Next", "End"),),
    "Map": (("Next", "End"), ("ItemProcessor", "Iterator")),
    "Wait": (("Next", "End"), ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")),
}
"""Of these fields there has to be one, and only one."""
AT_MOST_ONE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Fail": (("Cause", "CausePath"), ("Error", "ErrorPath")),
    "Map": (
        ("ItemSelector", "Parameters"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("Items", "ItemsPath"),
    ),
}

MACHINE: Final[Fields] = {
    "Comment": Value.TEXT,
    "StartAt": Value.TEXT,
    "States": Value.MAPPING,
    "Version": Value.TEXT,
    "TimeoutSeconds": _SECONDS,
    "QueryLanguage": _COMMON["QueryLanguage"],
}
BRANCH: Final[Fields] = {**MACHINE, "ProcessorConfig": Value.MAPPING}

RETRIER: Final[Fields] = {
    "ErrorEquals": Value.ERRORS,
    "IntervalSeconds": _SECONDS,
    "MaxAttempts": _COUNT,
    "BackoffRate": Number(1, float("inf"), is_whole=False),
    "MaxDelaySeconds": Number(1, 31_622_400),
    "JitterStrategy": Words(("FULL", "NONE")),
    "Comment": Value.TEXT,
}
_CATCHER: Final[Fields] = {
    "ErrorEquals": Value.ERRORS,
    "Next": Value.TEXT,
    "Comment": Value.TEXT,
    "Assign": Value.TEMPLATE,
}
_RULE: Final[Fields] = {"Next": Value.TEXT, "Comment": Value.TEXT, "Assign": Value.TEMPLATE}
BOOLEANS: Final[Fields] = {"And": Value.LIST, "Or": Value.LIST, "Not": Value.MAPPING}


def _comparisons() -> Fields:
    made: Fields = {}
    kinds: tuple[tuple[str, Takes], ...] = (
        ("String", Value.TEXT),
        ("Numeric", _ANY_NUMBER),
        ("Timestamp", Value.TIME),
    )
    for name, takes in kinds:
        for relation in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"):
            made |= {f"{name}{relation}": takes, f"{name}{relation}Path": PathKind.REFERENCE}
    tests = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp", "BooleanEquals")
    made |= dict.fromkeys(tests, Value.BOOLEAN)
    return {**made, "BooleanEqualsPath": PathKind.REFERENCE, "StringMatches": Value.TEXT}


COMPARISONS: Final = _comparisons()
TEST: Final[Fields] = {"Variable": PathKind.REFERENCE, **BOOLEANS, **COMPARISONS, "Comment": Value.TEXT}
"""What a rule tests, and all that one within another rule may hold."""
PROCESSOR: Final[Fields] = {
    "Mode": Words(("INLINE", "DISTRIBUTED")),
    "ExecutionType": Words(("STANDARD", "EXPRESS")),
}
READER_CONFIG: Final[Fields] = {"MaxItems": Number(1, 100_000_000), "MaxItemsPath": PathKind.REFERENCE}
BATCHER: Final[Fields] = {
    "MaxItemsPerBatch": _COUNT,
    "MaxItemsPerBatchPath": PathKind.REFERENCE,
    "MaxInputBytesPerBatch": Number(0, 262_144),
    "MaxInputBytesPerBatchPath": PathKind.REFERENCE,
    "BatchInput": Value.TEMPLATE,
}


@cache
def fields_of(kind: str, language: Language) -> Fields:
    """Return the fields of a state of a type; none for a type there is not."""
    if kind not in _BOTH:
        return {}
    return _COMMON | _BOTH[kind] | _in(language, _WITH_PATHS[kind], _WITH_JSONATA[kind])


def catcher_fields(language: Language) -> Fields:
    """Return the fields of an item of `Catch`."""
    return _CATCHER | _in(language, {"ResultPath": PathKind.RESULT}, {"Output": Value.TEMPLATE})


def rule_fields(language: Language) -> Fields:
    """Return the fields of a rule of a Choice."""
    jsonata: Fields = {"Condition": Value.TEMPLATE, "Output": Value.TEMPLATE}
    return _RULE | _in(language, TEST, jsonata)


def _in(language: Language, paths: Fields, jsonata: Fields) -> Fields:
    if language is Language.EITHER:
        return paths | jsonata
    return jsonata if language is Language.JSONATA else paths
