"""The console below a path of its site, such as https://example.com/nophoto/."""

from starlette.types import ASGIApp, Receive, Scope, Send


class StripSubPath:
    """Takes the sub-path off, where the proxy before has left it on.

    What comes after sees the console's own paths, whichever way the proxy takes.

    Args:
        app: what lies behind.
        sub_path: such as `/nophoto`.
    """

    def __init__(self, app: ASGIApp, sub_path: str) -> None:
        self._app = app
        self._sub_path = sub_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        path: str = scope.get("path", "")
        if f"{path}/".startswith(f"{self._sub_path}/"):
            scope = dict(scope, path=path.removeprefix(self._sub_path) or "/")
        await self._app(scope, receive, send)


class MountSubPath:
    """Tells what builds links below which path its pages are.

    Args:
        app: what lies behind.
        sub_path: such as `/nophoto`.
    """

    def __init__(self, app: ASGIApp, sub_path: str) -> None:
        self._app = app
        self._sub_path = sub_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            path = self._sub_path + scope["path"]
            scope = dict(scope, path=path, root_path=self._sub_path)
        await self._app(scope, receive, send)
