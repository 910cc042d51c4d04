"""Projects with marks, by the family of their files."""

from __future__ import annotations

GITHUB = {
    ".github/workflows/ci.yml": """\
name: «=ci:CI»
on:
  workflow_dispatch:
    inputs:
      «=target:target»: {type: string}
env:
  «=region:REGION»: eu-1
  «=outer:STAGE»: outer
jobs:
  «=build:build»:
    runs-on: ubuntu-24.04
    env:
      «=inner:STAGE»: inner
    outputs:
      «=image:image»: ${{ steps.«tag:tag».outputs.«set:name» }}
      digest: ${{ steps.«tag:tag».outputs.«tag:digest» }}
    steps:
      - uses: actions/checkout@v4
      - id: «=tag:tag»
        run: echo "«=set:name»=a" >> "$GITHUB_OUTPUT"
      - id: «=setup:setup»
        uses: «action:./.github/actions/setup»
        with:
          «version:version»: ${{ github.event.inputs.«target:target» }}
      - if: steps.«setup:setup».outputs.«path:path» != '' && env.«inner:STAGE» == 'x'
        run: |
          echo ${{ env.«region:REGION» }} ${{ inputs.«target:target» }}
          echo "${{ steps['«tag:tag»'].outcome }}"
  «=test:test»:
    needs: «build:build»
    if: needs.«build:build».result == 'success'
    strategy:
      matrix:
        «=node:node»: [20, 22]
        include:
          - «=node:node»: 24
            «=extra:extra»: yes
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ matrix.«node:node» }} ${{ matrix.«extra:extra» }} ${{ env.«outer:STAGE» }}
  «=call:call»:
    needs: [«build:build», "«test:test»"]
    uses: «deploy:./.github/workflows/deploy.yml»
    with:
      «env:environment»: ${{ needs.«build:build».outputs.«image:image» }}
    secrets:
      «key:key»: ${{ secrets.KEY }}
  last:
    needs: [«call:call»]
    runs-on: ubuntu-24.04
    strategy:
      «=made:matrix»: ${{ fromJSON(inputs.«target:target») }}
    steps:
      - run: echo ${{ matrix.«made:shard» }}
      - run: echo ${{ needs.«call:call».outputs.«url:url» }}
""",
    ".github/workflows/deploy.yml": """\
«=deploy:»on:
  workflow_call:
    inputs:
      «=env:environment»: {type: string}
    secrets:
      «=key:key»: {required: true}
    outputs:
      «=url:url»:
        value: ${{ jobs.«run:run».outputs.«out:out» }}
jobs:
  «=run:run»:
    runs-on: ubuntu-24.04
    outputs: {«=out:out»: x}
    steps:
      - run: deploy ${{ inputs.«env:environment» }}
        env:
          KEY: ${{ secrets.«key:key» }}
""",
    ".github/actions/setup/action.yml": """\
«=action:»name: setup
inputs:
  «=version:version»: {default: "1"}
outputs:
  «=path:path»:
    value: ${{ steps.«find:find».outputs.«find:path» }}
runs:
  using: composite
  steps:
    - id: «=find:find»
      shell: bash
      run: find ${{ inputs.«version:version» }}
""",
    ".github/workflows/action.yml": """\
on: push
jobs:
  «=mine:a»: {runs-on: x, steps: [{run: "true"}]}
  b: {needs: «mine:a», runs-on: x, steps: [{run: "true"}]}
""",
    ".github/workflows/after.yml": """\
on:
  workflow_run:
    workflows: [«ci:CI»]
    types: [completed]
jobs:
  a: {runs-on: x, steps: [{run: "true"}]}
""",
}

GITLAB = {
    ".gitlab-ci.yml": """\
include:
  - local: «file:/ci/build.yml»
    inputs: {«input:image»: a}
stages: [«=first:build», «=second:deploy»]
«=base:.base»:
  «=script:script»: [make]
«=deploy:deploy»:
  stage: «second:deploy»
  extends: [«base:.base», «shared:.shared»]
  needs:
    - «build:build»
    - job: «test:test»
      artifacts: true
    - "«build:build: [linux]»"
  before_script:
    - !reference [«base:.base», «script:script»]
  environment: {name: production, on_stop: «stop:stop»}
«=stop:stop»:
  dependencies: ["«build:build»"]
  script: [make stop]
""",
    "ci/build.yml": """\
«=file:»spec:
  inputs:
    «=input:image»: {default: b}
---
«=shared:.shared»:
  tags: [a]
«=build:build»:
  stage: «first:build»
  image: $[[ inputs.«input:image» ]]
  script: [make]
«=test:test»:
  stage: «first:build»
  script: [make test]
""",
}

