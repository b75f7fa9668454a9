"""Making the shipped model version and reference set known to a database."""

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import PromotionKind, ReferenceOrigin
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.promotions import Decision
from nophoto.models.vision.matching import kind_of_drawing
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import SHIPPED, shipped_version
from nophoto.worker.versions.registry import registration
from nophoto.worker.versions.shipped_embeddings import read_embeddings


def install_shipped(database: Database) -> None:
    """Register the shipped model version and, in a new database, let it judge.

    What somebody decided since is left alone: a promoted model version stays active, and references
    are added only where the set was never changed. Only the version that an earlier nophoto
    shipped makes room for this one's, since its files went with that nophoto. A second call
    changes nothing.

    Raises:
        ModelVersionError: if the shipped version is missing or changed.
        ReferencesError: if a shipped reference is missing or changed.
    """
    version = shipped_version()
    with database.transaction() as session:
        model_versions.register(session, registration(version, SHIPPED))
        active = model_versions.active(session)
        if active is None or (active.location == SHIPPED and active.id != version.id):
            decision = Decision(PromotionKind.INSTALLED, by="nophoto")
            model_versions.activate(session, version.id, decision)
        if references.current_version(session) == 0:
            references.add(
                session,
                [
                    NewReference(
                        reference.name,
                        reference.data,
                        ReferenceOrigin.SHIPPED,
                        kind=kind_of_drawing(reference.kind),
                    )
                    for reference in shipped_references()
                ],
            )
        embeddings.remember(session, version.id, read_embeddings(version))
