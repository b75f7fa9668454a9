"""Reading uploads that are not files of this host: which ones, how long, how often tried."""

from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlsplit

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.storage.fetch import (
    Fetch,
    FetchError,
    ForbiddenError,
    MissingError,
    TransientError,
    try_often,
)
from nophoto.worker.uris import OBJECT_SCHEMES, holds_password

_OBJECT_PREFIXES = tuple(f"{scheme}://" for scheme in OBJECT_SCHEMES)


class RootError(NophotoError):
    """A root cannot be read from."""


class RemoteRoots:
    """The places of one scheme below which uploads may lie, such as `s3://bucket/prefix`.

    Args:
        scheme: of all of them.
        roots: their URLs.
        timeout: seconds that reading one object may take, all attempts together.
        private_networks: in which an `https` root's host may have its address.

    Raises:
        RootError: if the scheme is not known, or needs a package that is not installed.
    """

    def __init__(
        self, scheme: str, roots: Sequence[str], timeout: float, private_networks: Sequence[str]
    ) -> None:
        self._prefixes = [_prefix(root) for root in roots]
        self._timeout = timeout
        self._fetch = _fetch_of(scheme, roots[0], self.holds, timeout, private_networks)

    def holds(self, uri: str) -> bool:
        """Whether `uri` is below a root, by its text: what `..` means, each server decides."""
        inside = any(uri.startswith(prefix) for prefix in self._prefixes)
        return inside and ".." not in unquote(uri).replace("\\", "/").split("/")

    def read(self, uri: str, limit: int) -> bytes:
        """The bytes of an object below a root.

        Raises:
            PictureError: if there is none, it has more than `limit` bytes, or cannot be read.
        """
        shown = displayed(uri)
        try:
            # A little before the pool's timeout ends, whose word would only be that it did.
            data = try_often(lambda seconds: self._fetch(uri, limit, seconds), 0.9 * self._timeout)
        except MissingError as error:
            raise PictureError(
                FailureCode.MISSING, f"there is no object {shown}; upload the picture again"
            ) from error
        except ForbiddenError as error:
            raise PictureError(
                FailureCode.FORBIDDEN,
                f"the worker may not read {shown} ({error}); give it the permission to",
            ) from error
        except TransientError as error:
            raise PictureError(
                FailureCode.TIMEOUT,
                f"{shown} did not arrive in time ({error}); look at its storage, then `nophoto "
                "retry --code timeout`",
            ) from error
        except FetchError as error:
            raise PictureError(
                FailureCode.UNREADABLE, f"{shown} cannot be read ({error}); upload it again"
            ) from error
        if len(data) > limit:
            raise PictureError(
                FailureCode.TOO_LARGE,
                f"the file has more than {limit:,} bytes, which is all that is read; send a "
                "smaller one, or raise NOPHOTO_MAX_BYTES",
            )
        return data


def displayed(uri: str) -> str:
    """`uri` as people may see it.

    The query of a URL may hold a signature, which is as good as a password. An object's key has no
    query: a `?` in it is a part of its name.
    """
    return uri if uri.lower().startswith(_OBJECT_PREFIXES) else uri.partition("?")[0]


def _prefix(root: str) -> str:
    if holds_password(root):
        raise RootError(
            f"the root {urlsplit(root).scheme}://… in NOPHOTO_ROOTS holds a password. Take it out, "
            "and give the worker its credentials as the storage's own tools take them: "
            "docs/storage.md"
        )
    return root.rstrip("/") + "/"


def _fetch_of(
    scheme: str,
    root: str,
    holds: Callable[[str], bool],
    timeout: float,
    private_networks: Sequence[str],
) -> Fetch:
    try:
        # Only installations with such a root pay for these.
        if scheme == "https":
            from nophoto.worker.storage.https import WebFetch

            return WebFetch(holds, private_networks)
        if scheme in OBJECT_SCHEMES:
            from nophoto.worker.storage.object_store import ObjectFetch

            return ObjectFetch(scheme, timeout)
    except ImportError as error:
        raise RootError(
            f"the root {root} in NOPHOTO_ROOTS needs a package that is not installed ({error}). "
            f"Run `{install_command(scheme)}`"
        ) from error
    raise RootError(
        f"the root {root} in NOPHOTO_ROOTS is of the scheme {scheme}; there are: "
        f"{', '.join(OBJECT_SCHEMES)}, https, and folders"
    )
