-- Forms of claims that a clerk has begun and not filed: no act, so this table changes. A draft goes when its form is
-- filed or thrown away, and by itself when nobody comes back to it.

CREATE TABLE electoral_claim_draft (
  staff TEXT NOT NULL,
  person TEXT NOT NULL,
  form TEXT NOT NULL,
  fields TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (staff, person)
)
