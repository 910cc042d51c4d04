"""Write the table of what objects of Argo CD, Argo Rollouts and Tekton may hold.

    python tools/generate_operator_shapes.py ARGO_CD ARGO_ROLLOUTS TEKTON

The first two are folders of TypeScript declarations made from the types of the projects:
`argoproj.io/v1alpha1` in the npm packages `@kubernetes-models/argo-cd` (4.0.0) and
`@kubernetes-models/argo-rollouts` (2.0.0). The third holds `tekton-schema-v1.json` and
`tekton-schema-v1beta1.json`, from `schema/` in the Maven packages `io.fabric8:tekton-model-v1` and
`io.fabric8:tekton-model-v1beta1` (6.13.4). All the projects are under the Apache licence 2.0. Types of
Kubernetes itself are named as in `kubernetes.json`. `rollsafe.artefacts.shapes` describes the form of what
comes out.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent.parent / "server/rollsafe/artefacts/shapes/data"
_DATE = "2026-11-22"
_INTERFACE = re.compile(r"^export interface I(\w+)(?: extends (\w+))? \{\n(.*?)^\}", re.M | re.S)
_ALIAS = re.compile(r"^export type I(\w+) = (.+?);\nexport", re.M | re.S)
_FIELD = re.compile(r'^ {4}"(\w+)"(\??): (.+?);(?=\n {4}"|\s*\Z)', re.M | re.S)
_COMMENT = re.compile(r"^\s*/\*\*.*?\*/\n", re.M | re.S)
_OWN = re.compile(r"IComGithubArgoproj(?:ArgoCdV3|ArgoRollouts)Pkg\w+?V1alpha1(\w+)$")
_WORDS = {"string": "s", "number": "n", "boolean": "b", "{}": "*"}
_FOREIGN = {
    "IIoK8sApimachineryPkgApisMetaV1Time": "s",
    "IIoK8sApimachineryPkgUtilIntstrIntOrString": "is",
    "IIoK8sApimachineryPkgApisMetaV1ObjectMeta": "#meta.v1.ObjectMeta",
    "IIoK8sApimachineryPkgApisMetaV1LabelSelector": "#meta.v1.LabelSelector",
    "IIoK8sApiCoreV1PodTemplateSpec": "#core.v1.PodTemplateSpec",
    "IIoK8sApiBatchV1JobSpec": "#batch.v1.JobSpec",
}
_ARGO = {
    "cd": ("Application", "ApplicationSet", "AppProject"),
    "rollouts": ("Rollout", "AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun", "Experiment"),
}
_TEKTON = {
    "v1": ("Pipeline", "PipelineRun", "Task", "TaskRun"),
    "v1beta1": ("Pipeline", "PipelineRun", "Task", "TaskRun", "ClusterTask"),
}
_TEKTON_SINCE: dict[str, tuple[str, ...]] = {
    "EmbeddedTask": ("displayName",),
    "ParamSpec": ("enum",),
    "PipelineRunSpec": ("managedBy",),
    "PipelineTask": ("onError", "pipelineRef", "pipelineSpec"),
    "PipelineTaskRunSpec": ("timeout",),
    "Sidecar": ("restartPolicy",),
    "Step": ("displayName", "params", "ref", "results", "when"),
    "TaskResult": ("value",),
    "TaskRunSpec": ("managedBy",),
    "WhenExpression": ("cel",),
}
"""Fields that https://tekton.dev/docs/pipelines/pipeline-api/ has and the packages have not yet."""


def argo(folder: Path, prefix: str) -> dict[str, Any]:
    """Return the shapes of the types that a folder of declarations describes."""
    types: dict[str, Any] = {}
    for path in sorted(folder.glob("*.d.ts")):
        text = _COMMENT.sub("", path.read_text())
        for name, value in _ALIAS.findall(text):
            types[f"{prefix}.{name}"] = of_type(value, prefix)
        for name, base, body in _INTERFACE.findall(text):
            types[f"{prefix}.{name}"] = interface(base, body, prefix)
    for name, shape in types.items():
        base = shape.pop("base", None) if isinstance(shape, dict) else None
        if base is not None:
            types[name] = {**shape, "p": {**types[base[1:]]["p"], **shape["p"]}}
    return types


def interface(base: str, body: str, prefix: str) -> dict[str, Any]:
    """Return the shape of a declared interface; `base` stands for the one it extends."""
    shape: dict[str, Any] = {"p": {}}
    required = []
    for name, optional, value in _FIELD.findall(body):
        is_own = name in ("apiVersion", "kind") and value.startswith('"')
        shape["p"][name] = "s" if is_own else "*" if name == "status" else of_type(value, prefix)
        if not optional and not is_own and name != "metadata":
            required.append(name)
    if required:
        shape["q"] = sorted(required)
    if base and base != "TypeMeta":
        shape["base"] = of_type(base, prefix)
    return shape


