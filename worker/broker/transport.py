"""Kombu's way to Redis and Valkey, but that it refuses what is no message."""

import logging
from queue import Empty
from typing import Any

from celery.app.amqp import AMQP
from kombu.connection import Connection

from nophoto.models.imports import left_out
from nophoto.worker.broker.envelopes import RefusedMessageError, validate_message

# Redis's client counts by it where it is installed, for those who ask: nophoto has its own figures.
with left_out("opentelemetry.sdk.metrics"):
    from kombu.transport import redis as kombu_redis
    from redis import Redis

_log = logging.getLogger(__name__)


class _Client(Redis):
    """Looks at what comes out of a queue before anybody else does."""

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
        response = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name == "BRPOP" and response:
            validate_message(response[1])
        return response


class _RefusingChannel:
    """A channel on which a refused message is one line in the log, and gone.

    It was taken out of its queue by then, and sent again it would be no better.
    """

    def _get_client(self) -> type[Redis]:
        return _Client

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]
        except RefusedMessageError as error:
            _log.error("refused a message that is not a Celery task: %s", error)
            # As after a BRPOP that found nothing.
            raise Empty from error


class _Channel(_RefusingChannel, kombu_redis.Channel):
    pass


class _SentinelChannel(_RefusingChannel, kombu_redis.SentinelChannel):
    pass


class _Transport(kombu_redis.Transport):
    Channel = _Channel


class _SentinelTransport(kombu_redis.SentinelTransport):
    Channel = _SentinelChannel


class _Connection(Connection):
    def get_transport_cls(self) -> type[kombu_redis.Transport]:
        chosen = super().get_transport_cls()  # type: ignore[no-untyped-call]
        is_sentinel = issubclass(chosen, kombu_redis.SentinelTransport)
        return _SentinelTransport if is_sentinel else _Transport


class ValidatingAMQP(AMQP):  # type: ignore[misc]
    """What a Celery application speaks to its broker by."""

    Connection = _Connection
    BrokerConnection = _Connection
