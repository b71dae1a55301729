"""The version, read by the build and by ``pansentry --version``."""

__version__ = "0.1.0"
