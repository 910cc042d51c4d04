"""Two revisions of a description of an interface: what is told of them, and what is not."""

from collections.abc import Mapping
from textwrap import dedent, indent

import pytest

from tests.checking import Seen, base_of, check, open_project, try_fix

_PATH = "api/openapi.yaml"
_RULES = frozenset(
    {
        "broken-sunset-promise",
        "changed-event-delivery",
        "loosened-api-security",
        "narrowed-request-schema",
        "new-required-input",
        "removed-api-operation",
        "removed-channel",
        "removed-request-field",
        "removed-response-field",
        "tightened-api-security",
        "widened-response-schema",
    }
)


def told(before: Mapping[str, str], after: Mapping[str, str]) -> list[Seen]:
    return [one for one in check(after, base=base_of(before)) if one.rule in _RULES]


def between(before: str, after: str) -> list[tuple[str, str]]:
    """Return the rules and severities of what is told of two texts of one document."""
    return [(one.rule, one.severity) for one in told({_PATH: before}, {_PATH: after})]


def document(schema: str, version: str = "1.0.0", extra: str = "") -> str:
    """Return a document with one operation that takes and answers the same component."""
    head = f"""\
openapi: 3.1.0
info: {{title: Orders, version: {version}}}
paths:
  /orders/{{id}}:
    post:
      operationId: change
{indent(dedent(extra), "      ")}
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      requestBody:
        content: {{application/json: {{schema: {{$ref: "#/components/schemas/Order"}}}}}}
      responses:
        "200":
          description: done
          content: {{application/json: {{schema: {{$ref: "#/components/schemas/Order"}}}}}}
components:
  schemas:
    Order:
"""
    return head + indent(dedent(schema), "      ")


BEFORE = """\
    type: object
    required: [id]
    properties:
      id: {type: string, maxLength: 20}
      state: {type: string, enum: [open, paid]}
      parts: {type: array, items: {type: object, properties: {size: {type: integer}}}}
"""

BOTH_SCHEMAS = {"narrowed-request-schema", "widened-response-schema"}
BOTH_FIELDS = {"removed-request-field", "removed-response-field"}


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("maxLength: 20", "maxLength: 10", {"narrowed-request-schema"}),
        ("maxLength: 20", "maxLength: 30", {"widened-response-schema"}),
        ("[open, paid]", "[open]", {"narrowed-request-schema"}),
        ("[open, paid]", "[open, paid, lost]", {"widened-response-schema"}),
        ("[open, paid]", "[paid, open]", set[str]()),
        ("required: [id]", "required: [id, state]", {"new-required-input"}),
        ("required: [id]", "required: []", {"removed-response-field"}),
        ("size: {type: integer}", "size: {type: number}", {"widened-response-schema"}),
        ("size: {type: integer}", "size: {type: number, format: float}", {"widened-response-schema"}),
        ("size: {type: integer}", "size: {type: string}", BOTH_SCHEMAS),
        ("size: {type: integer}", "weight: {type: integer}", BOTH_FIELDS),
        ("size: {type: integer}", "size: {type: [integer, 'null']}", {"widened-response-schema"}),
        ("size: {type: integer}", "size: {type: integer, description: In pieces}", set[str]()),
    ],
)  # fmt: skip
def test_a_change_is_told_to_the_side_it_breaks(was: str, now: str, expected: set[str]) -> None:
    after = BEFORE.replace(was, now)
    assert after != BEFORE
    assert {rule for rule, _ in between(document(BEFORE), document(after))} == expected


def test_the_same_document_in_other_words_breaks_nobody() -> None:
    wrapped = """\
        allOf:
          - $ref: "#/components/schemas/Inner"
        description: An order
    Inner:
    """
    head, _, body = document(BEFORE).partition("    Order:\n")
    after = (
        head + "    Order:\n" + indent(dedent(wrapped), "      ").replace("      Inner", "    Inner") + body
    )
    assert between(document(BEFORE), after) == []


def test_a_renamed_parameter_of_the_path_breaks_nobody() -> None:
    after = document(BEFORE).replace("{id}:", "{number}:").replace("name: id", "name: number")
    assert between(document(BEFORE), after) == []


def test_a_new_major_version_makes_remarks_of_breaks() -> None:
    after = document(BEFORE.replace("maxLength: 20", "maxLength: 10"), "2.0.0")
    assert between(document(BEFORE), after) == [("narrowed-request-schema", "info")]


