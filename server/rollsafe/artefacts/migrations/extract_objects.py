"""Indexes, types, functions and other objects into operations."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddEnumValue,
    AlterObject,
    Comment,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateObject,
    DropIndex,
    DropObject,
    DropTable,
    Grant,
    Operation,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameIndex,
    RenameObject,
    RenameTable,
    SetSchema,
)
from rollsafe.artefacts.migrations.subject import Subject, options_of, table_of
from rollsafe.formats.sql import SqlNode

_WORDS: Final = {"matview": "materialized view", "tsconfiguration": "text search configuration"}
_USUAL_ORDER: Final = ("", "SORTBY_DEFAULT", "SORTBY_ASC")
_USUAL_NULLS: Final = ("", "SORTBY_NULLS_DEFAULT")
_OF_A_TABLE: Final = frozenset({"trigger", "policy", "rule"})


def object_word(choice: str) -> str:
    """Return `materialized view` for `OBJECT_MATVIEW`."""
    word = choice.removeprefix("OBJECT_").lower()
    return _WORDS.get(word, word.replace("_", " "))


def create_index(subject: Subject) -> Iterator[Operation]:
    """Read an `IndexStmt`."""
    node = subject.node
    relation, parts = node.child("relation"), node.children("index_params")
    has_where = node.has("where_clause")
    yield CreateIndex(
        *subject.whole,
        table=subject.table,
        name=node.text("idxname") or None,
        columns=tuple([part.text("name") for part in parts]),
        method=node.text("access_method"),
        is_unique=node.flag("unique"),
        concurrently=node.flag("concurrent"),
        if_not_exists=node.flag("if_not_exists"),
        has_where=has_where,
        only=relation is not None and not relation.flag("inh"),
        is_plain=not has_where and _is_plain(node) and all(map(_is_plain_part, parts)),
    )


def _is_plain(node: SqlNode) -> bool:
    """Say whether an index is one as usual, but for its condition and its parts."""
    if node.has_any("index_including_params") or node.flag("nulls_not_distinct"):
        return False
    return node.text("access_method") in ("", "btree")


def _is_plain_part(part: SqlNode) -> bool:
    """Say whether a part of an index is a column in the usual order."""
    if not part.text("name") or part.has_any("opclass") or part.has_any("collation"):
        return False
    return part.choice("ordering") in _USUAL_ORDER and part.choice("nulls_ordering") in _USUAL_NULLS


def drop(subject: Subject) -> Iterator[Operation]:
    """Read a `DropStmt`: one operation per object named."""
    node = subject.node
    word = object_word(node.choice("remove_type"))
    exists, cascade = node.flag("missing_ok"), node.choice("behavior") == "DROP_CASCADE"
    objects = node.children("objects")
    for named, span in zip(objects, subject.listed(len(objects)), strict=True):
        parts = _parts(named)
        if word in ("table", "foreign table"):
            yield DropTable(*span, TableName.of(parts), exists, cascade)
        elif word == "index":
            yield DropIndex(*span, TableName.of(parts), node.flag("concurrent"), exists, cascade)
        elif word in _OF_A_TABLE:
            name, on = TableName(None, parts[-1]), TableName.of(parts[:-1])
            yield DropObject(*span, word, name, on, exists, cascade)
        else:
            yield DropObject(*span, word, TableName.of(parts), None, exists, cascade)


def _parts(named: SqlNode) -> tuple[str, ...]:
    """Return the dotted name of an object, in whichever of its shapes the parser gives it."""
    if named.kind == "String":
        return (named.text("sval"),)
    field = {"List": "items", "TypeName": "names", "ObjectWithArgs": "objname"}.get(named.kind)
    return (named.names(field) if field else ()) or ("",)


def reindex(subject: Subject) -> Iterator[Operation]:
    """Read a `ReindexStmt`."""
    node = subject.node
    options = options_of(node.children("params"))
    scope = node.choice("kind").removeprefix("REINDEX_OBJECT_").lower()
    relation = node.child("relation")
    target = table_of(relation) if relation is not None else TableName(None, node.text("name"))
    yield Reindex(*subject.whole, scope, target, "concurrently" in options)


def rename(subject: Subject) -> Iterator[Operation]:
    """Read a `RenameStmt`."""
    node, span = subject.node, subject.whole
    word, new = object_word(node.choice("rename_type")), node.text("newname")
    on_table = node.choice("relation_type") in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE")
    if word in ("table", "foreign table"):
        yield RenameTable(*span, subject.table, new)
    elif word == "column" and on_table:
        yield RenameColumn(*span, subject.table, node.text("subname"), new)
    elif word == "tabconstraint":
        yield RenameConstraint(*span, subject.table, node.text("subname"), new)
    elif word == "index":
        yield RenameIndex(*span, subject.table, new)
    else:
        yield RenameObject(*span, word, _renamed(subject), new)


def _renamed(subject: Subject) -> TableName:
    named = subject.node.child("object")
    if named is not None:
        return TableName.of(_parts(named))
    table = subject.table
    return table if table.name else TableName(None, subject.node.text("subname"))


def set_schema(subject: Subject) -> Iterator[Operation]:
    """Read an `AlterObjectSchemaStmt`."""
    node = subject.node
    word = object_word(node.choice("object_type"))
    if word in ("table", "foreign table"):
        yield SetSchema(*subject.whole, subject.table, node.text("newschema"))
    else:
        yield AlterObject(*subject.whole, word, _renamed(subject), "set schema")


def create_enum(subject: Subject) -> Iterator[Operation]:
    """Read a `CreateEnumStmt`."""
    node = subject.node
    yield CreateEnum(*subject.whole, TableName.of(node.names("type_name")), node.names("vals"))


def alter_enum(subject: Subject) -> Iterator[Operation]:
    """Read an `AlterEnumStmt`: a value added or renamed."""
    node = subject.node
    name, old, new = TableName.of(node.names("type_name")), node.text("old_val"), node.text("new_val")
    if old:
        yield RenameEnumValue(*subject.whole, name, old, new)
    else:
        beside = node.text("new_val_neighbor") or None
        exists = node.flag("skip_if_new_val_exists")
        yield AddEnumValue(*subject.whole, name, new, beside, exists)


def create_domain(subject: Subject) -> Iterator[Operation]:
    """Read a `CreateDomainStmt`."""
    node = subject.node
    kinds = {one.choice("contype") for one in node.children("constraints")}
    checks = bool(kinds & {"CONSTR_CHECK", "CONSTR_NOTNULL"})
    yield CreateDomain(*subject.whole, TableName.of(node.names("domainname")), checks)


def create_function(subject: Subject) -> Iterator[Operation]:
    """Read a `CreateFunctionStmt`."""
    node = subject.node
    name = TableName.of(node.names("funcname"))
    language = ""
    for option in node.children("options"):
        value = option.child("arg")
        if option.text("defname") == "language" and value is not None and value.kind == "String":
            language = value.text("sval").lower()
    yield CreateFunction(
        *subject.whole,
        object="procedure" if node.flag("is_procedure") else "function",
        name=name,
        signature=f"{name.sql}({', '.join(_argument_types(subject))})",
        language=language or "sql",
        or_replace=node.flag("replace"),
    )


def _argument_types(subject: Subject) -> Iterator[str]:
    """Yield the types that identify a function; results (`OUT`, `TABLE`) do not."""
    for parameter in subject.node.children("parameters"):
        if parameter.choice("mode") in ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"):
            continue
        argument = parameter.child("arg_type")
        if argument is not None and argument.start >= 0:
            yield subject.text[argument.start : subject.clauses.type_end(argument.start)]


def create_object(subject: Subject) -> Iterator[Operation]:
    """Read the CREATE of anything whose name and kind are all there is to know."""
    word, name, on = _created(subject)
    replaces = "REPLACE" in _leading(subject)
    yield CreateObject(*subject.whole, word, name, on, replaces, "EXISTS" in _leading(subject))


def _leading(subject: Subject) -> list[str]:
    return [token.word for token in subject.clauses.tokens[:8]]


def _created(subject: Subject) -> tuple[str, TableName, TableName | None]:
    node = subject.node
    match node.kind:
        case "ViewStmt":
            return "view", table_of(node.child("view")), None
        case "CreateTableAsStmt":
            into = node.child("into")
            return "materialized view", table_of(into.child("rel") if into else None), None
        case "CreateTrigStmt":
            return "trigger", TableName(None, node.text("trigname")), subject.table
        case "CreatePolicyStmt":
            return "policy", TableName(None, node.text("policy_name")), table_of(node.child("table"))
        case "RuleStmt":
            return "rule", TableName(None, node.text("rulename")), subject.table
        case _:
            return _created_by_name(node)


def _created_by_name(node: SqlNode) -> tuple[str, TableName, TableName | None]:
    match node.kind:
        case "CreateSchemaStmt":
            name = node.text("schemaname")
        case "CreateExtensionStmt":
            name = node.text("extname")
        case "CreatedbStmt":
            name = node.text("dbname")
        case "CreateRoleStmt":
            name = node.text("role")
        case "CreateSeqStmt":
            return "sequence", table_of(node.child("sequence")), None
        case "CompositeTypeStmt":
            return "type", table_of(node.child("typevar")), None
        case "CreateRangeStmt":
            return "type", TableName.of(node.names("type_name")), None
        case _:
            return object_word(node.choice("kind")), TableName.of(node.names("defnames")), None
    words = {"CreateSchemaStmt": "schema", "CreateExtensionStmt": "extension", "CreatedbStmt": "database"}
    return words.get(node.kind, "role"), TableName(None, name), None


_DOMAIN_ACTIONS: Final = {
    "C": "add constraint",
    "O": "set not null",
    "N": "drop not null",
    "V": "validate constraint",
    "X": "drop constraint",
}


def alter_object(subject: Subject) -> Iterator[Operation]:
    """Read the ALTER of an object whose kind is told by its leading words."""
    word = subject.kind.removeprefix("ALTER ").lower()
    node = subject.node
    if node.kind == "AlterDomainStmt":
        action = _DOMAIN_ACTIONS.get(node.text("subtype"), "")
        added = node.child("def")
        if added is not None and added.flag("skip_validation"):
            action += " not valid"
        yield AlterObject(*subject.whole, word, TableName.of(node.names("type_name")), action)
    elif node.kind == "AlterPolicyStmt":
        name = TableName(None, node.text("policy_name"))
        yield AlterObject(*subject.whole, word, name, "")
    else:
        yield AlterObject(*subject.whole, word, TableName(None, ""), "")


def drop_database(subject: Subject) -> Iterator[Operation]:
    """Read a `DropdbStmt`."""
    node = subject.node
    name = TableName(None, node.text("dbname"))
    yield DropObject(*subject.whole, "database", name, None, node.flag("missing_ok"), cascade=True)


def comment(subject: Subject) -> Iterator[Operation]:
    """Read a `CommentStmt`."""
    yield Comment(*subject.whole, object_word(subject.node.choice("objtype")))


def grant(subject: Subject) -> Iterator[Operation]:
    """Read a `GrantStmt` or `GrantRoleStmt`."""
    yield Grant(*subject.whole, subject.node.flag("is_grant"))
