"""The shop's web application: `uvicorn --factory examples.shop.app:create_app`."""

import logging
import os
import shutil
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from celery import Celery
from fastapi import FastAPI, HTTPException, Request, UploadFile
from fastapi.params import File
from kombu.exceptions import OperationalError
from standardwebhooks import Webhook, WebhookVerificationError

from examples.shop.photos import Photos

_KEY = "shop/photo/"
_log = logging.getLogger(__name__)


def create_app() -> FastAPI:
    """The application, by SHOP_FOLDER, SHOP_BROKER and SHOP_SECRET of the environment."""
    folder = Path(os.environ["SHOP_FOLDER"]).resolve()
    pictures = folder / "photos"
    pictures.mkdir(parents=True, exist_ok=True)
    photos = Photos(folder / "shop.db")
    celery = Celery(broker=os.environ["SHOP_BROKER"], set_as_current=False)
    webhook = Webhook(os.environ["SHOP_SECRET"])
    app = FastAPI(title="Shop")

    def ask() -> None:
        """Ask nophoto about every photo that it was not asked about: the last, as a rule."""
        for photo, path in photos.unasked():
            upload = {"key": f"{_KEY}{photo}", "uri": path}
            try:
                celery.send_task("nophoto.score", [[upload]], ignore_result=True, retry=False)
            except OperationalError as error:
                # The next upload, or the next start, asks again. Asking twice does no harm.
                _log.warning("nophoto is asked later: %s", error)
                return
            photos.mark_asked(photo)

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
