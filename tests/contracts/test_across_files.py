"""Rules about contracts that look into other files, and at hostile documents."""

import pytest

from tests.checking import check, check_rule

HEAD = "openapi: 3.0.3\ninfo: {title: Orders, version: 1.0.0}\n"
PATHS = HEAD + "paths:\n  /orders/{id}:\n    get:\n      parameters:\n        - $ref: {target}\n"
OK = '      responses:\n        "200": {description: One order}\n'


def api(target: str) -> str:
    return PATHS.replace("{target}", f'"{target}"') + OK


PARTS = "id: {name: id, in: path, required: true, schema: {type: string}}\n"


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("parts.yaml#/id", []),
        ("parts.yaml#/ids", [7]),
        ("part.yaml#/id", [7]),
        ("https://shop.test/parts.yaml#/id", []),
        ("../../outside.yaml#/id", []),
        ("#/components/parameters/id", [7]),
    ],
)
def test_references_into_other_files(target: str, lines: list[int]) -> None:
    found = check_rule("unresolved-contract-reference", {"api/a.yaml": api(target), "api/parts.yaml": PARTS})
    assert [one.line for one in found] == lines


@pytest.mark.parametrize(("name", "count"), [("id", 0), ("number", 2)])
def test_parameters_may_be_declared_elsewhere(name: str, count: int) -> None:
    files = {
        "api/a.yaml": api("parts.yaml#/id"),
        "api/parts.yaml": PARTS.replace("name: id", f"name: {name}"),
    }
    assert len(check_rule("mismatched-path-parameter", files)) == count


def test_nothing_is_said_of_parameters_nobody_can_read() -> None:
    files = {"a.yaml": api("https://shop.test/parts.yaml#/id")}
    assert check_rule("mismatched-path-parameter", files) == []


def test_components_that_another_file_uses_are_used() -> None:
    shared = f"{HEAD}paths: {{}}\ncomponents:\n  parameters:\n    {PARTS}"
    assert [one.line for one in check_rule("unused-contract-component", {"shared.yaml": shared})] == [6]
    user = api("shared.yaml#/components/parameters/id")
    assert check_rule("unused-contract-component", {"shared.yaml": shared, "a.yaml": user}) == []


@pytest.mark.parametrize("text", ["title: {{ title }}", "{{- if .Values.api }}\ntitle: a\n{{- end }}"])
def test_templates_are_not_judged(text: str) -> None:
    assert check({"chart.yaml.yaml": f"openapi: 3.0.3\n{text}\nbogus: true\n"}) == []


def test_a_text_may_speak_of_tags() -> None:
    text = f"{HEAD.replace('Orders', 'Fill in `{{name}}`')}paths: {{}}\nbogus: true\n"
    assert [one.rule for one in check({"a.yaml": text})] == ["unknown-contract-key"]


def deep(count: int) -> str:
    inner = "{type: 7}"
    for _ in range(count):
        inner = f"{{allOf: [{inner}, {inner if len(inner) < 4000 else '{type: 7}'}], type: 7}}"
    return inner


HOSTILE = {
    "circle": "    a: {$ref: '#/components/schemas/b', example: 1}\n"
    "    b: {$ref: '#/components/schemas/a'}\n",
    "circle of parts": "    a: {example: 1, allOf: [{$ref: '#/components/schemas/a'}]}\n",
    "deep": f"    a: {deep(40)}\n",
    "a chain": "".join(
        f"    k{at}: {{$ref: '#/components/schemas/k{at + 1}/properties/x'}}\n" for at in range(1_500)
    ),
    "itself": "    a: &a {type: object, properties: {next: *a}, example: {next: {next: {}}}}\n",
    "growing": "".join(
        f"    a{at}: &a{at} {{properties: {{l: *a{at - 1}, r: *a{at - 1}}}, example: {{l: {{}}}}}}\n"
        if at
        else "    a0: &a0 {type: object}\n"
        for at in range(30)
    ),
    "pattern": '    a: {type: string, pattern: "^(a+)+$", example: "' + "a" * 60 + '!"}\n',
    "numbers": "    a: {type: integer, maximum: 1e999, example: 1" + "0" * 400 + "}\n",
    "odd": "    a: [1]\n    b: !x 1\n    ? [c]\n    : 1\n    d: {enum: 1, required: {a: 1}, properties: 7}\n",
}


@pytest.mark.parametrize(
    "version", ["openapi: 3.0.3", "openapi: 3.1.0", "asyncapi: 2.6.0", "asyncapi: 3.0.0"]
)
@pytest.mark.parametrize("schemas", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_are_judged_to_the_end(version: str, schemas: str) -> None:
    text = HEAD.replace("openapi: 3.0.3", version) + f"bogus: 1\ncomponents:\n  schemas:\n{schemas}"
    found = {one.rule for one in check({"a.yaml": text})}
    assert found & {"unknown-contract-key", "wrong-contract-value"}