def of_type(value: str, prefix: str) -> Any:
    """Return the shape of a type as it is written."""
    value = value.strip()
    if value in _WORDS:
        return _WORDS[value]
    if value.startswith("Array<"):
        return {"l": of_type(value[6:-1], prefix)}
    if value.startswith("{"):
        keyed = re.search(r"\[key: string\]: (.+?);", value, re.S)
        if keyed is not None:
            return {"p": {}, "v": of_type(keyed[1], prefix)}
        return interface("", re.sub(r'^\s*"', '    "', value.strip("{}\n "), flags=re.M), prefix)
    own = _OWN.match(value)
    return f"#{prefix}.{own[1]}" if own is not None else _FOREIGN.get(value, "*")


def tekton(path: Path, version: str, known: frozenset[str]) -> dict[str, Any]:
    """Return the shapes of the types of one version of Tekton."""
    prefix = f"tekton.{version}"
    definitions = json.loads(path.read_text())["definitions"]
    types: dict[str, Any] = {}
    for name, schema in definitions.items():
        short = name.rpartition("_")[2]
        if f"_pipeline_{version}_" not in name and not name.endswith("_pod_Template"):
            continue
        fields = {key: of_schema(value, prefix, known) for key, value in schema["properties"].items()}
        fields |= dict.fromkeys(_TEKTON_SINCE.get(short, ()), "*")
        if "status" in fields and "spec" in fields:
            fields["status"] = "*"
        types[f"{prefix}.{short}"] = {"p": fields}
    types[f"{prefix}.PipelineTask"]["p"]["pipelineSpec"] = f"#{prefix}.PipelineSpec"
    return types


def of_schema(schema: dict[str, Any], prefix: str, known: frozenset[str]) -> Any:
    """Return the shape of a part of Tekton's schema; types of Kubernetes are named after their classes."""
    if "$ref" in schema:
        return f"#{prefix}.{schema['$ref'].rpartition('_')[2]}"
    kind = schema.get("type")
    if kind == "array":
        return {"l": of_schema(schema["items"], prefix, known)}
    if kind in ("string", "integer", "boolean"):
        return kind[0]
    java = schema.get("existingJavaType", "")
    if java.endswith("Duration"):
        return "s"
    if java == "java.util.Map<String,String>":
        return {"p": {}, "v": "s"}
    name = java.rpartition(".")[2]
    return next((f"#{one}.{name}" for one in ("core.v1", "meta.v1") if f"{one}.{name}" in known), "*")


def reachable(types: dict[str, Any], names: list[str], known: frozenset[str]) -> dict[str, Any]:
    """Return the types that objects of these kinds can hold; one that nothing describes may be anything."""
    found: dict[str, Any] = {}
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in found or name in known:
            continue
        found[name] = types.get(name, "*")
        pending += re.findall(r'"#([^"]+)"', json.dumps(found[name]))
    return found


def dumped(value: object) -> str:
    """Return a value as JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


def main(argo_cd: Path, argo_rollouts: Path, tekton_schemas: Path) -> None:
    """Write `operators.json`."""
    known = frozenset(json.loads((_DATA / "kubernetes.json").read_text())["types"])
    types = {**argo(argo_cd, "cd"), **argo(argo_rollouts, "rollouts")}
    kinds: dict[str, list[Any]] = {}
    for prefix, names in _ARGO.items():
        kinds |= {f"argoproj.io/v1alpha1 {name}": [f"{prefix}.{name}", 0, 0] for name in names}
    for version, names in _TEKTON.items():
        types |= tekton(tekton_schemas / f"tekton-schema-{version}.json", version, known)
        kinds |= {f"tekton.dev/{version} {name}": [f"tekton.{version}.{name}", 0, 0] for name in names}
    about = {
        "origin": "https://github.com/argoproj/argo-cd, argo-rollouts and https://github.com/tektoncd/pipeline",
        "licence": "Apache-2.0",
        "version": "Argo CD 3, Argo Rollouts 1, Tekton v1 and v1beta1",
        "date": _DATE,
    }
    lines = [f'"about":{dumped(about)}']
    types = reachable(types, [one[0] for one in kinds.values()], known)
    for title, table in (("kinds", kinds), ("types", types)):
        inside = ",\n".join(f"{dumped(key)}:{dumped(table[key])}" for key in sorted(table))
        lines.append(f'"{title}":{{\n{inside}\n}}')
    (_DATA / "operators.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:4]))
