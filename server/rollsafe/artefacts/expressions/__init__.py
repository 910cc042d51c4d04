"""GitHub Actions expressions: `${{ … }}` in any text, and whole conditions.

A tolerant reader: what cannot be read becomes a `Broken` node with a problem, never an error. Offsets
count from the start of the text given (or from `base`).
"""

from rollsafe.artefacts.expressions.checking import Checked, Scope, check_expression
from rollsafe.artefacts.expressions.conditions import (
    Condition,
    conjuncts,
    read_condition,
    required_results,
    runs_after_failure,
    status_checks,
)
from rollsafe.artefacts.expressions.evaluation import (
    UNKNOWN,
    Functions,
    Lookup,
    Unknown,
    Value,
    evaluate,
    fill,
    truth,
)
from rollsafe.artefacts.expressions.faults import ExpressionFault, FaultKind
from rollsafe.artefacts.expressions.flow import (
    computed_indexes,
    constant_parts,
    constant_value,
    flowing,
    outcomes,
)
from rollsafe.artefacts.expressions.parser import read_expression
from rollsafe.artefacts.expressions.syntax import (
    Broken,
    Call,
    Comparison,
    Expr,
    Expression,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    calls,
    context_path,
    context_paths,
    walk,
)
from rollsafe.artefacts.expressions.templates import Template, find_expressions, read_template

__all__ = [
    "UNKNOWN",
    "Broken",
    "Call",
    "Checked",
    "Comparison",
    "Condition",
    "Expr",
    "Expression",
    "ExpressionFault",
    "FaultKind",
    "Functions",
    "Index",
    "Literal",
    "Logical",
    "Lookup",
    "Name",
    "Not",
    "Property",
    "Scope",
    "Star",
    "Template",
    "Unknown",
    "Value",
    "calls",
    "check_expression",
    "computed_indexes",
    "conjuncts",
    "constant_parts",
    "constant_value",
    "context_path",
    "context_paths",
    "evaluate",
    "fill",
    "find_expressions",
    "flowing",
    "outcomes",
    "read_condition",
    "read_expression",
    "read_template",
    "required_results",
    "runs_after_failure",
    "status_checks",
    "truth",
    "walk",
]