@pytest.mark.parametrize("level", ["draft", "alpha"])
def test_a_draft_may_change_as_it_likes(level: str) -> None:
    mark = f"x-stability-level: {level}"
    after = document(BEFORE.replace("maxLength: 20", "maxLength: 10"), extra=mark)
    assert between(document(BEFORE, extra=mark), after) == []


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("", ["removed-api-operation"]),
        ("deprecated: true", []),
        ("deprecated: true\nx-sunset: '2026-05-31'", []),
        ("deprecated: true\nx-sunset: '2026-06-02'", ["removed-api-operation"]),
    ],
)
def test_an_operation_may_go_when_it_was_announced(mark: str, expected: list[str]) -> None:
    before = document(BEFORE, extra=mark)
    after = before.replace("    post:", "    get:")
    assert [rule for rule, _ in between(before, after)] == expected


def test_a_change_behind_a_reference_is_told_where_the_document_leads_there() -> None:
    before = {_PATH: document('$ref: "./order.yaml#/Order"\n'), "api/order.yaml": f"Order:\n{BEFORE}"}
    after = before | {"api/order.yaml": before["api/order.yaml"].replace("maxLength: 20", "maxLength: 10")}
    (one,) = told(before, after)
    assert (one.path, one.rule) == (_PATH, "narrowed-request-schema")
    assert before[_PATH].splitlines()[one.line - 1].strip() == "Order:"


def test_an_edit_of_another_file_is_told_in_the_document_and_taken_back_with_it() -> None:
    files = {_PATH: document('$ref: "./order.yaml#/Order"\n'), "api/order.yaml": f"Order:\n{BEFORE}"}
    project = open_project(files, base=base_of(files))
    narrow = files["api/order.yaml"].replace("maxLength: 20", "maxLength: 10")
    for text, expected in ((narrow, ["narrowed-request-schema"]), (files["api/order.yaml"], [])):
        project.replace({"api/order.yaml": text})
        found = [one for one in project.engine.all_findings() if one.rule.name in _RULES]
        assert [one.rule.name for one in found] == expected


def test_schemas_that_refer_to_themselves_come_to_an_end() -> None:
    loop = (
        BEFORE.rstrip()
        + '\n      next: {$ref: "#/components/schemas/Order"}\n      odd: {$ref: "#/components/x"}\n'
    )
    deep = document(loop).replace("components:\n", 'components:\n  x: {$ref: "#/components/x"}\n')
    after = deep.replace("maxLength: 20", "maxLength: 10")
    assert {rule for rule, _ in between(deep, after)} == {"narrowed-request-schema"}


@pytest.mark.parametrize(
    "text", ["", "openapi: 3.1.0\n", "openapi: [", "[]", "openapi: 3.1.0\npaths: {/a: 1, /b: [1]}\n"]
)
def test_what_was_no_description_is_not_compared(text: str) -> None:
    assert between(text, document(BEFORE)) == []


def test_without_a_base_nothing_is_told() -> None:
    assert [one for one in check({_PATH: document(BEFORE)}) if one.rule in _RULES] == []


EVENTS = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    address: shop.orders
    messages:
      paid:
        payload:
          type: object
          required: [id]
          properties: {id: {type: string}, state: {type: string, enum: [open]}}
operations:
  tell: {action: ACTION, channel: {$ref: "#/channels/orders"}}
"""


@pytest.mark.parametrize(
    ("action", "was", "now", "expected"),
    [
        ("send", "[open]", "[open, paid]", {"widened-response-schema"}),
        ("receive", "[open]", "[open, paid]", set[str]()),
        ("receive", "required: [id]", "required: [id, state]", {"new-required-input"}),
        ("send", "required: [id]", "required: []", {"removed-response-field"}),
        ("send", "shop.orders", "shop.sales", {"changed-event-delivery"}),
        ("send", "      paid:", "      settled:", {"removed-channel"}),
    ],
)
def test_events_break_those_who_read_or_those_who_write(
    action: str, was: str, now: str, expected: set[str]
) -> None:
    before = EVENTS.replace("ACTION", action)
    assert {rule for rule, _ in between(before, before.replace(was, now))} == expected


def taken_back(before: str, after: str) -> set[tuple[str, str]]:
    """Return what each fix is called and the text it leaves; every one is to bring no finding of ours."""
    project = open_project({_PATH: after}, base=base_of({_PATH: before}))
    found = project.engine.all_findings()
    tried = [
        try_fix(project, found, one, fix) for one in found if one.rule.name in _RULES for fix in one.fixes
    ]
    for one in tried:
        names = [it.rule.name for it in one.after if it.rule.name in _RULES]
        assert len(names) < len([it for it in found if it.rule.name in _RULES])
    return {(one.title, one.result[_PATH]) for one in tried}


BLOCK = """\
    type: object
    properties:
      id: {type: string}
      size:
        type: object
        properties:
          width: {type: integer}
