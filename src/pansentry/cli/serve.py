"""``pansentry serve``: run the gateway."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import signal
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.process import Bound, Standing


@click.command()
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration file (pansentry.yaml).",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that share the port.")
def command(path: Path | None, workers: int | None) -> None:
    """Run the gateway until SIGTERM. SIGHUP reads policies, letters and certificates again.

    \b
    Examples:
      pansentry serve -c /etc/pansentry/pansentry.yaml
      PANSENTRY_NEXT_HOP=smtp://mail.example:25 pansentry serve --workers 2
    """
    from pansentry.configuration import load

    configuration = load(path, os.environ)
    count = workers or configuration.workers
    if count == 1:
        _run(configuration)
    else:
        _supervise(configuration, count)


def _run(configuration: Configuration, bound: Bound | None = None) -> None:
    """Run one gateway; on sockets of our parent, who has given up its rights for us too, or on our own."""
    from pansentry import logs, pan, process
    from pansentry.workers import heap

    early: list[int] = []  # a reload that is asked for while we start would end us otherwise
    signal.signal(signal.SIGHUP, lambda number, _frame: early.append(number))
    heap.use_few_arenas()
    gc.disable()  # until the gateway listens: nothing of what is made until then is garbage
    log = logs.configure(configuration.log.level, configuration.log.format)
    if bound is None:
        bound = process.bind_all(one.address for one in configuration.listen)
        standing = _restrict(configuration)
    else:
        standing = process.standing(memory_locked=configuration.lock_memory)
    log("process", **asdict(standing))
    # compiling runs without the interpreter's lock, so it costs no time beside the imports and the letters
    Thread(target=pan.warm_up, daemon=True).start()
    from pansentry import pipeline

    Thread(target=pipeline.warm_up, daemon=True).start()
    from pansentry.readiness import lay_groundwork

    ground = lay_groundwork(configuration, log)
    from pansentry.gateway import serve  # what it imports is no business of the nursery, which is forked by now
    from pansentry.smtp.event_loop import new_event_loop

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(configuration, log, bound, ground, early))


def _restrict(configuration: Configuration) -> Standing:
    from pansentry.process import restrict

    return restrict(user=configuration.user, group=configuration.group, lock_memory=configuration.lock_memory)


def _supervise(configuration: Configuration, count: int) -> None:
    """Fork the workers, pass signals on to them, and end with the first error; a worker that died is started anew.

    Ports are bound here, once for each worker, so that one that is started anew needs no rights that were given up.
    """
    from pansentry import pan
    from pansentry.process import bind_all, close_all

    early: list[int] = []  # a reload that is asked for while we start would end us otherwise
    signal.signal(signal.SIGHUP, lambda number, _frame: early.append(number))
    addresses = [one.address for one in configuration.listen]
    free = [bind_all(addresses, reuse_port=True) for _ in range(count)]
    _restrict(configuration)
    children: dict[int, Bound] = {}
    stopping = False
    compiling = Thread(target=pan.warm_up)
    compiling.start()
    importlib.import_module("pansentry.gateway")
    compiling.join()
    gc.freeze()  # once for all: the workers share the pages

    def fork() -> None:
        bound = free.pop()
        if child := os.fork():
            children[child] = bound
            return
        for other in (*free, *children.values()):
            close_all(other)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        code = 1
        try:
            from pansentry.cli import run_safely

            code = run_safely(lambda: _run(configuration, bound))
        finally:
            os._exit(code)

    def pass_on(number: int, _frame: object) -> None:
        nonlocal stopping
        if number != signal.SIGHUP and not stopping:
            stopping = True
            for bound in (*free, *children.values()):
                close_all(bound)  # or the system would go on taking connections for us
        for child in children:
            os.kill(child, number)

    for _ in range(count):
        fork()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    for reload in early:
        pass_on(reload, None)
    failed = 0
    while children:
        child, status = os.wait()
        free.append(children.pop(child))
        code = os.waitstatus_to_exitcode(status)
        if code > 0 and not stopping:  # it said why; the others would say the same
            failed = code
            pass_on(signal.SIGTERM, None)
        elif code < 0 and not stopping:
            fork()
    if failed:
        raise SystemExit(failed)
