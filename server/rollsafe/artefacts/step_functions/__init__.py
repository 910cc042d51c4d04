"""State machines of AWS Step Functions; `recognise` is the way in."""

from rollsafe.artefacts.step_functions.faults import Fault, FaultKind
from rollsafe.artefacts.step_functions.machine import StateMachine
from rollsafe.artefacts.step_functions.recognition import StateMachineFile, recognise
from rollsafe.artefacts.step_functions.state import (
    Catcher,
    Integration,
    LambdaFunction,
    Retrier,
    Scope,
    State,
    Transition,
)

__all__ = [
    "Catcher",
    "Fault",
    "FaultKind",
    "Integration",
    "LambdaFunction",
    "Retrier",
    "Scope",
    "State",
    "StateMachine",
    "StateMachineFile",
    "Transition",
    "recognise",
]