"""


def test_a_property_that_is_gone_is_put_back_as_deprecated() -> None:
    after = BLOCK.partition("      size:")[0]
    ((title, text),) = taken_back(document(BLOCK), document(after))
    assert title == "Put `size` back, as deprecated"
    marked = BLOCK.replace("      size:\n", "      size:\n        deprecated: true\n")
    assert text == document(marked)


def test_an_operation_is_put_back_only_where_its_references_lead_somewhere() -> None:
    second = (
        "  /size:\n    get:\n      responses: {'200': {$ref: '#/components/responses/Size'}}\ncomponents:\n"
    )
    held = "  responses: {Size: {description: Its size}}\n"
    before = document(BLOCK).replace("components:\n", second + held)
    without = document(BLOCK)
    assert taken_back(before, without) == set()
    ((title, text),) = taken_back(before, without.replace("components:\n", f"components:\n{held}"))
    assert title == "Put `/size` back"
    assert "  /size:\n    get:\n      responses: {'200'" in text


def test_a_value_is_written_again() -> None:
    after = BLOCK.replace("width: {type: integer}", "width: {type: string}")
    assert taken_back(document(BLOCK), document(after)) == {("Write `integer` again", document(BLOCK))}


def test_schemas_put_together_of_themselves_many_times_come_to_an_end() -> None:
    many = ", ".join(['{$ref: "#/components/schemas/Order"}'] * 500)
    before = document(f"allOf: [{many}]\nproperties: {{id: {{type: string}}}}\n")
    assert {rule for rule, _ in between(before, before.replace("id: {type", "key: {type"))} == BOTH_FIELDS


FORMS = """\
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
security: [{key: []}]
paths:
  /inner:
    get:
      x-internal: INTERNAL
      security: []
      responses:
        '200':
          description: all
          content: {application/xml: {schema: {$ref: '#/components/schemas/Size'}}}
  /sizes:
    get:
      security: []
      responses:
        '200':
          description: all
          content:
            application/xml: {schema: {$ref: '#/components/schemas/Size'}}
            FORM: {schema: {$ref: '#/components/schemas/Size'}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: key}}
  schemas:
    Size: {type: object, properties: {width: {type: string, pattern: '^a'}}}