CIRCLECI = {
    ".circleci/config.yml": """\
version: 2.1
orbs: {«=orb:aws»: circleci/aws-cli@4.0}
parameters:
  «=all:deploy»: {type: boolean, default: false}
x-defaults: «=anchor:&defaults»
  working_directory: ~/a
executors:
  «=node:node»:
    docker: [{image: "node:20"}]
commands:
  «=install:install»:
    parameters:
      «=flags:flags»: {type: string}
    steps: [{run: "npm ci << parameters.«flags:flags» >>"}]
jobs:
  «=build:build»:
    <<: «anchor:*defaults»
    executor: «node:node»
    parameters: {«=level:level»: {type: string, default: a}}
    steps:
      - checkout
      - «install:install»: {«flags:flags»: -x}
      - run: make << parameters.«level:level» >> << pipeline.parameters.«all:deploy» >>
      - «orb:aws/setup»
  «=ship:ship»:
    executor: {name: "«node:node»"}
    steps: [«install:install»]
workflows:
  main:
    jobs:
      - «build:build»: {name: «=named:built», «level:level»: b}
      - «=hold:hold»: {type: approval}
      - «ship:ship»: {requires: [«named:built», «hold:hold»]}
""",
}

AZURE = {
    "azure-pipelines.yml": """\
parameters:
  - name: «=image:image»
    type: string
variables:
  «=tag:tag»: a
stages:
  - stage: «=build:Build»
    jobs:
      - job: «=compile:compile»
        steps: [{script: "make $(«tag:tag») ${{ parameters.«image:image» }}"}]
      - job: check
        dependsOn: «compile:compile»
        steps:
          - template: «steps:templates/steps.yml»
            parameters: {«level:level»: 3}
  - ${{ if eq(variables['«tag:tag»'], 'a') }}:
      - stage: «=ship:Ship»
        dependsOn: [«build:Build»]
        condition: succeeded('Build')
        jobs:
          - deployment: «=roll:roll»
            environment: production
          - job: after
            dependsOn: [«roll:roll»]
            variables: {x: "$[ stageDependencies.«build:Build».«compile:compile».outputs['a.b'] ]"}
""",
    "templates/steps.yml": """\
«=steps:»parameters:
  - name: «=level:level»
    type: number
steps:
  - script: make ${{ parameters.«level:level» }}
""",
}

STATES = {
    "order.asl.json": """\
{
  "StartAt": "«pay:Pay»",
  "States": {
    "«=pay:Pay»": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "«refund:Refund»"}],
      "Next": "«choose:Choose»"
    },
    "«=choose:Choose»": {
      "Type": "Choice",
      "Choices": [{"Variable": "$.a", "BooleanEquals": true, "Next": "«both:Both»"}],
      "Default": "«refund:Refund»"
    },
    "«=both:Both»": {
      "Type": "Parallel", "Next": "«refund:Refund»",
      "Branches": [{"StartAt": "«inner:Pack»", "States": {"«=inner:Pack»": {"Type": "Succeed"}}}]
    },
    "«=refund:Refund»": {"Type": "Fail"}
  }
}
""",
    "machine.asl.yaml": """\
StartAt: «wait:Wait»
States:
  «=wait:Wait»:
    Type: Wait
    Seconds: 3
    Next: «done:Done»
  «=done:Done»: {Type: Succeed}
""",
}

