"""One document, with everything inside it: what card data it shows, and the document without.

Pure and synchronous; it runs in a worker process (``workers/``), because what it opens may be hostile.
"""

from pansentry.examination.driver import examine
from pansentry.examination.model import DEFAULT_EXAMINATION, Examination, Examined, Sight

__all__ = ["DEFAULT_EXAMINATION", "Examination", "Examined", "Sight", "examine"]
