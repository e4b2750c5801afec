"""Is this process alive, and is this house ready to serve? For load balancers and people at 3 a.m."""

from __future__ import annotations

from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from vendome.config import admission
from vendome.kit import policy

WORKER_IS_LATE_AFTER = timedelta(seconds=60)


@never_cache
@policy.public(reason="load balancers ask without an account; it tells nothing but that the process answers")
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@never_cache
@policy.public(reason="load balancers ask without an account; it holds states and ages only")
def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served; a missing worker and an overrun house are told and take nothing away."""
    try:
        connection.ensure_connection()
        pending = unapplied_migrations()
        age = worker_age()
    except Error:
        connection.close()
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    told = {
        "database": "reachable",
        "migrations": "applied" if not pending else f"{pending} to apply",
        "worker": "never seen" if age is None else "late" if age > WORKER_IS_LATE_AFTER else "working",
        "worker_heartbeat_seconds": None if age is None else round(age.total_seconds(), 1),
    } | admission.told()
    return JsonResponse({"status": "not ready" if pending else "ready"} | told, status=503 if pending else 200)


_all_applied = False


def unapplied_migrations() -> int:
    """How many migrations the database lacks; once there are none, this process need not look again."""
    global _all_applied
    if _all_applied:
        return 0
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _all_applied = pending == 0
    return pending


def worker_age() -> timedelta | None:
    """Time since any worker last gave a sign of life; None when there never was one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now() - max(last_heartbeat) FROM procrastinate_workers")
        found: timedelta | None = cursor.fetchone()[0]
    return found
