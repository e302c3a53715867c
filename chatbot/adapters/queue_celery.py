"""Jobs as Celery messages: the settings that senders and workers share."""

from __future__ import annotations

from celery import Celery
from kombu.entity import Queue as Line
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from chatbot.adapters.broker_address import BrokerAddress
from chatbot.adapters.broker_redis import RedisBroker
from chatbot.errors import BrokerUnavailable
from chatbot.jobs import Job, Queue

# A copy that comes while the job still runs is dropped by its lock, so this need not be longer
# than the longest job; it only spares needless copies.
VISIBILITY_SECONDS = 2 * 3600
_SEND_SECONDS = 2.0
_SENDER = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}


def make_celery(address: BrokerAddress) -> Celery:
    """Acknowledged when done, taken one by one, JSON only; results stand in the job's row."""
    app = Celery("kefu", broker=address.celery, set_as_current=False)
    app.conf.update(
        task_queues=[Line(queue.value) for queue in Queue],  # type: ignore[no-untyped-call]
        task_default_queue=Queue.INTERACTIVE.value,
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_connect_timeout": _SEND_SECONDS,
            "socket_keepalive": address.socket is None,
        },
        enable_utc=True,
        timezone="UTC",
    )
    return app


class CeleryQueue:
    """Sends by name: the sender need not know what the job does."""

    def __init__(self, address: BrokerAddress) -> None:
        self._app = make_celery(address)
        # A worker tries until the broker is back; whoever sends waits for an answer.
        self._app.conf.broker_transport_options |= _SENDER
        self._broker = RedisBroker(address)

    def send(self, job: Job) -> None:
        try:
            self._app.send_task(
                job.name,
                kwargs={"arguments": dict(job.arguments), "requested_by": job.requested_by},
                task_id=job.id,
                queue=job.queue.value,
                retry=False,
            )
        except (OperationalError, RedisError, OSError) as error:
            raise BrokerUnavailable(type(error).__name__) from None

    def waiting(self, queue: Queue) -> int:
        return self._broker.waiting(queue)
