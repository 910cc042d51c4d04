"""A database's schema as lines of text, to compare."""

from __future__ import annotations

from tests.postgres.server import Database

SCHEMA = r"""
WITH mine AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
), tables AS (
    SELECT c.*, n.nspname FROM pg_class c JOIN mine n ON n.oid = c.relnamespace
), lines AS (
    SELECT format('schema %s %s', nspname, nspacl) line FROM mine JOIN pg_namespace USING (oid, nspname)
    UNION ALL
    SELECT format('relation %s.%s %s %s options=%s rls=%s force=%s identity=%s grants=%s', nspname, relname, relkind,
        relpersistence, reloptions, relrowsecurity, relforcerowsecurity, relreplident,
        coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner)))
    FROM tables WHERE relkind <> 't'
    UNION ALL
    SELECT format('column %s.%s.%s %s required=%s default=%s identity=%s generated=%s storage=%s', nspname, relname,
        attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity, attgenerated,
        attstorage)
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND t.relkind <> 'i'
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT format('constraint %s %s %s valid=%s', conname, coalesce(nullif(conrelid, 0)::regclass::text,
        contypid::regtype::text), pg_get_constraintdef(c.oid), convalidated)
    FROM pg_constraint c JOIN mine n ON n.oid = c.connamespace
    UNION ALL
    SELECT format('index %s valid=%s unique=%s clustered=%s', pg_get_indexdef(indexrelid), indisvalid, indisunique,
        indisclustered)
    FROM pg_index i JOIN tables t ON t.oid = i.indexrelid
    UNION ALL
    SELECT format('trigger %s %s', pg_get_triggerdef(g.oid), tgenabled)
    FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT tgisinternal
    UNION ALL
    SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM tables WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT format('type %s %s %s', t.oid::regtype, typtype, array(SELECT enumlabel FROM pg_enum e
        WHERE e.enumtypid = t.oid ORDER BY enumsortorder))
    FROM pg_type t JOIN mine n ON n.oid = t.typnamespace
    UNION ALL
    SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p JOIN mine n ON n.oid = p.pronamespace
    WHERE prokind <> 'a' AND prolang <> 13
    UNION ALL
    SELECT format('policy %s %s %s', polname, polrelid::regclass, pg_get_expr(polqual, polrelid)) FROM pg_policy
    UNION ALL
    SELECT format('rule %s', pg_get_ruledef(r.oid)) FROM pg_rewrite r JOIN tables t ON t.oid = ev_class
    WHERE rulename <> '_RETURN'
    UNION ALL
    SELECT format('statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
    UNION ALL
    SELECT format('extension %s', extname) FROM pg_extension
    UNION ALL
    SELECT format('partition %s of %s', inhrelid::regclass, inhparent::regclass) FROM pg_inherits
)
SELECT regexp_replace(line, '\s+', ' ', 'g') FROM lines ORDER BY 1
"""


def schema_of(database: Database) -> set[str]:
    """Return one line for everything that is there."""
    return {row[0] for row in database.run(SCHEMA)}
