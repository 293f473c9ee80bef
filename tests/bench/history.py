"""More history: rows from before the demo's own, so that what holds today stays the same."""

from django.db import connection

EVERY_TENTH_IS_CORRECTED = 10

# Every cell that has a row, filled up with one row for each week before its first.
OLDER = """
INSERT INTO initiatives_statusupdate
    (progress_id, status, signal, note, internal_note, origin, effective_on, recorded_at, key,
     recorded_by_id, recorded_for_id, on_behalf_of_id)
SELECT first.progress_id,
       (ARRAY['planned', 'in_progress', 'on_hold'])[1 + number %% 3],
       CASE WHEN number %% 3 < 2 THEN (ARRAY['', 'green', 'yellow', 'red'])[1 + number %% 4] ELSE '' END,
       'Vi er i gang med det, vi lovede hinanden på mødet i uge ' || number %% 52 || '.', '', '',
       first.effective_on - 7 * number, (first.effective_on - 7 * number) + time '12:00',
       gen_random_uuid(), first.recorded_by_id, first.recorded_for_id, first.on_behalf_of_id
FROM (SELECT DISTINCT ON (progress_id) *, count(*) OVER (PARTITION BY progress_id) AS has
      FROM initiatives_statusupdate ORDER BY progress_id, effective_on, id) first
CROSS JOIN generate_series(1, %s) number
WHERE number <= %s - first.has
"""

# Some of them turn out to have been wrong.
CORRECTIONS = """
INSERT INTO initiatives_statusupdate
    (progress_id, status, signal, note, internal_note, origin, effective_on, recorded_at, key,
     recorded_by_id, recorded_for_id, on_behalf_of_id, corrects_id)
SELECT progress_id, 'not_started', '', 'Det var ikke begyndt alligevel.', '', '',
       effective_on, recorded_at + interval '1 hour', gen_random_uuid(),
       recorded_by_id, recorded_for_id, on_behalf_of_id, id
FROM initiatives_statusupdate
WHERE note LIKE 'Vi er i gang med det, vi lovede%%' AND id %% %s = 0
ON CONFLICT (corrects_id) DO NOTHING
"""


def grow(rows: int) -> int:
    """Lengthen the histories that there are until the log has about ``rows``. Returns how many it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT progress_id) FROM initiatives_statusupdate")
        older = rows // cursor.fetchone()[0] * EVERY_TENTH_IS_CORRECTED // (EVERY_TENTH_IS_CORRECTED + 1)
        cursor.execute("SET session_replication_role = replica")  # no triggers: they take minutes
        cursor.execute(OLDER, [older, older])
        cursor.execute(CORRECTIONS, [EVERY_TENTH_IS_CORRECTED])
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE initiatives_statusupdate")
        cursor.execute("SELECT count(*) FROM initiatives_statusupdate")
        count: int = cursor.fetchone()[0]
    return count
