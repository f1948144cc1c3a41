-- Pictures of voters whom two officers identified, sealed as the kits handed them in, and what became of each: who asked to
-- open it and why, who of the other institution allowed it, who looked. Rows never change.

CREATE TABLE electoral_picture (
  sha256 TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  kit TEXT NOT NULL,
  seq BIGINT NOT NULL,
  line BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_picture_precinct ON electoral_picture (precinct, line);

CREATE TABLE electoral_picture_step (
  sha256 TEXT NOT NULL,
  step BIGINT NOT NULL,
  act TEXT NOT NULL,
  reason TEXT NOT NULL,
  basis TEXT NOT NULL,
  institution TEXT NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (sha256, step),
  CHECK (act IN ('asked', 'allowed', 'looked')),
  CHECK (institution IN ('registration', 'commission'))
)
