"""Coroutines that run on the stack of whoever has their answer, and as a task only once they need one.

A mail waits three times: for the next hop's answers to RCPT, to DATA, and to the final dot. As tasks woken through
the event loop these waits cost 60,000 instructions a mail, a tenth of all that is not judging. An :class:`Errand` is
begun at once; where it waits for a :class:`Later` it goes on at the very moment the answer is there, in the same turn
of the loop. As soon as it waits for anything else (a new connection, a judge, the store) the rest of it is an
ordinary task.

What needs to be in a task before it waits for anything (``asyncio.timeout``) says ``await in_a_task()`` first: in a
task that is one turn of the loop, and without it there is a RuntimeError, never a silent fault.
"""

from __future__ import annotations

import asyncio
import inspect
import types
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from contextvars import Context

T = TypeVar("T")

in_a_task = asyncio.sleep
"""``await in_a_task(0)``: what follows may use what only works in a task."""


class Later:
    """An answer that comes later, again and again: whoever waits for it first calls :meth:`expect`.

    To an errand it is a call on the same stack. To a task it behaves like a future, as far as tasks ask. One for each
    connection, because to make a future costs 4,700 instructions and to expect anew 300.
    """

    __slots__ = ("_asyncio_future_blocking", "_error", "_is_here", "_loop", "_wakes", "step")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._asyncio_future_blocking = True
        self._is_here = True
        self._error: BaseException | None = None
        self._wakes: list[tuple[Callable[[Later], object], Context | None]] = []
        self.step: Callable[[BaseException | None], None] | None = None

    @property
    def is_expected(self) -> bool:
        """True from :meth:`expect` to :meth:`is_here`."""
        return not self._is_here

    def expect(self) -> Later:
        """Begin to wait; await what this returns."""
        self._is_here = False
        self._error = None
        return self

    def __await__(self) -> Generator[Later, None, None]:
        """Wait, without a generator (2,000 instructions): whoever carries the coroutine on throws the error in."""
        if self._is_here:
            self.result()
            return cast("Generator[Later, None, None]", iter(()))
        self._asyncio_future_blocking = True  # a task wants to be told that this is no mistake
        return cast("Generator[Later, None, None]", iter((self,)))

    def is_here(self, error: BaseException | None = None) -> None:
        """Let whoever waits go on, before this returns if it is an errand. Nothing happens the second time."""
        if self._is_here:
            return
        self._is_here = True
        self._error = error
        step, self.step = self.step, None
        if step is not None:
            step(error)
        elif self._wakes:
            wakes, self._wakes = self._wakes, []
            for wake, context in wakes:
                self._loop.call_soon(wake, self, context=context)

    # what a task asks of a future

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, wake: Callable[[Later], object], *, context: Context | None = None) -> None:
        self._wakes.append((wake, context))

    def result(self) -> None:
        if self._error is not None:
            raise self._error
        if not self._is_here:
            raise asyncio.CancelledError

    def cancel(self, msg: object = None) -> bool:
        """Let the task that waits be cancelled."""
        if self._is_here:
            return False
        self.is_here(asyncio.CancelledError())
        return True


class Errand(Generic[T]):
    """A coroutine that has begun. ``then`` is called with it when it ends, unless it is ``done`` when it is made."""

    __slots__ = ("_coroutine", "_later", "_loop", "_task", "done", "error", "then", "value")

    value: T
    """What it came to, once it is ``done`` and ``error`` is None."""

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> None:
        self._loop = loop
        self._coroutine = coroutine
        self._later: Later | None = None
        self._task: asyncio.Task[T] | None = None
        self.done = False
        self.error: BaseException | None = None
        self.then: Callable[[Errand[T]], None] | None = None
        self._go_on()

    @property
    def is_cancelled(self) -> bool:
        return isinstance(self.error, asyncio.CancelledError)

    def cancel(self) -> None:
        """Have CancelledError raised where it waits. To clean up it may wait again: ``then`` says when it has ended."""
        if self._task is None and self._later is not None:
            self._later.step = None
            self._go_on(asyncio.CancelledError())
        elif self._task is not None:
            self._task.cancel()

    def _go_on(self, error: BaseException | None = None) -> None:
        coroutine = self._coroutine
        try:
            waited = coroutine.send(None) if error is None else coroutine.throw(error)
        except StopIteration as end:
            self.value = end.value
        except (KeyboardInterrupt, SystemExit) as broken:
            self._end(broken)
            raise
        except BaseException as broken:  # CancelledError too: whoever began this asks for it
            self.error = broken
        else:
            if waited.__class__ is Later:
                self._later = waited
                waited.step = self._go_on
            else:
                self._later = None
                self._task = self._loop.create_task(_the_rest(coroutine, waited))
                self._task.add_done_callback(self._task_ended)
            return
        self.done, self._later = True, None  # as _end, of which the call takes 1,000 instructions
        if self.then is not None:
            self.then(self)

    def _end(self, error: BaseException | None) -> None:
        self.done, self.error, self._later = True, error, None
        if self.then is not None:
            self.then(self)

    def _task_ended(self, task: asyncio.Task[T]) -> None:
        self._task = None
        if task.cancelled() and inspect.getcoroutinestate(self._coroutine) == inspect.CORO_SUSPENDED:
            self._go_on(asyncio.CancelledError())  # the task had not begun, but the coroutine has
        elif task.cancelled():
            self._end(asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            self._end(error)
        else:
            self.value = task.result()
            self._end(None)


async def of(awaitable: Awaitable[T]) -> T:
    """Make a coroutine of anything that can be awaited."""
    return await awaitable


async def _the_rest(coroutine: Coroutine[Any, Any, T], waited: object) -> T:
    return await _carried_on(coroutine, waited)


@types.coroutine
def _carried_on(coroutine: Coroutine[Any, Any, T], waited: object) -> Generator[Any, Any, T]:
    """Go on with a coroutine that has begun elsewhere: wait for what it waits for, and so on to its end."""
    while True:
        try:
            sent = yield waited
        except BaseException as error:  # passed on, whatever it is
            broken: BaseException | None = error
        else:
            broken = None
        try:
            waited = coroutine.send(sent) if broken is None else coroutine.throw(broken)
        except StopIteration as end:
            value: T = end.value
            return value
