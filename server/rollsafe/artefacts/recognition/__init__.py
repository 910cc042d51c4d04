"""What the steps of a pipeline are for: deploying, migrating, testing, verifying, rolling back.

Shared by every kind of pipeline file. Commands and actions are looked up in tables; what depends on
the surrounding job is reported as a requirement and left to the caller.
"""

from rollsafe.artefacts.recognition.actions import classify_action, command_input, is_known_action
from rollsafe.artefacts.recognition.commands import classify, tool_of
from rollsafe.artefacts.recognition.databases import (
    is_database_image,
    is_test_database,
    is_test_environment,
)
from rollsafe.artefacts.recognition.indirections import Indirection, called
from rollsafe.artefacts.recognition.named import (
    is_deploy_workflow,
    is_gate_name,
    role_of_name,
    words_of,
)
from rollsafe.artefacts.recognition.production import (
    EnvironmentKind,
    Hint,
    Production,
    Signal,
    command_hints,
    environment_of,
    judge,
    name_environment,
    selection_hints,
)
from rollsafe.artefacts.recognition.references import (
    Reference,
    ReferenceKind,
    joined,
    references,
    references_of,
)
from rollsafe.artefacts.recognition.roles import (
    CLUSTER_TOOLS,
    Classification,
    Mark,
    Role,
    roles_of,
)
from rollsafe.artefacts.recognition.scripts import Script, read_script

__all__ = [
    "CLUSTER_TOOLS",
    "Classification",
    "EnvironmentKind",
    "Hint",
    "Indirection",
    "Mark",
    "Production",
    "Reference",
    "ReferenceKind",
    "Role",
    "Script",
    "Signal",
    "called",
    "classify",
    "classify_action",
    "command_hints",
    "command_input",
    "environment_of",
    "is_database_image",
    "is_deploy_workflow",
    "is_gate_name",
    "is_known_action",
    "is_test_database",
    "is_test_environment",
    "joined",
    "judge",
    "name_environment",
    "read_script",
    "references",
    "references_of",
    "role_of_name",
    "roles_of",
    "selection_hints",
    "tool_of",
    "words_of",
]
