"""Fetching over HTTPS, from allowed places and public addresses alone."""

import ssl
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import socket
from typing import Any

import aiohttp
import fsspec
from fsspec.asyn import sync

from nophoto.worker.storage.fetch import (
    FetchError,
    ForbiddenError,
    TransientError,
    error_for_status,
    safe_message,
)

_CONNECT_SECONDS = 5.0
_REDIRECTS = 3


class _PrivateAddressError(OSError):
    pass


class _OutsideError(Exception):
    pass


class WebFetch:
    """Gets files over HTTPS.

    Where a request goes is judged twice: its URL, that of every redirect included, has to be below
    a root; and the address that its host has at the moment of connecting has to be a public one,
    so that a name that answers with another address the second time gains nothing. Proxies that
    the environment names are not used: they would connect to what is refused here.

    Args:
        holds: whether a URL is below a root.
        private_networks: such as `10.1.0.0/16`, in which addresses are allowed all the same.

    Raises:
        ValueError: if one of these is no network.
    """

    def __init__(self, holds: Callable[[str], bool], private_networks: Sequence[str]) -> None:
        self._holds = holds
        self._private = [ip_network(network) for network in private_networks]
        self._type = fsspec.get_filesystem_class("https")
        self._files: Any = None

    def __call__(self, uri: str, limit: int, seconds: float) -> bytes:
        """The first `limit` + 1 bytes at `uri`, within `seconds`."""
        # Not before the worker has forked: it runs a thread.
        if self._files is None:
            self._files = self._type(get_client=self._client, skip_instance_cache=True)
        try:
            return bytes(sync(self._files.loop, self._get, uri, limit, timeout=seconds))
        except _OutsideError as error:
            raise ForbiddenError(str(error)) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise FetchError(safe_message(error.certificate_error)) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _PrivateAddressError):
                raise ForbiddenError(str(error.os_error)) from error
            raise TransientError(safe_message(error)) from error
        except (aiohttp.InvalidURL, aiohttp.TooManyRedirects, ValueError) as error:
            raise FetchError(safe_message(error)) from error
        except (aiohttp.ClientError, OSError) as error:  # time-outs are among the latter
            raise TransientError(safe_message(error)) from error

    async def _get(self, uri: str, limit: int) -> bytes:
        session = await self._files.set_session()
        # Asked for as it is: what a server compresses could unfold to any size.
        headers = {"Accept-Encoding": "identity"}
        async with session.get(uri, headers=headers, max_redirects=_REDIRECTS) as response:
            if not 200 <= response.status < 300:
                raise error_for_status(response.status)
            blocks = []
            wanted = limit + 1
            while wanted and (block := await response.content.read(wanted)):
                blocks.append(block)
                wanted -= len(block)
            return b"".join(blocks)

    async def _client(self, **_: Any) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, ssl=ssl.create_default_context(), socket_factory=self._socket
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            middlewares=(self._check,),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _check(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        # Called for each redirect too.
        if not self._holds(str(request.url)):
            raise _OutsideError("it leads to a place outside NOPHOTO_ROOTS")
        return await send(request)

    def _socket(self, info: tuple[Any, ...]) -> socket:
        family, kind, protocol, _, address = info
        found = _meant(address[0].partition("%")[0])
        is_public = found.is_global and not found.is_multicast
        if not is_public and not any(found in network for network in self._private):
            # The same words for every address of a host, or their cause would be lost.
            raise _PrivateAddressError(
                "its host has a private address, which NOPHOTO_PRIVATE_NETWORKS does not name"
            )
        return socket(family, kind, protocol)


def _meant(address: str) -> IPv4Address | IPv6Address:
    """`address`, or the IPv4 address that an IPv6 one only wraps."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        nat64 = found in ip_network("64:ff9b::/96")
        inner = IPv4Address(int(found) & 0xFFFFFFFF) if nat64 else None
        return found.ipv4_mapped or found.sixtofour or inner or found
    return found
