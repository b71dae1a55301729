"""The shipped default policy as a value, so that a first scan needs neither files nor pydantic.

It equals ``policies/default.yaml``; a test keeps the two the same.
"""

from __future__ import annotations

from pansentry.outcome import Action
from pansentry.policy.policy import Policy, PolicySet, Rule, When

_DEFAULT = Policy(
    name="default",
    rules=(
        Rule(
            "built-to-deceive",
            Action.REFUSE,
            When(unreadable=("limit:*",)),
            letter="",
            text="The message is built in a way that cannot be read safely",
        ),
        Rule("try-later", Action.TEMPFAIL, When(unreadable=("timeout", "crash")), letter=""),
        Rule("card-data", Action.REDACT, When(found=True)),
        Rule("could-not-read", Action.DELIVER, When(unreadable=("any",)), tags=("unscanned",)),
        Rule("clean", Action.DELIVER),
    ),
)


def default_policy() -> Policy:
    """Return the policy that holds when nobody wrote one."""
    return _DEFAULT


def default_policies() -> PolicySet:
    """Return a set of just the default policy, for everyone."""
    return PolicySet((_DEFAULT,), _DEFAULT)
