"""Hosts in one machine: network namespaces with addresses of their own, on one bridge.

The bridge has a namespace too: where the machine's own interfaces change, a browser on it gives up
what it is loading.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from nophoto.models.errors import NophotoError


class NoNamespacesError(NophotoError):
    """This machine does not let us make hosts."""


class Host:
    """One host: where its programs run, and its address.

    Attributes:
        address: by which the others reach it.
    """

    def __init__(self, namespace: str, switch: str, cable: str, address: str) -> None:
        self.address = address
        self._namespace = namespace
        self._switch = switch
        self._cable = cable

    def start(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] = os.environ
    ) -> "subprocess.Popen[bytes]":
        """Start a program on this host."""
        with log.open("ab") as output:
            return subprocess.Popen(
                ["ip", "netns", "exec", self._namespace, *command],
                env=dict(environment),
                stdout=output,
                stderr=output,
            )

    def cut(self) -> None:
        """Pull its cable: packets vanish, and nobody is told."""
        _ip("-n", self._switch, "link", "set", self._cable, "down")

    def heal(self) -> None:
        """Put the cable back."""
        _ip("-n", self._switch, "link", "set", self._cable, "up")

    def impair(self, *how: str) -> None:
        """Make its link bad, in the words of `tc qdisc … netem`.

        Raises:
            NoNamespacesError: if the kernel has no netem.
        """
        link = ("-n", self._switch, "qdisc", "add", "dev", self._cable, "root")
        done = subprocess.run(["tc", *link, "netem", *how], capture_output=True, text=True)
        if done.returncode != 0:
            raise NoNamespacesError(f"this kernel has no netem: {done.stderr.strip()}")


@contextmanager
def hosts(*names: str) -> Iterator[dict[str, Host]]:
    """Hosts of these names while the block runs.

    Raises:
        NoNamespacesError: if they cannot be made here.
    """
    mark = uuid4().hex[:6]
    switch = f"nophoto-{mark}-switch"
    made: list[str] = []
    try:
        _add_namespace(switch, made)
        _ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", switch, "link", "set", "bridge", "up")
        found = {}
        for place, name in enumerate(names):
            namespace, cable = f"nophoto-{mark}-{name}", f"cable{place}"
            _add_namespace(namespace, made)
            ends = ("type", "veth", "peer", "name", "eth0", "netns", namespace)
            _ip("-n", switch, "link", "add", cable, *ends)
            _ip("-n", switch, "link", "set", cable, "master", "bridge", "up")
            address = f"10.77.{int(mark[:2], 16)}.{place + 10}"
            _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", namespace, "link", "set", "eth0", "up")
            _ip("-n", namespace, "link", "set", "lo", "up")
            found[name] = Host(namespace, switch, cable, address)
        yield found
    finally:
        for namespace in made:
            subprocess.run(["ip", "netns", "delete", namespace], check=False)


def _add_namespace(name: str, made: list[str]) -> None:
    _ip("netns", "add", name)
    made.append(name)


def _ip(*arguments: str) -> None:
    try:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NoNamespacesError("the program `ip` (iproute2) is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoNamespacesError(f"ip {' '.join(arguments)}: {error.stderr.strip()}") from error
