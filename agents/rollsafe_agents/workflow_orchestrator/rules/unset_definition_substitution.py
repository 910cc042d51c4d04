"""A definition of a state machine has a variable that its template does not fill in.

## What it does
Compares `${Name}` in the definition of a state machine with `DefinitionSubstitutions` of the template that brings it, where
there are any: the definition is a file beside it, or within the template.

## Why it matters
What is not filled in stays as it is: AWS refuses `${ChargeFunction}` as the resource of a task, and the stack goes
back. In a parameter it is deployed, and each execution fails there.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.json
      DefinitionSubstitutions:
        StockTabel: stock  # <-
```
```json title="order.asl.json"
{"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": {"table": "${StockTable}"}, "End": true}}}
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.json
      DefinitionSubstitutions:
        StockTable: stock
```
```json title="order.asl.json"
{"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": {"table": "${StockTable}"}, "End": true}}}
```

## Fix
Renames a substitution that nothing uses and whose name is near. Unsafe: the variable is filled in from then on.

## References
- [CloudFormation: DefinitionSubstitutions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate
from rollsafe.artefacts.cloud.resources import Resource
from rollsafe.artefacts.step_functions import StateMachine
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.cloud.definitions import machines_of, substitutions, variables_in
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each variable that nothing fills in."""
    for resource in template.resources.values():
        if not resource.type.endswith("::StateMachine"):
            continue
        given = substitutions(resource)
        machines = machines_of(resource, template, graph) if given is not None else []
        if given is not None and len(machines) == 1:
            yield from _unset(resource, machines[0], given)


def _unset(resource: Resource, machine: StateMachine, given: dict[str, Scalar]) -> Iterator[Finding]:
    wanted = dict[str, Scalar]()
    for name, scalar in variables_in(machine):
        wanted.setdefault(name, scalar)
    spare = {name: key for name, key in given.items() if name not in wanted}
    for name, scalar in wanted.items():
        if name in given:
            continue
        close = nearest(name, spare)
        fixes: tuple[Fix, ...] = ()
        if close is not None:
            fixes = (
                Fix(f"Rename `{close}` to `{name}`", Safety.UNSAFE, edits=(set_value(spare[close], name),)),
            )
        yield Finding(
            spare[close] if close is not None else resource.where("DefinitionSubstitutions"),
            f"nothing fills in `{name}`, which the definition of `{resource.id}` takes"
            + (f"; the nearest is `{close}`" if close is not None else ""),
            fixes=fixes,
            related=(Related(machine.file, scalar, f"takes `{name}`"),),
        )
