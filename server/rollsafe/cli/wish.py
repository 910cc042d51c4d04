"""Whether the user wants a model to be asked: by the command line, or by their own settings. Asks nobody."""

import os

from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import CheckOptions
from rollsafe.review.settings import ReviewSettings, review_settings
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.settings import ConfigurationError
from rollsafe.workspace.user_settings import UserReview, is_inside, load_user_settings, user_settings_file


class Wish(NamedTuple):
    """How a model is asked; `standing` is the user's standing order, None when asked for in this run."""

    settings: ReviewSettings
    standing: UserReview | None

    def covers(self, root: str) -> bool:
        """Say whether the wish is about the project at `root`.

        A standing order is for trusted projects, and none that could have written it themselves.
        """
        if self.standing is None:
            return True
        return self.standing.trusts(root) and not is_inside(user_settings_file(), root)


def wish_of(options: CheckOptions) -> Wish | None:
    """Return the user's wish for a review; None without one.

    Raises:
        CommandError: the user's settings cannot be read, or `--ai` was given and there is no key.
    """
    asked = options.reviewing
    lists = not (options.statistics or options.fixing.diff or options.filters.update_baseline)
    if asked.ask is False or not (lists and options.is_check):
        return None
    user = _user_settings(options)
    if asked.ask is None and not user.enabled:
        return None
    settings = review_settings(user, asked.model)
    if asked.dry_run:
        settings = replace(settings, dry_run=os.path.abspath(asked.dry_run))
    is_dry = asked.dry_run is not None or settings.dry_run
    if asked.ask and not is_dry and not os.environ.get(settings.api_key_env, "").strip():
        raise CommandError(f"--ai: the environment variable {settings.api_key_env} holds no key")
    return Wish(settings, None if asked.ask else user)


def asked_now(model: str | None, dry_run: str | None) -> ReviewSettings:
    """Return how a model is asked for once, because the command line says so.

    Raises:
        CommandError: the user's settings cannot be read, or there is no key.
    """
    settings = review_settings(_own_settings(), model)
    if dry_run:
        settings = replace(settings, dry_run=os.path.abspath(dry_run))
    if not settings.dry_run and not os.environ.get(settings.api_key_env, "").strip():
        raise CommandError(f"--ai: the environment variable {settings.api_key_env} holds no key")
    return settings


def _user_settings(options: CheckOptions) -> UserReview:
    return UserReview() if options.overrides.isolated else _own_settings()


def _own_settings() -> UserReview:
    if not os.path.lexists(user_settings_file()):
        return UserReview()
    try:
        return load_user_settings().ai
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
