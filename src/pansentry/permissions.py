"""Who may do what: three roles, one table. The command line asks it, and so does every other way in.

In: the role of a person (:mod:`pansentry.store.people`) and what they want to do. Out: yes or no. A role has what the
ones above it in the table have.
"""

from __future__ import annotations

import enum

from pansentry.errors import PanSentryError


class Role(enum.StrEnum):
    """What a person is to the gateway, least first."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Task(enum.StrEnum):
    """What can be asked for."""

    SEE_MESSAGES = "see what happened to mail"
    SEE_REPORTS = "see reports"
    SEE_HEALTH = "see how the gateway is"
    SEE_LETTERS = "see letters"
    SEE_HELD = "see held mail"
    SEE_POLICY = "see policies"
    SEE_AUDIT = "see the audit log"
    RELEASE_HELD = "release held mail"
    PURGE_HELD = "delete held mail"
    SEND_TEST = "send a test mail"
    SEND_DIGEST = "send the list of held mail"
    PROPOSE_POLICY = "propose a change of policy"
    CHANGE_POLICY = "change policies"
    CHANGE_PEOPLE = "change roles"


PERMISSIONS = {
    # role: what it adds to the roles above
    Role.VIEWER: (
        Task.SEE_MESSAGES,
        Task.SEE_REPORTS,
        Task.SEE_HEALTH,
        Task.SEE_LETTERS,
        Task.SEE_HELD,
        Task.SEE_POLICY,
    ),
    Role.OPERATOR: (
        Task.SEE_AUDIT,
        Task.RELEASE_HELD,
        Task.PURGE_HELD,
        Task.SEND_TEST,
        Task.SEND_DIGEST,
        Task.PROPOSE_POLICY,
    ),
    Role.ADMIN: (Task.CHANGE_POLICY, Task.CHANGE_PEOPLE),
}


class NotPermittedError(PanSentryError):
    """Somebody asked for what their role does not allow."""


def is_permitted(role: Role, task: Task) -> bool:
    """Tell whether ``role`` may do ``task``."""
    return any(task in PERMISSIONS[one] for one in list(Role)[: list(Role).index(role) + 1])


def least_role(task: Task) -> Role:
    """Return the least role that may do ``task``."""
    return next(role for role in Role if is_permitted(role, task))
