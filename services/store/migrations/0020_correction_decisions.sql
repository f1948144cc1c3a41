-- What people decided about corrections of a rehearsal's list that could not become claims by themselves. Append-only:
-- the first decision that is not a reference to the registrar is the last.

CREATE TABLE electoral_correction_decision (
  correction TEXT NOT NULL,
  place BIGINT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('claim', 'refused', 'registrar')),
  reason TEXT NOT NULL,
  claims TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (correction, place),
  CHECK ((decision = 'claim') = (claims <> '')),
  CHECK ((decision = 'refused') = (reason <> ''))
)
