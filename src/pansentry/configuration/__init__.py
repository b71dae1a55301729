"""``pansentry.yaml``: its model, strict loading with line and column, environment, origins.

The YAML reader and the wording of errors (:mod:`.documents`, :mod:`.explain`, :mod:`.fields`) are shared with the
policies. Importing this package loads pydantic; the detection API does not import it.
"""

from pansentry.configuration.load import Setting, load, load_with_origins, parse, without_secret
from pansentry.configuration.model import Business, Certificate, Configuration, Dkim, Listener, Resolver

__all__ = [
    "Business",
    "Certificate",
    "Configuration",
    "Dkim",
    "Listener",
    "Resolver",
    "Setting",
    "load",
    "load_with_origins",
    "parse",
    "without_secret",
]
