"""Which agents of files a user lets take part: by `--trust`, or by their own settings."""

from rollsafe.cli.failures import CommandError
from rollsafe.engine.roster import Consent
from rollsafe.workspace.settings import ConfigurationError
from rollsafe.workspace.user_settings import UserAgents, own_user_settings


def consent_for(root: str, *, trusted: bool, isolated: bool = False) -> Consent:
    """Return what the user agreed to for the project at `root`; `trusted` is what the command line says.

    Raises:
        CommandError: the user's settings cannot be read.
    """
    own = UserAgents() if isolated else _own(root)
    return Consent(project=trusted or own.trusts(root), own_sources=own.sources)


def _own(root: str) -> UserAgents:
    try:
        return own_user_settings(root).agents
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
