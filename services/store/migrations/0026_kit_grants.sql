-- Grants for spare kits that a package does not name, as the stations handed them in with their journals. A row never changes.
CREATE TABLE electoral_kit_grant (
  sha256 TEXT PRIMARY KEY,
  precinct BIGINT NOT NULL,
  kit TEXT NOT NULL,
  bytes BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE INDEX electoral_kit_grant_precinct ON electoral_kit_grant (precinct);
