"""What handles an error reads the input that the error has replaced.

## What it does
Follows `Catch` items of state machines without a `ResultPath`, which hand the error alone to the next state, and looks whether that state
reads anything but `$.Error` and `$.Cause`: in `Parameters`, `InputPath`, `ItemsPath`, or what a Choice compares. States in JSONata are
left alone.

## Why it matters
The way for failures fails itself: there is no `$.orderId` any more, the handler ends with `States.Runtime` or a path failure, and what it was to
undo is not undone. It is found out on the day of the first real failure.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Charge",
  "TimeoutSeconds": 600,
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["Lambda.ServiceException"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Release"}],  // <-
      "End": true
    },
    "Release": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:deleteItem",
      "Parameters": {"TableName": "stock", "Key": {"id": {"S.$": "$.orderId"}}},
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}],
      "Next": "Failed"
    },
    "Failed": {"Type": "Fail", "Error": "ChargeFailed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Charge",
  "TimeoutSeconds": 600,
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["Lambda.ServiceException"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Release", "ResultPath": "$.error"}],
      "End": true
    },
    "Release": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:deleteItem",
      "Parameters": {"TableName": "stock", "Key": {"id": {"S.$": "$.orderId"}}},
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}],
      "Next": "Failed"
    },
    "Failed": {"Type": "Fail", "Error": "ChargeFailed"}
  }
}
```

## Fix
Puts the error beside the input, where the handler looks for it, else at `$.error`. Unsafe: the handler gets the whole input from then on. None where
it reads `$.Error` or `$.Cause` as well.

## References
- [Step Functions: error handling, fallback states](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import Catcher, State
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule

_FIELD = re.compile(r"(?<![$\w])\$\.(?P<name>[A-Za-z_]\w*)", re.A)
_OF_ERROR: Final = frozenset({"Error", "Cause"})
_LIKE_ERROR = re.compile(r"err|exception|fail|cause", re.I)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for each error that replaces what its handler reads."""
    for catcher in state.catch:
        handler = state.scope.by_name.get(catcher.next or "")
        if handler is None or not _replaces_input(state, catcher) or _is_jsonata(handler):
            continue
        read = _fields_read(handler)
        lost = sorted(read.keys() - _OF_ERROR)
        if not lost or catcher.next_node is None:
            continue
        first = read[lost[0]]
        yield Finding(
            catcher.next_node,
            f"`{handler.name}` reads `$.{lost[0]}`, and gets nothing but the error of `{state.name}`",
            fixes=_fixes(state, catcher, lost) if not read.keys() & _OF_ERROR else (),
            related=(Related(state.file, first, f"`{handler.name}` reads `$.{lost[0]}` here"),),
            detail=f"a `Catch` without `ResultPath` replaces the input, so that `{handler.name}` fails as well",
        )


def _replaces_input(state: State, catcher: Catcher) -> bool:
    if _is_jsonata(state) or not isinstance(catcher.node, Mapping):
        return False
    return catcher.node.at("ResultPath") is None or catcher.result_path == "$"


def _is_jsonata(state: State) -> bool:
    return (state.node.text_at("QueryLanguage") or state.machine.query_language) == "JSONata"


def _fields_read(state: State) -> dict[str, Scalar]:
    """Return the fields of its input that a state cannot do without, with a place where each is read."""
    found: dict[str, Scalar] = {}
    for key in ("Parameters", "InputPath", "ItemsPath"):
        held = state.node.at(key)
        for node in walk(held) if held is not None else ():
            for value in _paths_in(node, is_whole=key != "Parameters"):
                for match in _FIELD.finditer(value.text):
                    found.setdefault(match["name"], value)
    if state.type == "Choice" and not any(_asks_for_presence(one) for one in state.choices):
        for one in state.choices:
            variable = one.at("Variable")
            compared = _FIELD.match(variable.text) if isinstance(variable, Scalar) else None
            if compared is not None and isinstance(variable, Scalar):
                found.setdefault(compared["name"], variable)
    return found


def _paths_in(node: Node, *, is_whole: bool) -> Iterator[Scalar]:
    """Yield the texts that are read as paths: values of keys that end in `.$`, or the field itself."""
    if is_whole and isinstance(node, Scalar):
        yield node
    for entry in node.entries if isinstance(node, Mapping) else ():
        if entry.name.endswith(".$") and isinstance(entry.value, Scalar):
            yield entry.value


def _asks_for_presence(choice: Node) -> bool:
    return any(
        entry.name == "IsPresent"
        for node in walk(choice)
        if isinstance(node, Mapping)
        for entry in node.entries
    )


def _fixes(state: State, catcher: Catcher, lost: list[str]) -> tuple[Fix, ...]:
    node = catcher.node
    if not isinstance(node, Mapping) or node.at("ResultPath") is not None:
        return ()
    name = next((one for one in lost if _LIKE_ERROR.search(one)), "error")
    quoted = f'"$.{name}"' if node.flow else f"$.{name}"
    edit = add_entry(state.file.text, node, "ResultPath", quoted)
    return (Fix(f"Put the error at `$.{name}`, beside the input", Safety.UNSAFE, edits=(edit,)),)
