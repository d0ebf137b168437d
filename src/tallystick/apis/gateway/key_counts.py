"""The number of keys that end soon."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from tallystick.apis.gateway.alarms import KEY_NOTICE_MS, are_expiring
from tallystick.metric_family import MetricFamily
from tallystick.store.tables import keys

_NOTICE_DAYS = KEY_NOTICE_MS // 86_400_000


def count_expiring_keys(connection: Connection, now_ms: int) -> MetricFamily:
    """Return by API how many keys in force end within the time of notice."""
    c = keys.c
    expiring = select(c.api, func.count()).where(are_expiring(now_ms))
    return MetricFamily(
        "gauge",
        "tallystick_keys_expiring",
        f"Keys in force that expire within {_NOTICE_DAYS} days, by API.",
        ("api",),
        {(api,): count for api, count in connection.execute(expiring.group_by(c.api))},
    )
