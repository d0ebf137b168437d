"""One attempt of a delivery: build its request, send it and judge the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.delivery.adapter import (
    DeliveryFailure,
    EndpointResponse,
    FailedAttempt,
    Held,
    OutgoingRequest,
    Undeliverable,
)
from tallystick.delivery.addresses import InvalidUrl, endpoint_of
from tallystick.delivery.attempt_record import mask_error, to_record
from tallystick.delivery.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState
from tallystick.delivery.leases import Claim, Settlement
from tallystick.delivery.local_failure import is_local, refusal
from tallystick.delivery.outbox import Outbox
from tallystick.delivery.outcomes import FINAL, LOCAL, outcome_of
from tallystick.delivery.schedule import next_attempt_at, next_local_attempt_at
from tallystick.delivery.signing import signature_headers
from tallystick.store import Entry


class AttemptResult(NamedTuple):
    """The outcome of one attempt, with the reason and the record for people."""

    outcome: AttemptOutcome
    words: str
    record: str
    response: EndpointResponse | None = None
    endpoint: str | None = None
    """The endpoint of the request; None if none could be built."""
    retries: int | None = None
    """See `OutgoingRequest`."""


class AttemptRunner:
    """A runner of attempts, with the adapter of each kind of delivery."""

    def __init__(self, outbox: Outbox, random: Callable[[], float]) -> None:
        """`random` spreads the times of retries; it returns a number in [0, 1)."""
        self._outbox = outbox
        self._random = random

    async def run(self, claim: Claim, now_ms: int) -> AttemptResult:
        """Return the result of one attempt, even after an internal error."""
        tracer = self._outbox.tracer
        if tracer is None:
            return await self._run(claim, now_ms)
        with tracer.trace_attempt(claim.delivery, claim.event) as end:
            result = await self._run(claim, now_ms)
            end(result.outcome)
            return result

    async def _run(self, claim: Claim, now_ms: int) -> AttemptResult:
        try:
            return await self._send(claim, now_ms)
        except Unavailable as error:  # the store has logged it, once for all attempts
            words, outcome = str(error), AttemptOutcome.LOCAL
        except Exception as error:
            log_failure(error, f"{claim.delivery.id} can't be attempted")
            words = f"an internal error: {type(error).__name__}"
            outcome = AttemptOutcome.LOCAL if is_local(error) else AttemptOutcome.BROKEN
        return AttemptResult(outcome, words, to_record(None, (), words))

    async def _send(self, claim: Claim, now_ms: int) -> AttemptResult:
        delivery, event, reason, no_event = claim
        outgoing: OutgoingRequest | None = None
        endpoint: str | None = None
        headers: Sequence[tuple[str, str]] = ()
        try:
            adapter = self._outbox.adapters.get(delivery.kind)
            if adapter is None:
                raise DeliveryFailure(
                    AttemptOutcome.LOCAL, f"this process does not deliver {delivery.kind}"
                )
            if event is None:
                raise DeliveryFailure(no_event, reason)
            outgoing = await adapter.build_request(delivery, event)
            endpoint = _endpoint(outgoing)
            headers = _headers(outgoing, delivery.id, now_ms)
            if self._outbox.tracer and outgoing.transport is None:
                headers = self._outbox.tracer.add_header(headers)
            response = await self._outbox.sender.send_request(outgoing, headers)
        except (Undeliverable, Held, DeliveryFailure) as error:
            outcome = _outcome(error)
            words = mask_error(str(error), outgoing)
            record = to_record(outgoing, headers, words)
            retries = outgoing.retries if outgoing else None
            return AttemptResult(outcome, words, record, endpoint=endpoint, retries=retries)
        outcome = outcome_of(response.status)
        words = "" if outcome is AttemptOutcome.DELIVERED else f"it answered {response.status}"
        record = to_record(outgoing, headers, response)
        return AttemptResult(outcome, words, record, response, endpoint, outgoing.retries)

    def settle(
        self, claim: Claim, attempt: Attempt, answer: AttemptResult, now_ms: int
    ) -> Settlement:
        """Return the attempt's settlement: the delivery's next state, and the time of a retry."""
        settlement = self._next_state(claim.delivery, attempt, answer, now_ms)
        if settlement.state is DeliveryState.DONE:
            return settlement._replace(entries=self._follow_ups(claim, answer))
        rows = self._failure_rows(claim, settlement, answer.outcome, now_ms)
        return settlement._replace(entries=rows)

    def _next_state(
        self, delivery: Delivery, attempt: Attempt, answer: AttemptResult, now_ms: int
    ) -> Settlement:
        if answer.outcome in FINAL:
            state = FINAL[answer.outcome]
            return Settlement(delivery, attempt, state, now_ms, answer.words)
        if answer.outcome in LOCAL:
            return _wait(delivery, attempt, answer.words, now_ms)
        due = next_attempt_at(
            delivery.tries,
            now_ms,
            status=attempt.status,
            retry_after=_retry_after(answer.response),
            random=self._random,
            retries=answer.retries,
        )
        state = DeliveryState.DEAD if due is None else DeliveryState.PENDING
        return Settlement(delivery, attempt, state, due or now_ms, answer.words)

    def _failure_rows(
        self, claim: Claim, settlement: Settlement, outcome: AttemptOutcome, now_ms: int
    ) -> Sequence[Entry]:
        if claim.event is None:
            return ()
        delivery, state, words = claim.delivery, settlement.state, settlement.detail
        failed = FailedAttempt(delivery, claim.event, outcome, state, words, now_ms)
        return self._outbox.build_failure_rows(failed)

    def _follow_ups(self, claim: Claim, answer: AttemptResult) -> Sequence[Entry]:
        if claim.event is None or answer.response is None:
            return ()
        adapter = self._outbox.adapters[claim.delivery.kind]
        try:
            return adapter.on_response(claim.delivery, claim.event, answer.response)
        except Exception as error:
            log_failure(error, f"the response to {claim.delivery.id} can't be used")
            return ()


def _wait(delivery: Delivery, attempt: Attempt, words: str, now_ms: int) -> Settlement:
    """Return the settlement of a local failure, which leaves the retry schedule unchanged."""
    given_back = delivery.without_try()
    due = next_local_attempt_at(delivery.attempts - given_back.tries, now_ms)
    return Settlement(given_back, attempt, DeliveryState.PENDING, due, words)


def _outcome(error: Undeliverable | Held | DeliveryFailure) -> AttemptOutcome:
    if isinstance(error, DeliveryFailure):
        return error.outcome
    return AttemptOutcome.HELD if isinstance(error, Held) else AttemptOutcome.UNDELIVERABLE


def _endpoint(outgoing: OutgoingRequest) -> str:
    try:
        return outgoing.endpoint or endpoint_of(outgoing.url)
    except InvalidUrl as error:
        raise refusal(error) from None


def _headers(outgoing: OutgoingRequest, id_: str, now_ms: int) -> Sequence[tuple[str, str]]:
    if not outgoing.signing_secrets:
        return outgoing.headers
    signature = signature_headers(id_, now_ms, outgoing.body, outgoing.signing_secrets)
    return [*outgoing.headers, *signature]


def _retry_after(response: EndpointResponse | None) -> str | None:
    if response is None:
        return None
    return next((v for name, v in response.headers if name.lower() == "retry-after"), None)
