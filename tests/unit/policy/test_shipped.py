"""The shipped policies: valid, equal to the built-in default, quick to load and to decide by."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.growth import calls

from pansentry.policy import Facts, Sighting, decide, default_policy
from pansentry.policy.loading import load_policies, parse_policies, schema

POLICIES = Path(__file__).parents[3] / "policies"


def test_the_shipped_folder_loads_and_default_is_the_built_in_one() -> None:
    """`policies/default.yaml` says exactly what the code does without any file."""
    policies = load_policies(POLICIES)
    assert policies.fallback == default_policy()
    assert sorted(p.name for p in policies.policies) == ["default", "observe", "strict"]


def test_the_shipped_schema_is_current() -> None:
    """`policies/policy.schema.json` is what `policy schema` prints."""
    assert json.loads((POLICIES / "policy.schema.json").read_text()) == schema()


def test_detection_by_default_needs_neither_yaml_nor_pydantic() -> None:
    """Importing the policy room and its default stays light."""
    code = (
        "import sys; from pansentry.policy import default_policy; default_policy().detect_options(); "
        "print([m for m in ('pydantic', 'ruamel.yaml', 'jinja2') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_long_policy_loads_in_line_with_its_length_and_decides_in_three_calls_a_rule() -> None:
    """A thousand rules cost no message any time worth naming; calls are counted, which no busy machine makes more."""
    rule = "  - name: r{0}\n    when:\n      kind: pan\n      sender: x{0}@a.eu\n    then: redact\n    notice: none\n"
    short, long = (
        {"big.yaml": ("name: big\napplies_to: everyone\nrules:\n" + "".join(map(rule.format, range(count)))).encode()}
        for count in (50, 500)
    )
    assert calls(parse_policies, long) <= 11 * calls(parse_policies, short)
    policy = parse_policies(long).fallback
    facts = Facts(sightings=(Sighting("pan", 0.9, "body:1"),), sender="nobody@b.eu")
    assert decide(facts, policy).rule == "big/no-rule"
    assert calls(decide, facts, policy) <= 3 * 500 + 100
