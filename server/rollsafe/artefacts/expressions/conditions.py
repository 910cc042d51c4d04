"""What an `if:` says: which status functions it calls, which results it insists on."""

from typing import Final

from rollsafe.artefacts.expressions.parser import read_expression
from rollsafe.artefacts.expressions.syntax import (
    Broken,
    Call,
    Comparison,
    Expr,
    Expression,
    Literal,
    Logical,
    Not,
    calls,
    context_path,
)
from rollsafe.artefacts.expressions.templates import read_template
from rollsafe.formats.problems import Problem
from rollsafe.text.records import record

_STATUS: Final = frozenset({"always", "cancelled", "failure", "success"})


@record
class Condition:
    """The expression of an `if:`, offsets counting in its text.

    `padded`: text stands around `${{ }}`, so GitHub compares a non-empty string, which is always true.
    `constant`: the literal it consists of, if it does.
    """

    root: Expr
    padded: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def constant(self) -> bool | None:
        """True or False when the condition is that literal and nothing else."""
        root = self.root
        if isinstance(root, Literal) and isinstance(root.value, bool):
            return root.value
        return None

    @property
    def never(self) -> bool:
        """Whether the condition is `false`, so that its step or job is switched off."""
        return self.constant is False and not self.padded


def read_condition(text: str) -> Condition:
    """Read the text of an `if:`, with or without `${{ }}`; never raises."""
    if "${{" not in text:
        read = read_expression(text)
        return Condition(read.root, False, read.problems)
    template = read_template(text)
    whole = template.whole
    if whole is not None:
        return Condition(whole.root, text != text[whole.start : whole.end], whole.problems)
    problems = tuple(problem for one in template.expressions for problem in one.problems)
    return Condition(_joined(template.expressions), True, problems)


def _joined(expressions: tuple[Expression, ...]) -> Expr:
    """Return what several expressions in one condition were meant to say together."""
    if not expressions:
        return Broken(0, 0)
    operands = tuple(one.root for one in expressions)
    if len(operands) == 1:
        return operands[0]
    return Logical(operands[0].start, operands[-1].end, "&&", operands)


def conjuncts(node: Expr) -> tuple[Expr, ...]:
    """Return the parts that all have to hold: the operands of the `&&` chains at the top."""
    parts: list[Expr] = []
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Logical) and node.operator == "&&":
            stack += reversed(node.operands)
        else:
            parts.append(node)
    return tuple(parts)


def status_checks(node: Expr) -> frozenset[str]:
    """Return the status functions that are called; any of them replaces the implied `success()`."""
    return calls(node) & _STATUS


def required_results(node: Expr) -> frozenset[str]:
    """Return the ids of the jobs whose result has to be `success` for the condition to hold."""
    jobs: set[str] = set()
    for part in conjuncts(node):
        if isinstance(part, Comparison) and part.operator == "==":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                path = context_path(one)
                wanted = isinstance(other, Literal) and other.value == "success"
                if wanted and path is not None and len(path) == 3 and path[0] == "needs":
                    jobs.add(path[1])
    return frozenset(jobs)


def runs_after_failure(node: Expr) -> bool:
    """Say whether the condition can hold although something before it failed.

    True for `always()`, `failure()` and `!cancelled()` wherever they decide; `success()` does not.
    """
    for part in conjuncts(node):
        negated = isinstance(part, Not)
        inner = part.operand if isinstance(part, Not) else part
        if isinstance(inner, Call):
            name = inner.name.lower()
            if (name in ("always", "failure") and not negated) or (name == "cancelled" and negated):
                return True
        elif isinstance(inner, Logical) and any(runs_after_failure(one) for one in inner.operands):
            return True
    return False