"""


@pytest.mark.parametrize(
    ("form", "expected"),
    [("application/json", [("widened-response-schema", "error")]), ("text/xml", list[tuple[str, str]]())],
)
def test_a_number_for_a_text_breaks_readers_of_json_whatever_other_forms_there_are(
    form: str, expected: list[tuple[str, str]]
) -> None:
    before = FORMS.replace("FORM", form).replace("INTERNAL", "false").replace(", pattern: '^a'", "")
    assert between(before, before.replace("width: {type: string}", "width: {type: integer}")) == expected


@pytest.mark.parametrize("internal", ["true", "false"])
def test_what_an_internal_operation_shares_with_another_counts(internal: str) -> None:
    before = FORMS.replace("FORM", "application/xml").replace("INTERNAL", internal)
    after = before.replace(", pattern: '^a'", "")
    assert between(before, after) == [("widened-response-schema", "error")]


def test_another_pattern_of_a_response_may_hold_what_it_never_did() -> None:
    before = FORMS.replace("FORM", "text/xml").replace("INTERNAL", "false")
    assert between(before, before.replace("'^a'", "'^b'")) == [("widened-response-schema", "warning")]


def test_what_holds_for_all_counts_only_where_an_operation_has_no_requirement_of_its_own() -> None:
    before = FORMS.replace("FORM", "text/xml").replace("INTERNAL", "false")
    after = before.replace("security: [{key: []}]", "security: []")
    assert between(before, after) == []
    kept = "      security: []\n      responses:\n"
    after = after.replace(kept, "      responses:\n")
    before = before.replace(kept, "      responses:\n")
    assert [rule for rule, _ in between(before, after)] == ["loosened-api-security"]


def test_a_body_that_became_one_of_several_may_still_be_what_it_was() -> None:
    before = document("type: object\nproperties: {id: {type: string}}\n")
    kept = "oneOf:\n  - {type: object, properties: {id: {type: string}}}\n  - {type: boolean}\n"
    assert between(before, document(kept)) == [("widened-response-schema", "warning")]
    assert {
        level for _, level in between(before, document(kept.replace("id: {type", "id: {minLength: 1, type")))
    } == {"error"}


SHELLED = "{allOf: [{$ref: '#/components/schemas/State'}]}"


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("{$ref: '#/components/schemas/State'}", "oneOf", set[str]()),
        ("{$ref: '#/components/schemas/State'}", "oneOf paid", {"narrowed-request-schema"}),
        ("anyOf paid", "{$ref: '#/components/schemas/State'}", {"narrowed-request-schema"}),
        ("{$ref: '#/components/schemas/State'}", "nullable", {"widened-response-schema"}),
        ("nullable", "{$ref: '#/components/schemas/State'}", {"narrowed-request-schema"}),
    ],
)
def test_a_list_of_one_schema_is_that_schema(was: str, now: str, expected: set[str]) -> None:
    texts = {
        "oneOf": SHELLED.replace("allOf", "description: The state, oneOf"),
        "nullable": SHELLED.replace("{allOf", "{nullable: true, allOf"),
    }

    def text(word: str, values: str) -> str:
        shell, _, _ = word.partition(" ")
        place = texts.get(shell) or word.replace("anyOf paid", SHELLED.replace("allOf", "anyOf"))
        schema = f"type: object\nproperties:\n  state: {place}\n"
        return document(schema) + f"    State: {{type: string, enum: [{values}]}}\n"

    before = text(was, "open, paid" if "paid" in was + now else "open")
    assert {rule for rule, _ in between(before, text(now, "open"))} == expected


def test_a_form_that_stood_beside_another_is_gone_without_it() -> None:
    both = document(BEFORE).replace(
        '{application/json: {schema: {$ref: "#/components/schemas/Order"}}}',
        "{application/json: {}, application/json-patch+json: {}}",
    )
    one = both.replace(", application/json-patch+json: {}", "")
    assert {rule for rule, _ in between(both, one)} == {"narrowed-request-schema", "removed-response-field"}
    renamed = one.replace("application/json", "application/vnd.shop+json")
    assert between(one, renamed) == []
    assert between(renamed, one) == []
    other = renamed.replace("vnd.shop", "vnd.other")
    assert {rule for rule, _ in between(renamed, other)} == {
        "narrowed-request-schema",
        "removed-response-field",
    }


def test_a_scheme_under_another_name_lets_the_same_in() -> None:
    before = FORMS.replace("FORM", "text/xml").replace("      security: []\n", "")
    after = before.replace("{key: []}", "{other: []}").replace("{key: {type", "{other: {type")
    assert between(before, after) == []
    assert [rule for rule, _ in between(before, after.replace("in: header", "in: query"))] == [
        "tightened-api-security"
    ]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("id: {type: string}, size: {type: integer}", set[str]()),
        ("id: {type: string}, size: {type: string}", BOTH_SCHEMAS),
        ("id: {type: string}, size: {type: integer}, name: {type: string}", BOTH_FIELDS),
    ],
)
def test_an_object_is_what_it_is_put_together_of(properties: str, expected: set[str]) -> None:
    parts = """\
    allOf:
      - $ref: "#/components/schemas/Base"
      - {properties: {size: {type: integer}}}
    """
    base = "    Base: {type: object, required: [id], properties: {id: {type: string}}}\n"
    whole = f"type: object\nrequired: [id]\nproperties: {{{properties}}}\n"
    assert {rule for rule, _ in between(document(whole) + base, document(parts) + base)} == expected


def test_what_a_dynamic_reference_leads_to_is_unknown() -> None:
    after = document('{$dynamicRef: "#item"}\n')
    assert between(document(BEFORE), after) == []


def test_a_parameter_of_the_path_that_is_declared_at_last_is_a_remark() -> None:
    after = document(BEFORE)
    before = after.replace("{name: id, in: path, required: true, schema: {type: string}}", "")
    assert between(before, after) == [("new-required-input", "info")]
    assert between(after, before) == [("removed-request-field", "info")]
