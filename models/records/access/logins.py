"""Sessions of the console, and logins under way at a provider. Of tokens it sees hashes alone."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records.tables import ConsoleSession, PendingLogin


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; times are seconds since the epoch."""

    user: str
    fingerprint: str
    begun: float
    used: float


@dataclass(frozen=True, slots=True)
class Pending:
    """What a login at a provider was begun with."""

    nonce: str
    verifier: str
    following: str
    begun: float


def begin_session(session: Session, token_hash: str, row: SessionRow) -> None:
    """Keep a new session."""
    session.execute(
        insert(ConsoleSession).values(
            token_hash=token_hash,
            user=row.user,
            fingerprint=row.fingerprint,
            begun=row.begun,
            used=row.used,
        )
    )


def find_session(session: Session, token_hash: str) -> SessionRow | None:
    """The session of a token."""
    query = select(
        ConsoleSession.user, ConsoleSession.fingerprint, ConsoleSession.begun, ConsoleSession.used
    ).where(ConsoleSession.token_hash == token_hash)
    row = session.execute(query).one_or_none()
    return None if row is None else SessionRow(*row)


def use_session(session: Session, token_hash: str, now: float) -> None:
    """Note that a session was used."""
    session.execute(
        update(ConsoleSession).where(ConsoleSession.token_hash == token_hash).values(used=now)
    )


def end_session(session: Session, token_hash: str) -> None:
    """Forget a session."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.token_hash == token_hash))


def forget_old(session: Session, *, unused_since: float, begun_before: float, ahead: float) -> None:
    """Forget sessions and logins that have ended by themselves, or lie behind `ahead`."""
    session.execute(
        delete(ConsoleSession).where(
            or_(
                ConsoleSession.used < unused_since,
                ConsoleSession.begun < begun_before,
                ConsoleSession.begun > ahead,
            )
        )
    )
    session.execute(
        delete(PendingLogin).where(
            or_(PendingLogin.begun < unused_since, PendingLogin.begun > ahead)
        )
    )


def begin_login(session: Session, state_hash: str, pending: Pending) -> None:
    """Keep what a login at a provider was begun with."""
    session.execute(
        insert(PendingLogin).values(
            state_hash=state_hash,
            nonce=pending.nonce,
            verifier=pending.verifier,
            following=pending.following,
            begun=pending.begun,
        )
    )


def take_login(session: Session, state_hash: str) -> Pending | None:
    """What a login was begun with; the second time there is none."""
    statement = (
        delete(PendingLogin)
        .where(PendingLogin.state_hash == state_hash)
        .returning(
            PendingLogin.nonce, PendingLogin.verifier, PendingLogin.following, PendingLogin.begun
        )
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Pending(*row)
