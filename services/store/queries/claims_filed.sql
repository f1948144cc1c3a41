SELECT c.claim, c.kind, c.pin, c.filed, c.target, c.field, c.value, c.identified,
       o.outcome, o.person, o.superseded_by
FROM electoral_claim c
LEFT JOIN electoral_claim_outcome o ON o.number = $1 AND o.claim = c.claim
LEFT JOIN electoral_decision d ON d.number = $1 AND d.person = o.person
WHERE ($2 = '' OR c.kind = $2)
  AND ($3 = 0 OR c.target = $3 OR d.precinct = $3)
  AND ($4 = '' OR COALESCE(o.outcome, '-') = $4)
  AND (c.filed < $5 OR (c.filed = $5 AND c.claim < $6))
ORDER BY c.filed DESC, c.claim DESC
LIMIT $7
