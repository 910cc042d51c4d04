"""A template takes a state machine from a file that is not there.

## What it does
Looks up the `DefinitionUri` of state machines in templates of SAM, where other definitions stand in that folder: without
any, it may be made by the build. Addresses of S3 and values that are computed are left alone.

## Why it matters
`sam build` and `sam package` stop: nothing of the template is deployed.

## Bad
```yaml title="infra/template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/oder.asl.json  # <-
```
```json title="infra/statemachines/order.asl.json"
{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
```

## Good
```yaml title="infra/template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/order.asl.json
```
```json title="infra/statemachines/order.asl.json"
{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
```

## Fix
Writes the nearest name of a file beside the missing one. Unsafe: that machine is deployed.

## References
- [SAM: AWS::Serverless::StateMachine](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from rollsafe.artefacts.cloud import CloudTemplate
from rollsafe.artefacts.step_functions import StateMachine
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.cloud.definitions import definition_path
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each definition whose file is not there."""
    for resource in template.resources.values():
        path = definition_path(resource)
        node = resource.properties.at("DefinitionUri")
        if path is None or not isinstance(node, Scalar) or path.startswith("..") or graph.has_file(path):
            continue
        home = dirname(path)
        beside = {basename(one) for one in graph.paths() if dirname(one) == home}
        if home not in {one.file.directory for one in graph.every(StateMachine, "state-machine:")}:
            continue
        close = nearest(basename(path), beside)
        hint = f"; the nearest is `{normpath(join(home, close))}`" if close is not None else ""
        fixes: tuple[Fix, ...] = ()
        if close is not None and node.text.endswith(basename(path)):
            meant = node.text.removesuffix(basename(path)) + close
            fixes = (Fix(f"Use `{meant}`", Safety.UNSAFE, edits=(set_value(node, meant),)),)
        yield Finding(
            node,
            f"state machine `{resource.id}` is defined in `{path}`, which is not there{hint}",
            fixes=fixes,
            detail="SAM stops, and nothing of the template is deployed",
        )
