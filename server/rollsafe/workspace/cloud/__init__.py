"""Queues, topics, rules, functions and alarms that templates of CloudFormation and SAM define."""

from rollsafe.workspace.cloud.messaging import Alarm, Feed, Function, Messaging, Queue, Schedule, messaging_of
from rollsafe.workspace.cloud.templates import Resource, reference_of, resources_of

__all__ = [
    "Alarm",
    "Feed",
    "Function",
    "Messaging",
    "Queue",
    "Resource",
    "Schedule",
    "messaging_of",
    "reference_of",
    "resources_of",
]
