"""The admin's policy: what is found, what is taken out, for whom, and what happens then.

The values and the decision import nothing heavy. Reading files (:func:`load_policies` and friends in :mod:`.loading`)
loads YAML and pydantic, and is imported on use.
"""

from pansentry.policy.decision import decide, decide_on_nothing, replies, trace
from pansentry.policy.defaults import default_policies, default_policy
from pansentry.policy.facts import Facts, Sighting
from pansentry.policy.policy import Policy, PolicySet, ReplyTerms, Rule, When
from pansentry.truncation import Style

__all__ = [
    "Facts",
    "Policy",
    "PolicySet",
    "ReplyTerms",
    "Rule",
    "Sighting",
    "Style",
    "When",
    "decide",
    "decide_on_nothing",
    "default_policies",
    "default_policy",
    "replies",
    "trace",
]
