"""What a rescoring is asked to do, as it is kept with its run and sent in messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from nophoto.models.errors import NophotoError
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.tables import UploadState
from nophoto.models.vocabulary import FailureCode, Verdict


class RescoreParametersError(NophotoError):
    """A rescoring was asked for in words that mean nothing."""


@dataclass(frozen=True, slots=True)
class RescoreParameters:
    """Which uploads to judge again, and what is allowed.

    Attributes:
        dry_run: whether no verdict is written.
        yes: whether any share of the verdicts may change.
        trusted: ids of references that may match as many uploads as they do.
        model: the version that judges, in a dry run alone; None for the one that judges now.
    """

    filters: ResultFilter = field(default_factory=ResultFilter)
    dry_run: bool = False
    yes: bool = False
    trusted: tuple[int, ...] = ()
    model: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would have one version judge and another write.

        Raises:
            RescoreParametersError: if another version is to write verdicts.
        """
        if self.model is not None and not self.dry_run:
            raise RescoreParametersError(
                "another version judges in a dry run alone; `nophoto model promote` lets it judge"
            )

    def as_dict(self) -> dict[str, Any]:
        """In plain values, filters that leave a question open left out."""
        given = {f.name: getattr(self.filters, f.name) for f in fields(self.filters)}
        return {
            "filters": {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in given.items()
                if value is not None
            },
            "dry_run": self.dry_run,
            "yes": self.yes,
            "trusted": list(self.trusted),
            **({"model": self.model} if self.model else {}),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RescoreParameters":
        """What `as_dict` gave, or somebody sent.

        Raises:
            RescoreParametersError: if a name or a value means nothing.
        """
        _know(values, {"filters", "dry_run", "yes", "trusted", "model"}, "parameter")
        filters = values.get("filters", {})
        trusted = values.get("trusted", ())
        flags = {name: values.get(name, False) for name in ("dry_run", "yes")}
        if not isinstance(filters, Mapping):
            raise RescoreParametersError("`filters` takes an object, by the names of the filters")
        for name, value in flags.items():
            if not isinstance(value, bool):
                raise RescoreParametersError(f"`{name}` takes true or false, not {value!r:.100}")
        if not isinstance(trusted, list | tuple) or not all(type(i) is int for i in trusted):
            raise RescoreParametersError("`trusted` takes a list of the ids of references")
        model = values.get("model")
        if not isinstance(model, str | None):
            raise RescoreParametersError("`model` takes the id of a model version")
        return cls(_filters(filters), flags["dry_run"], flags["yes"], tuple(trusted), model)


def _filters(values: Mapping[str, Any]) -> ResultFilter:
    readers = {
        "state": UploadState,
        "verdict": Verdict,
        "needs_review": _flag,
        "failure": FailureCode,
        "key_prefix": _text,
        "since": _time,
        "model_version": _text,
        "collection": _text,
    }
    _know(values, readers, "filter")
    read: dict[str, Any] = {}
    for name, value in values.items():
        try:
            read[name] = None if value is None else readers[name](value)
        except (ValueError, TypeError) as error:
            raise RescoreParametersError(
                f"the filter `{name}` does not take {value!r:.100}"
            ) from error
    return ResultFilter(**read)


def _know(names: Mapping[str, Any], known: Any, what: str) -> None:
    if unknown := sorted(str(name) for name in names if name not in known):
        raise RescoreParametersError(
            f"no {what} of a rescoring is called {unknown[0]!r:.100}; there are "
            f"{', '.join(sorted(known))}"
        )


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(value: object) -> datetime:
    time = datetime.fromisoformat(_text(value))
    return time if time.tzinfo else time.replace(tzinfo=UTC)
