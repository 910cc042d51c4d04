"""Names that say what identifies, groups, orders or versions a message, and where those go that failed."""

import re
from typing import Final

_JOINTS = re.compile(r"[^a-z0-9]+")
_IDENTITIES: Final = frozenset(
    {
        *("id", "messageid", "eventid", "idempotencykey", "idempotencyid", "ceid", "dedupid", "uuid", "guid"),
        *("deduplicationid", "messagededuplicationid", "dedupekey", "deduplicationkey", "msgid", "uid"),
        *("transactionid", "requestid", "notificationid", "commandid", "jobid", "deliveryid", "recordid"),
        *(
            "sequence",
            "sequencenumber",
            "seq",
            "seqno",
            "offset",
            "nonce",
            "idempotency",
            "reqid",
            "xmessageid",
        ),
        *("xeventid", "xidempotencykey", "xrequestid", "natsmsgid", "traceid", "eventuuid", "messageuuid"),
    }
)
"""What tells a message from another, and a second delivery from the first; joints and case left out."""
_CORRELATIONS: Final = frozenset(
    {
        *("correlationid", "xcorrelationid", "correlationkey", "traceparent", "tracestate", "traceid"),
        *(
            "xtraceid",
            "xrequestid",
            "requestid",
            "conversationid",
            "causationid",
            "reqid",
            "b3",
            "xb3traceid",
        ),
        *("jmscorrelationid", "replyid", "inreplyto", "processid", "sagaid", "workflowid", "sessionid"),
        *("correlation", "cecorrelationid", "cetraceparent", "amznrequestid", "xamzntraceid"),
    }
)
"""What says to which request or flow a message belongs."""
_VERSIONS: Final = frozenset(
    {
        *("version", "schemaversion", "eventversion", "messageversion", "payloadversion", "dataschema"),
        *(
            "specversion",
            "schemaid",
            "xversion",
            "xschemaversion",
            "ceschemaversion",
            "cedataschema",
            "schema",
        ),
        *("dataversion", "contractversion", "apiversion", "modelversion", "eventtypeversion", "schemaurl"),
    }
)
"""What says in which version of its schema a message is."""
_GROUPS: Final = frozenset(
    {
        *("messagegroupid", "partitionkey", "orderingkey", "groupid", "shardkey", "routingkey", "key"),
        *(
            "messagekey",
            "recordkey",
            "kafkakey",
            "xpartitionkey",
            "cepartitionkey",
            "jmsxgroupid",
            "sessionid",
        ),
        *("sequence", "sequencenumber", "seq", "seqno", "aggregateversion", "revision"),
    }
)
"""What keeps messages about one thing in order, or lets a reader put them in order."""
_DEAD = re.compile(
    r"(?<![a-z])(?:dlq|dlt|dlx|dead[\W_]?letters?(?:[\W_]?(?:queue|topic))?|dead|poison|parking[\W_]?lot"
    r"|quarantine|undelivered|undeliverable|failures?|failed|errors?)(?![a-z])",
    re.I,
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def identifies(name: str) -> bool:
    """Say whether a header or field of this name tells a message from another."""
    return _folded(name) in _IDENTITIES


def correlates(name: str) -> bool:
    """Say whether a header or field of this name says what a message belongs to."""
    return _folded(name) in _CORRELATIONS


def tells_version(name: str) -> bool:
    """Say whether a header or field of this name says the version of a message."""
    return _folded(name) in _VERSIONS


def orders(name: str) -> bool:
    """Say whether a header or field of this name keeps messages in order."""
    return _folded(name) in _GROUPS


def is_for_dead_letters(name: str) -> bool:
    """Say whether a queue, topic or channel is by its name for messages that failed."""
    return _DEAD.search(_HUMPS.sub("-", name)) is not None


def _folded(name: str) -> str:
    return _JOINTS.sub("", name.lower())
