"""Templates of CloudFormation, SAM and the Serverless Framework: what moves messages between their parts."""

from rollsafe.artefacts.cloud.queues import Consumer, Function, Queue
from rollsafe.artefacts.cloud.recognition import recognise, templates_in
from rollsafe.artefacts.cloud.resources import Resource, reference_of, resources_in
from rollsafe.artefacts.cloud.template import CloudTemplate, Delivery

__all__ = [
    "CloudTemplate",
    "Consumer",
    "Delivery",
    "Function",
    "Queue",
    "Resource",
    "recognise",
    "reference_of",
    "resources_in",
    "templates_in",
]
