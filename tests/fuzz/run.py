"""Run one fuzz target under atheris: ``python -m tests.fuzz.run TARGET SECONDS``.

A target is a module ``fuzz_NAME.py`` with ``check(data: bytes) -> None`` and, if it wants, ``MAX_LEN``. Seeds are in
``seeds/NAME``; for whole messages the golden corpus, for documents one of each trick of ``tests/documents``. What is
found is written to ``crashes/NAME`` and is then a regression case for ``test_replay.py``. An input that takes longer
than the target's ``TIMEOUT_S`` (2 seconds if it has none) counts as found.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"


def targets() -> tuple[str, ...]:
    """Return the names of all targets."""
    return tuple(sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py")))


def _write_documents(folder: Path) -> None:
    """Write one document for each trick of ``tests/documents``."""
    import random

    from tests.documents.measure import FAMILIES

    makers = [make for tricks, _ in FAMILIES.values() for make in tricks.values()]
    for number, make in enumerate(makers):
        (folder / f"{number:03d}").write_bytes(make("4111111111111111", random.Random(number)))


def main() -> None:
    import atheris

    name, seconds = sys.argv[1], sys.argv[2]
    with atheris.instrument_imports(include=["pansentry"]):
        target = importlib.import_module(f"tests.fuzz.fuzz_{name}")
        target.check(b"")  # what is imported on first use is imported now, instrumented and outside the clock
        from pansentry import pan
        from pansentry.views import signs

        pan.warm_up()  # and what is compiled on first use
        signs.warm_up()
    crashes = HERE / "crashes" / name
    crashes.mkdir(parents=True, exist_ok=True)
    corpora = [str(HERE / "seeds" / name)] if (HERE / "seeds" / name).is_dir() else []
    with tempfile.TemporaryDirectory() as found:
        flat = Path(found) / "golden"
        flat.mkdir()
        if name in ("tree", "blind", "message"):
            for number, path in enumerate(sorted(GOLDEN.glob("*/*/in.eml"))):
                (flat / f"{number:03d}").write_bytes(path.read_bytes())
        if name == "documents":
            _write_documents(flat)
        (Path(found) / "new").mkdir()
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={getattr(target, 'MAX_LEN', 4096)}",
            f"-timeout={getattr(target, 'TIMEOUT_S', 2)}",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-verbosity=1",
            f"-artifact_prefix={crashes}/",
        ]
        atheris.Setup([sys.argv[0], *options, str(Path(found) / "new"), str(flat), *corpora], target.check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
