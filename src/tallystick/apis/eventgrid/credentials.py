"""The credentials of a call: a token, a signature, or both."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.eventgrid import issued_tokens, signing
from tallystick.apis.eventgrid.tables import access_keys
from tallystick.apis.keys import REVISION, ApiKey, ApiKeys
from tallystick.clock import SystemClock
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.contract.request import Request
from tallystick.contract.security import TokenInfo
from tallystick.encryption import Encryptor, Undecryptable
from tallystick.shared_warnings import COMMON
from tallystick.store import Database, bump_revision
from tallystick.store.tables import keys as keys_table

API = "eventgrid"

Times = tuple[datetime, datetime]

_log = logging.getLogger(__name__)


class EventgridCredentials:
    """Knows tokens by their digests, and the secret keys of signatures."""

    def __init__(self, keys: ApiKeys, database: Database, encryptor: Encryptor) -> None:
        self._keys = keys
        self._database = database
        self._encryptor = encryptor
        # What signs now is signed by the machine's clock, whatever a test has set ours to.
        self._clock = SystemClock()
        self._access_keys: Mapping[str, tuple[str, str]] = {}
        """AK → SK and the id of its key."""

    async def open(self) -> None:
        """Load the signing keys, and again when any process has changed them."""
        await self._database.revisions.watch(REVISION, self._load)

    def authenticate_token(
        self,
        token: str,
        required_scopes: Sequence[str],
        request: Request,
    ) -> TokenInfo:
        """Return the key of a token; the signature of a signed request must be good too."""
        key, signer = self._token_key(token), self._second_key(request)
        if signer is not None:
            self._admit(signer, request, required_scopes)
        self._admit(key, request, required_scopes)
        return {"sub": key.id}

    def authenticate_signature(
        self,
        signature: str,
        required_scopes: Sequence[str],
        request: Request,
    ) -> TokenInfo:
        """Return the access key of a signature."""
        self._admit(self._signer(signature, request), request, required_scopes)
        return {"sub": signing.read_signature(signature).access_key}

    def authenticate_iam_token(
        self, token: str, _scopes: Sequence[str], request: Request
    ) -> TokenInfo:
        """Return the key of a token, and its project."""
        key = self._token_key(token)
        self._second_key(request)
        return self._owner(key)

    def authenticate_iam_signature(
        self, signature: str, _scopes: Sequence[str], request: Request
    ) -> TokenInfo:
        """Return the key of a signature, and its project."""
        return self._owner(self._signer(signature, request))

    def issue_token(self, access_key: str, secret_key: str) -> tuple[str, str, Times]:
        """Return a token, its project, and when it was issued and ends; raise `Unauthenticated`."""
        known, key_id = self._access_keys.get(access_key, ("", ""))
        key = self._keys.get_key_by_id(key_id)
        is_own = compare_digest(known.encode(), secret_key.encode("utf-8", "replace"))
        if key is None or not known or not is_own:
            raise Unauthenticated("The user or the password is wrong.")
        owner = self._owner(key)
        now = self._now()
        token, ends = issued_tokens.issue_token(access_key, known, now)
        return token, owner["project"], (now, ends)

    def _owner(self, key: ApiKey) -> TokenInfo:
        self._keys.admit_key(key, ())
        return {"sub": key.id, "project": key.project}

    def _token_key(self, token: str) -> ApiKey:
        # Not `authenticate`: the refusal has its own text, and a key without a project is none.
        key = self._keys.get_key(API, token) or self._issued_to(token)
        if key is None or key.project is None:
            raise Unauthenticated("The token is unknown.")
        return key

    def _issued_to(self, token: str) -> ApiKey | None:
        issued = issued_tokens.read_token(token)
        if issued is None:
            return None
        secret_key, key_id = self._access_keys.get(issued.access_key, ("", ""))
        is_genuine = secret_key and issued_tokens.is_genuine(issued, secret_key, self._now())
        return self._keys.get_key_by_id(key_id) if is_genuine else None

    def _second_key(self, request: Request) -> ApiKey | None:
        """Return the key of the signature beside a token; None without a signature."""
        signature = request.header(b"authorization") or ""
        return self._signer(signature, request) if signing.is_signature(signature) else None

    def _signer(self, authorization: str, request: Request) -> ApiKey:
        """Return the key of the signature; raise `Unauthenticated`."""
        signature = signing.read_signature(authorization)
        secret_key, key_id = self._access_keys.get(signature.access_key, ("", ""))
        key = self._keys.get_key_by_id(key_id)
        if key is None:
            raise Unauthenticated("The access key is unknown.")
        signing.verify_signature(request, signature, secret_key, self._now())
        return key

    def _admit(self, key: ApiKey, request: Request, scopes: Sequence[str]) -> None:
        """Raise `Forbidden` on a path of another project, or for a lacking scope."""
        wanted = request.path.split("/")[2].encode("utf-8", "replace")
        if not compare_digest(wanted, (key.project or "").encode()):
            raise Forbidden("The credential is for another project.")
        self._keys.admit_key(key, scopes)

    def _now(self) -> datetime:
        return self._clock.now()

    async def _load(self) -> None:
        rows = await self._database.read(_live)
        self._access_keys = {
            access_key: (secret_key, key_id)
            for access_key, sealed, key_id in rows
            if (secret_key := self._opened(access_key, sealed))
        }

    def _opened(self, access_key: str, sealed: str) -> str:
        try:
            return self._encryptor.decrypt(sealed)
        except Undecryptable as error:
            _log.warning("access key %s can't be used: %s", access_key, error, extra=COMMON)
            return ""


def add_credential(connection: Connection, access_key: str, sealed: str, key: ApiKey) -> None:
    """Let requests be signed by a secret key, given encrypted, as long as `key` is not revoked."""
    # The dev world's is made anew at each start.
    connection.execute(delete(access_keys).where(access_keys.c.access_key == access_key))
    values = {"access_key": access_key, "secret_key": sealed, "key_id": key.id}
    connection.execute(insert(access_keys).values(values))
    bump_revision(connection, REVISION)


def _live(connection: Connection) -> list[tuple[str, str, str]]:
    found = (
        select(access_keys.c.access_key, access_keys.c.secret_key, access_keys.c.key_id)
        .join(keys_table, keys_table.c.id == access_keys.c.key_id)
        .where(keys_table.c.revoked.is_(None), keys_table.c.project.is_not(None))
    )
    return [(row.access_key, row.secret_key, row.key_id) for row in connection.execute(found)]
