"""Who stands on the two sides of an interface, and which side is deployed first when it changes."""

from rollsafe.workspace.interfaces.homes import Home, callers_of, home_of
from rollsafe.workspace.interfaces.order import (
    First,
    advice,
    first_of,
    first_of_avro,
    first_of_proto,
    first_of_schema,
    listed,
)
from rollsafe.workspace.interfaces.sides import (
    Party,
    Sides,
    route_of,
    sides_of,
    sides_of_calls,
    sides_of_schema,
    type_of,
)

__all__ = [
    "First",
    "Home",
    "Party",
    "Sides",
    "advice",
    "callers_of",
    "first_of",
    "first_of_avro",
    "first_of_proto",
    "first_of_schema",
    "home_of",
    "listed",
    "route_of",
    "sides_of",
    "sides_of_calls",
    "sides_of_schema",
    "type_of",
]
