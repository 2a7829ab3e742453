"""A loopback proxy before a broker's listener, which can cut, swallow, delay, and close one half of what goes through it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self

_PIECE = 1 << 16


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`, as `mode` says.

    pass; delay: every piece 0.3 s late; refuse: nobody is let in; tear: half of a piece, then a reset.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.mode = "pass"
        self._hearing = asyncio.Event()
        self._hearing.set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def swallow(self) -> None:
        """Let nothing through until `hear`; nothing is closed."""
        self._hearing.clear()

    def hear(self) -> None:
        """Let through again, what was swallowed first."""
        self._hearing.set()

    def cut(self) -> None:
        """Reset every connection."""
        self._each(lambda writer: writer.transport.abort())

    def half_close(self, *, from_broker: bool) -> None:
        """Send the end of the stream one way, and go on forwarding the other."""
        for client, broker in list(self._pairs):
            with contextlib.suppress(OSError, RuntimeError):
                (client if from_broker else broker).write_eof()

    def _each(self, act: Callable[[asyncio.StreamWriter], object]) -> None:
        for pair in list(self._pairs):
            for writer in pair:
                with contextlib.suppress(OSError, RuntimeError):
                    act(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.mode == "refuse":
            writer.transport.abort()
            return
        try:
            broker_reader, broker = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = writer, broker
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._forward(reader, broker), self._forward(broker_reader, writer))
        finally:
            self._pairs.discard(pair)
            for each in pair:
                each.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while piece := await reader.read(_PIECE):
                if self.mode == "delay":
                    await asyncio.sleep(0.3)
                await self._hearing.wait()
                if self.mode == "tear":
                    writer.write(piece[: len(piece) // 2])
                    await writer.drain()
                    writer.transport.abort()
                    return
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