ARGO = {
    "workflows/build.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: build-}
spec:
  entrypoint: «main:main»
  onExit: «notify:notify»
  arguments: {parameters: [{name: «=ref:ref», value: a}]}
  templates:
    - name: «=main:main»
      dag:
        tasks:
          - name: «=compile:compile»
            template: «make:make»
            arguments: {parameters: [{name: x, value: "{{workflow.parameters.«ref:ref»}}"}]}
          - name: «=test:test»
            dependencies: [«compile:compile»]
            templateRef: {name: «shared:shared», template: «check:check»}
          - name: ship
            depends: «compile:compile» && «test:test».Succeeded
            template: «make:make»
            arguments: {parameters: [{name: x, value: "{{tasks.«test:test».outputs.result}}"}]}
    - name: «=make:make»
      inputs: {parameters: [{name: «=x:x»}]}
      container: {image: a, args: ["{{inputs.parameters.«x:x»}}"]}
    - name: «=notify:notify»
      steps:
        - - {name: a, template: «make:make»}
""",
    "workflows/shared.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: «=shared:shared»
spec:
  templates:
    - name: «=check:check»
      container: {image: a}
""",
    "tekton/pipeline.yaml": """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: «=pipeline:release»}
spec:
  params: [{name: «=revision:revision»}]
  tasks:
    - name: «=clone:clone»
      taskRef: {name: «git:git-clone»}
      params: [{name: «url:url», value: $(params.«revision:revision»)}]
    - name: «=built:built»
      runAfter: [«clone:clone»]
      taskRef: {name: «git:git-clone»}
      params: [{name: «url:url», value: $(tasks.«clone:clone».results.«commit:commit»)}]
""",
    "tekton/task.yaml": """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: «=git:git-clone»}
spec:
  params: [{name: «=url:url»}]
  results: [{name: «=commit:commit»}]
  steps: [{name: a, image: a, script: "clone $(params.«url:url»)"}]
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {generateName: a-}
spec:
  pipelineRef: {name: «pipeline:release»}
  params: [{name: «revision:revision», value: a}]
""",
}

CONTRACTS = {
    "api/openapi.yaml": """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
security: [{«scheme:token»: []}]
tags: [{name: «=orders:orders»}]
paths:
  /orders/{id}:
    «=item:get»:
      operationId: «=fetch:getOrder»
      tags: [«orders:orders», other]
      parameters: [{$ref: "«id:#/components/parameters/Id»"}]
      responses:
        "200":
          description: ok
          content:
            application/json: {schema: {$ref: "«order:#/components/schemas/Order»"}}
          links: {again: {operationId: «fetch:getOrder», operationRef: "«item:#/paths/~1orders~1{id}/get»"}}
components:
  securitySchemes: {«=scheme:token»: {type: http, scheme: bearer}}
  parameters:
    «=id:Id»: {name: id, in: path, required: true, schema: {type: string}}
  schemas:
    «=order:Order»:
      type: object
      properties:
        «=total:total»: {$ref: '«money:../common/money.json#/$defs/Money»'}
        whole: {$ref: «whole:../common/money.json»}
        owner: {$ref: "«named:#owner»"}
        address: {$ref: "«address:https://example.com/schemas/address»"}
        net: {$ref: "«total:#/components/schemas/Order/properties/total»"}
    Person: {$anchor: «=named:owner», type: object}
    Either:
      oneOf: [{$ref: "«order:#/components/schemas/Order»"}]
      discriminator: {propertyName: kind, mapping: {order: "«order:#/components/schemas/Order»"}}
""",
    "common/money.json": """\
«=whole:»{"$defs": {
 "«=money:Money»": {"type": "object", "properties": {"cents": {"$ref": "«cents:#/$defs/Cents»"}}},
 "«=cents:Cents»": {"type": "integer"}}, "allOf": [{"$ref": "«money:#/$defs/Money»"}]}
""",
    "common/address.yaml": """\
$id: «=address:https://example.com/schemas/address»
type: object
""",
    "events/asyncapi.yaml": """\
asyncapi: 3.0.0
info: {title: Orders, version: "1"}
channels:
  «=placed:placed»:
    address: orders.placed
    messages: {«=message:Placed»: {payload: {$ref: «order:../api/openapi.yaml#/components/schemas/Order»}}}
operations:
  onPlaced:
    action: receive
    channel: {$ref: "«placed:#/channels/placed»"}
    messages: [{$ref: "«message:#/channels/placed/messages/Placed»"}]
""",
    "values.yaml": """\
one: «=one:&a» {x: 1}
two: «one:*a»
three: [«=again:&a» b, «again:*a»]
# not &a
text: "&a *a"
---
other: {<<: *a}
mine: «=mine:&a» c
yours: «mine:*a»
""",
}

PROJECTS = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "circleci": CIRCLECI,
    "azure": AZURE,
    "states": STATES,
    "argo": ARGO,
    "contracts": CONTRACTS,
}
