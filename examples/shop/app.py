"""The shop's web application: `uvicorn --factory examples.shop.app:create_app`."""

import logging
import os
import shutil
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import FastAPI, HTTPException, Request, UploadFile
from fastapi.params import File
from standardwebhooks import Webhook, WebhookVerificationError

from examples.shop.doors import AwayError, door_of
from examples.shop.photos import Photos

_KEY = "shop/photo/"
_AT_ONCE = 1_000
_log = logging.getLogger(__name__)


def create_app() -> FastAPI:
    """The application, by variables of the environment.

    SHOP_FOLDER is where it keeps its things, SHOP_SECRET what webhooks are signed with.
    SHOP_NOPHOTO and SHOP_KEY are the address of nophoto's HTTP API and a key of it; without them
    SHOP_BROKER is its broker.
    """
    folder = Path(os.environ["SHOP_FOLDER"]).resolve()
    pictures = folder / "photos"
    pictures.mkdir(parents=True, exist_ok=True)
    photos = Photos(folder / "shop.db")
    door = door_of()
    webhook = Webhook(os.environ["SHOP_SECRET"])
    app = FastAPI(title="Shop")

    def ask() -> None:
        """Ask nophoto about every photo that it was not asked about: the last, as a rule."""
        while waiting := dict(photos.unasked(_AT_ONCE)):
            try:
                refused = door.ask({f"{_KEY}{photo}": path for photo, path in waiting.items()})
            except AwayError as error:
                # The next upload, or the next start, asks again. Asking twice does no harm.
                _log.warning("nophoto is asked later: %s", error)
                return
            for key, reason in refused.items():
                _log.error("nophoto refused %s: %s", key, reason)
            photos.mark_asked(waiting)

    ask()

    @app.post("/products/{product}/photos", status_code=201)
    def upload(product: int, photo: Annotated[UploadFile, File()]) -> dict[str, int]:
        """Take a photo of a product."""
        # By a name of our own: the sender's could lead anywhere.
        path = pictures / f"{uuid4().hex}{Path(photo.filename or '').suffix[:8]}"
        with path.open("wb") as file:
            shutil.copyfileobj(photo.file, file)
        number = photos.add(product, path)
        ask()
        return {"id": number}

    @app.get("/products/{product}")
    def show(product: int) -> dict[str, Any]:
        """The photos of a product, without those that are placeholders."""
        return {"product": product, "photos": photos.of(product)}

    @app.delete("/products/{product}/photos/{photo}", status_code=204)
    def delete(product: int, photo: int) -> None:
        """Delete a photo here and at nophoto."""
        path = photos.path_of(product, photo)
        if path is None:
            raise HTTPException(404, "there is no such photo")
        try:
            # First there: what fails here is deleted by the same request again.
            door.erase(f"{_KEY}{photo}")
        except AwayError as error:
            raise HTTPException(503, "try again later") from error
        Path(path).unlink(missing_ok=True)
        photos.delete(photo)

    @app.post("/nophoto", status_code=204)
    async def learn(request: Request) -> None:
        """What nophoto says of a photo."""
        try:
            notice = webhook.verify(await request.body(), dict(request.headers))
        except WebhookVerificationError as error:
            raise HTTPException(401, "the signature is wrong") from error
        data = notice["data"]
        if notice["type"] == "upload.refused":
            _log.error("nophoto refused %s: %s", data["key"], data["reason"])
        elif data["key"].startswith(_KEY):
            photo = int(data["key"].removeprefix(_KEY))
            photos.judge(photo, data["verdict"], notice["sequence"])

    return app
