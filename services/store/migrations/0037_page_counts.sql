-- Signatures that people counted on a page of the paper list; page 0 is the supplement. A correction is a further entry, the
-- last one stands. The signed lines where they were written out, by commas. Rows never change.

CREATE TABLE electoral_page_count (
  precinct BIGINT NOT NULL,
  page BIGINT NOT NULL,
  entry BIGINT NOT NULL,
  signatures BIGINT NOT NULL,
  lines TEXT,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (precinct, page, entry),
  CHECK (signatures >= 0)
)
