"""A wire to the broker that can be cut in more than one way."""

import selectors
import socket
from contextlib import suppress
from threading import Lock, Thread


class Proxy:
    """Forwards TCP connections to a port of this host, until it is told otherwise."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._silent: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.accept()

    def accept(self) -> None:
        """Take connections again, on the same port."""
        if self._listener is None:
            listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            self.port = listener.getsockname()[1]
            self._listener = listener
            Thread(target=self._listen, args=(listener,), daemon=True).start()

    def refuse(self) -> None:
        """Cut every connection and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        """Forward nothing more on the connections there are, and tell neither end; new ones work.

        As if a firewall had forgotten them.
        """
        with self._lock:
            for pair in self._pairs:
                self._silent.update(pair)

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._pairs.append((client, server))
            Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with selectors.DefaultSelector() as selector, suppress(OSError):
            for end in other:
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    data = end.recv(1 << 16)
                    if end in self._silent:
                        selector.unregister(end)
                        if not selector.get_map():
                            return
                        continue
                    if not data:
                        raise OSError
                    other[end].sendall(data)
        if client not in self._silent:
            client.close()
            server.close()
