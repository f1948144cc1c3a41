-- Signed deltas of a release as they were received, and whose line each change is. Append-only: a delta is never
-- taken back, the next one changes the line again.

CREATE TABLE electoral_delta (
  number BIGINT NOT NULL,
  delta BIGINT NOT NULL,
  id BLOB NOT NULL,
  voters BIGINT NOT NULL,
  struck BIGINT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  effective_at BIGINT NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (number, delta),
  CHECK (delta >= 1)
);

CREATE TABLE electoral_delta_line (
  number BIGINT NOT NULL,
  delta BIGINT NOT NULL,
  position BIGINT NOT NULL,
  person TEXT NOT NULL,
  act TEXT NOT NULL,
  reason TEXT NOT NULL,
  precinct BIGINT NOT NULL,
  line BIGINT NOT NULL,
  page BIGINT,
  PRIMARY KEY (number, delta, position),
  CHECK (
    (act = 'strike' AND page IS NULL)
    OR (act = 'add' AND page IS NOT NULL)
    OR (act = 'change' AND page IS NOT NULL)
  )
);

CREATE INDEX electoral_delta_line_person ON electoral_delta_line (person, number, delta, position);

CREATE INDEX electoral_delta_line_precinct ON electoral_delta_line (number, precinct, delta, position);

CREATE INDEX electoral_delta_line_act ON electoral_delta_line (number, delta, act, person)
