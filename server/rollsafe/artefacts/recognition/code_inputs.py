"""Inputs of actions that are run as code: `${{ … }}` in them is code as it is in a `run:`."""

from typing import Final

_INPUTS: Final = {
    "8398a7/action-slack": ("custom_payload",),
    "actions/github-script": ("script",),
    "addnab/docker-run-action": ("options", "run"),
    "amadevus/pwsh-script": ("script",),
    "appleboy/ssh-action": ("script",),
    "azure/cli": ("inlineScript",),
    "azure/powershell": ("inlineScript",),
    "cardinalby/js-eval-action": ("expression",),
    "devorbitus/yq-action-output": ("cmd",),
    "gautamkrishnar/blog-post-workflow": ("item_exec",),
    "imjohnbo/issue-bot": (
        "body",
        "linked-comments-previous-issue-text",
        "linked-comments-new-issue-text",
    ),
    "jannekem/run-python-script-action": ("script",),
    "lucasbento/auto-close-issues": ("issue-close-message",),
    "mikefarah/yq": ("cmd",),
    "nick-fields/retry": ("command",),
    "nick-invision/retry": ("command",),
    "roots/issue-closer-action": ("issue-close-message", "pr-close-message"),
    "sergeysova/jq-action": ("cmd",),
    "skitionek/notify-microsoft-teams": ("overwrite",),
    "tibdex/backport": ("body_template", "head_template", "labels_template", "title_template"),
}
_JAVASCRIPT: Final = frozenset({"actions/github-script", "cardinalby/js-eval-action"})


def code_inputs(uses: str) -> tuple[str, ...]:
    """Return the inputs of an action, as `uses:` names it, that hold code."""
    return _INPUTS.get(uses.partition("@")[0].lower(), ())


def takes_javascript(uses: str) -> bool:
    """Say whether the code an action takes is JavaScript that sees `process.env`."""
    return uses.partition("@")[0].lower() in _JAVASCRIPT
