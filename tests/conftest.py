"""Settings of the whole suite: properties are tried on the same examples each time, without a clock.

``HYPOTHESIS_PROFILE=random scripts/test tests/laws`` looks for new examples; what it finds becomes an ``@example``.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
