SELECT claim, kind, pin, filed, target, field, value, identified, outcome, person, superseded_by
FROM (
  SELECT c.claim, c.kind, c.pin, c.filed, c.target, c.field, c.value, c.identified,
         o.outcome, o.person, o.superseded_by,
         CAST(CASE WHEN o.outcome IS NULL THEN 0 ELSE 1 END AS BIGINT) AS settled,
         CASE WHEN o.outcome IS NULL THEN c.filed ELSE -c.filed END AS place
  FROM electoral_claim c
  LEFT JOIN electoral_claim_outcome o ON o.number = $1 AND o.claim = c.claim
  WHERE ($2 = '' OR c.kind = $2)
    AND ($3 = 0 OR c.target = $3 OR EXISTS (
      SELECT 1 FROM electoral_decision d WHERE d.number = $1 AND d.person = o.person AND d.precinct = $3))
    AND ($4 = '' OR COALESCE(o.outcome, '-') = $4)
) AS filed
WHERE settled > $5 OR (settled = $5 AND (place > $6 OR (place = $6 AND claim > $7)))
ORDER BY settled, place, claim
LIMIT $8
