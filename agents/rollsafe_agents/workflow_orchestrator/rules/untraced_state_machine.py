"""What a state machine did in an execution can be seen nowhere but in its console.

## What it does
Looks in templates for state machines without `TracingConfiguration` (`Tracing` in SAM), or without a level in `LoggingConfiguration` (`Logging` in
SAM). Settings that the template computes are left alone.

## Why it matters
Executions of express machines leave no history at all, those of standard ones are gone after ninety days. Without logs nobody can search for the
order that was lost; without traces nobody sees which step made it slow.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: # <-
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: orders.asl.json
      Logging:
        Level: ERROR
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: orders.asl.json
      Logging:
        Level: ERROR
      Tracing:
        Enabled: true
```

## Fix
Turns tracing on. Unsafe: the role of the machine needs permission to write to X-Ray, which SAM gives it by itself. None for logs, which need
a group to go to.

## References
- [Step Functions: logging](https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)
- [Step Functions: X-Ray](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html)

## Equivalent rules
- `cdk-nag:AwsSolutions-SF1`
- `cdk-nag:AwsSolutions-SF2`
- `cfn-lint:WS5000`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.cloud import CloudTemplate, Resource
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_KEYS: Final = {
    "AWS::Serverless::StateMachine": ("Tracing", "Logging"),
    "AWS::StepFunctions::StateMachine": ("TracingConfiguration", "LoggingConfiguration"),
}

_OF_TRACES: Final = ("cdk-nag:AwsSolutions-SF2", "cfn-lint:WS5000")
_OF_LOGS: Final = ("cdk-nag:AwsSolutions-SF1",)


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.UNSAFE, level=Level.AUDITOR)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each machine without traces or logs."""
    for one in template.resources.values():
        keys = _KEYS.get(one.type)
        if keys is None or one.is_open or template.is_development or not one.properties.entries:
            continue
        tracing, logging = keys
        if _is_off(one.properties.at(tracing), "Enabled", "false"):
            message = f"State machine `{one.id}` leaves no traces of its executions"
            yield Finding(one.key, message, fixes=_fixes(template, one, tracing), equivalents=_OF_TRACES)
        if _is_off(one.properties.at(logging), "Level", "off"):
            message = f"State machine `{one.id}` leaves no logs of its executions"
            yield Finding(one.key, message, equivalents=_OF_LOGS)


def _is_off(node: Node | None, key: str, off: str) -> bool:
    """Say whether a setting is surely not on."""
    value = node.at(key) if node is not None else None
    if node is None or (value is None and not isinstance(node, Scalar) and not _is_computed(node)):
        return True
    return isinstance(value, Scalar) and value.tag is None and value.text.lower() == off


def _is_computed(node: Node) -> bool:
    return any(node.at(word) is not None for word in ("Fn::If", "Ref", "Fn::Transform")) or bool(
        getattr(node, "tag", None)
    )


def _fixes(template: CloudTemplate, machine: Resource, key: str) -> tuple[Fix, ...]:
    if machine.properties.at(key) is not None:
        return ()
    edit = add_entry(template.file.text, machine.properties, key, "Enabled: true")
    return (Fix("Turn tracing on", Safety.UNSAFE, edits=(edit,)),)
