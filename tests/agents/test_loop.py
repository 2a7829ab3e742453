"""A TLS connection closes although the other side says nothing more."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from agents import loop


@pytest.fixture
def silent() -> Iterator[tuple[int, ssl.SSLContext]]:
    """A server that shakes hands and then neither reads nor answers; its port, and a context that trusts it."""
    authority, server, client = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _ = listening.accept()
            with server.wrap_socket(accepted, server_side=True):
                done.wait(60)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], client
        done.set()
        thread.join()


@pytest.mark.parametrize("fast", [True, False])
def test_closing_does_not_wait_for_the_other_side(*, fast: bool, silent: tuple[int, ssl.SSLContext]):
    port, context = silent

    async def work() -> None:
        running = asyncio.get_running_loop()
        lost = running.create_future()

        class Protocol(asyncio.Protocol):
            def connection_lost(self, error: Exception | None) -> None:
                lost.set_result(error)

        transport, _ = await running.create_connection(Protocol, "127.0.0.1", port, ssl=context)
        transport.close()
        async with asyncio.timeout(15):  # by default both loops wait for 30 s
            await lost

    new = loop.new(fast=fast)
    try:
        new.run_until_complete(work())
    finally:
        new.close()
