"""Examples of hazards: a pipeline with its bad lines and their good twins in one text."""

from typing import NamedTuple

MARK = "  # <-"


class Example(NamedTuple):
    """A hazard on one system: what is bad, where `rule` tells it, and what is good instead."""

    hazard: str
    rule: str
    bad: dict[str, str]
    good: dict[str, str]
    at: list[tuple[str, int]]


def example(name: str, path: str, text: str) -> Example:
    """Return the example `H01 rule-name`; lines begin with `-` if bad, `+` if good, a space if both.

    `== path` begins another file, and a comment `<-` marks the lines that are told.
    """
    hazard, _, rule = name.partition(" ")
    bad: dict[str, str] = {}
    good: dict[str, str] = {}
    at: list[tuple[str, int]] = []
    for line in text.strip("\n").splitlines():
        if line.startswith("== "):
            path = line[3:]
            continue
        assert line[:1] in ("-", "+", " ", ""), line
        written = line[1:].removesuffix(MARK)
        if line[:1] != "+":
            bad[path] = bad.get(path, "") + written + "\n"
            at += [(path, bad[path].count("\n"))] if line.endswith(MARK) else []
        if line[:1] != "-":
            good[path] = good.get(path, "") + written + "\n"
    return Example(hazard, rule.split(",")[0], bad, good, at)
