#!/usr/bin/env bash
# Long runs: ./test --long SUITE [ARGUMENTS]. Their last figures stand in docs/figures.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. "$root/trials/install.sh"
need_build_tools
suite="${1:-}"
[ $# -gt 0 ] && shift
shared="${TIZME_SHARED:-$root/../shared}"

usage() {
  cat <<'TEXT'
./test --long SUITE
  browser              only the eight stories of ./test on the running demo, the day by keys and the way of a list in real Chromium, with their log
  accuracy [OUT]       real prints against the peers' pairs, synthetic prints against real ones, loss of the prefilter
  bench [OUT]          times of extraction and comparison beside peers that PyPI serves, same images, same run; a kit's
                       search and its acts on the disk of OUT
  enumeration          a million personal numbers in a row from 1,000 addresses against the portal
  prints               docs/pictures/fingerprint-*.png: stages and pairs of synthetic prints, drawn anew
  fuzz [MINUTES]       every parser: by cargo-fuzz where it is installed, else a hundred times the seeded trial
  addresses [OUT]      a country of the real size: its commission's addresses placed, against the truth
  points [OUT]         1.3 million points in 2,374 polygons beside shapely (needs numpy, pyarrow, scipy, shapely)
  linkage [OUT]        FEBRL and generated Kyrgyz lists of a million rows through `tizme linkage`, beside Splink where PyPI serves it
  spark [OUT]          the chain of 20,000 persons as filters on Spark beside the embedded driver, byte for byte
  chain [OUT] [TIMES]  the list of a country of the real size twice, rows shuffled and other threads; the store beside it; sizes TIMES ("1 3")
  lists [OUT] [N]      the paper of N precincts (200) of a country of the real size: a stop, the rest, and all of it read again
  sim [DAYS] [SEED]    election days with faults, a third under each policy (a million unless said otherwise)
  attacks              100,000 schedules of clocks, 100,000 changed manifests, 10,000 changed receipts, 500 folders put back
  model                the model check in larger halls: two crashes; three voters; tens of millions of states, hours
  pictures             docs/pictures, docs/manual/pictures: real screens of the running demo, taken anew; axe looks at each
TEXT
}

# Pairs of the peers' score files, scored by the command, set by set; one file `db,a,b,score`.
accuracy() {
  local out="${1:-out/accuracy}" sets="$shared/data/fingerprints"
  mkdir -p "$out"
  build_release -p tizme -p accuracy
  local bin; bin="$(target_dir)/release"
  if [ -d "$sets" ]; then
    echo "db,a,b,score" >"$out/tizme.csv"
    for db in fvc2002_db1b fvc2002_db3b fvc2004_db2b fvc2004_db3b neuro_uareu; do
      grep "^$db," "$sets/peer_scores/nbis.csv" | cut -d, -f2,3 >"$out/$db.pairs.csv"
      local dpi=500; [ "$db" = fvc2004_db3b ] && dpi=512
      "$bin/tizme" fingerprint score --images "$sets/$db" --pairs "$out/$db.pairs.csv" --dpi "$dpi" --threads 1 --out "$out/$db.csv"
      sed "1d;s/^/$db,/" "$out/$db.csv" >>"$out/tizme.csv"
    done
    if command -v python3 >/dev/null && python3 -c 'import numpy' 2>/dev/null; then
      python3 "$shared/tools/fingerprint_eval.py" "$out/tizme.csv" --boot 200
    fi
    "$bin/tizme-det" --out "$out" tizme="$out/tizme.csv" SourceAFIS="$sets/peer_scores/sourceafis.csv" \
      NBIS="$sets/peer_scores/nbis.csv" OpenAFIS="$sets/peer_scores/openafis_fjfx.csv"
  else
    say "no real prints in $sets: only synthetic ones are compared"
  fi
  "$bin/tizme-realism" --out "$out" --shared "$shared"
  "$bin/tizme-prefilter" --out "$out/prefilter.csv" --shared "$shared"
}

bench() {
  local out="${1:-out/bench}"
  mkdir -p "$out"
  build_release -p bench
  TIZME_SHARED="$shared" "$(target_dir)/release/tizme-bench" fingerprint --peers --json "$out/fingerprint.json"
  "$(target_dir)/release/tizme-bench" search
  TIZME_SHARED="$shared" "$(target_dir)/release/tizme-bench" station --folder "$out"
}

enumeration() {
  cargo build --release --locked --workspace --bin tizme-bench -q
  "$(target_dir)/release/tizme-bench" enumerate
}

# Few colours and no dithering: small files; the pictures with grey photographs beside each other need the fewest.
prints() {
  install_debian pngquant
  build_release -p accuracy
  local out; out="$(mktemp -d)"
  "$(target_dir)/release/tizme-stages" --out "$out"
  for name in image mask orientation period enhanced skeleton minutiae pair-beside pair-aligned distorted-aligned shifted-aligned stranger-aligned; do
    local colours=24
    case "$name" in *-beside) colours=6 ;; *-aligned) colours=14 ;; esac
    pngquant --speed 1 --nofs --strip --force --output "docs/pictures/fingerprint-$name.png" "$colours" "$out/fingerprint-$name.png"
  done
  rm -r "$out"
}

# A Python with the named packages in it, made below OUT; says nothing and fails when PyPI serves none.
python_with() { # folder, packages
  local venv="$1"; shift
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv" >/dev/null 2>&1 || return 1
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >/dev/null 2>&1
}

# Runs `tizme linkage`, leaves its processor seconds and peak MB in COST.
cost_of() {
  local times; times="$(mktemp)"
  /usr/bin/time -f '%U %S %M' -o "$times" "$@"
  COST="$(awk '{ printf "%.1f %.0f", $1 + $2, $3 / 1024 }' "$times")"
  rm "$times"
}

# One line of Splink's script beside ours: F1 after clustering or assignment, processor seconds, ratio.
beside_splink() { # python, name, ours "cpu mb", script and its arguments
  local python="$1" name="$2" ours="$3" line; shift 3
  if line="$(cd "$out" && "$python" "$@" 2>/dev/null | tail -1)" && [ -n "$line" ]; then
    OURS="$ours" NAME="$name" LINE="$line" "$python" - <<'PYTHON'
import json, os
told = json.loads(os.environ["LINE"]); cpu, mb = map(float, os.environ["OURS"].split())
f1 = next((told[k]["f1"] for k in ("best_per_b", "one_to_one", "clustered") if told.get(k)), told["f1"])
print(f"{os.environ['NAME']}: tizme {cpu:.1f} CPU-s, {mb:.0f} MB; Splink {told['cpu_s']:.1f} CPU-s, {told['peak_mb']:.0f} MB, "
      f"F1 at its best threshold {f1}; ratio of CPU-s {told['cpu_s'] / max(cpu, 0.01):.1f}")
PYTHON
  else
    say "Splink gave no figures for $name: it is skipped"
  fi
}

linkage() {
  local out="${1:-out/linkage}" lists="$shared/data/linkage" tools="$shared/tools/linkage"
  mkdir -p "$out"
  out="$(cd "$out" && pwd)"
  install_debian time python3-venv
  build_release -p tizme -p accuracy
  local bin; bin="$(target_dir)/release"
  local python="$out/venv/bin/python" splink=yes
  if ! python_with "$out/venv" numpy pyarrow scipy shapely pandas splink duckdb; then
    splink=no
    say "PyPI serves no Splink here: only our own figures are taken"
  fi
  # Splink's scripts read `data/` of the folder they are started in.
  [ -e "$out/data" ] || ln -s "$lists" "$out/data"
  for n in 1 2 3; do
    cost_of "$bin/tizme" linkage dedupe --input "$lists/febrl$n.csv" --model febrl --out "$out/febrl$n.csv"
    "$bin/tizme-f1" --links "$out/febrl$n.csv" --left "$lists/febrl$n.csv" --id rec_id --truth true_cluster
    [ "$splink" = no ] || beside_splink "$python" "febrl$n" "$COST" "$tools/splink_febrl.py" "$n"
  done
  cost_of "$bin/tizme" linkage link --left "$lists/febrl4a.csv" --right "$lists/febrl4b.csv" --model febrl --out "$out/febrl4.csv"
  "$bin/tizme-f1" --links "$out/febrl4.csv" --left "$lists/febrl4a.csv" --right "$lists/febrl4b.csv" --id rec_id --truth true_cluster
  [ "$splink" = no ] || beside_splink "$python" febrl4 "$COST" "$tools/splink_febrl.py" 4
  [ -x "$python" ] || python=python3
  if ! "$python" -c 'import numpy, pyarrow' 2>/dev/null; then
    say "numpy and pyarrow are missing: the lists of a million rows are not made"
    return
  fi
  local made="$out/made"
  mkdir -p "$made/data"
  [ -f "$made/data/link1m_b.parquet" ] || DATA="$made/data" "$python" "$tools/gen.py" link1m
  local a="$made/data/link1m_a.parquet" b="$made/data/link1m_b.parquet"
  for side in a b; do
    "$python" - "$made/data/link1m_$side.parquet" "$made/data/nopin_$side.parquet" <<'PYTHON'
import sys, pyarrow.parquet as pq
pq.write_table(pq.read_table(sys.argv[1]).drop_columns(["pin"]), sys.argv[2])
PYTHON
  done
  for kind in pin nopin; do
    [ "$kind" = pin ] || { a="$made/data/nopin_a.parquet"; b="$made/data/nopin_b.parquet"; }
    cost_of "$bin/tizme" linkage link --left "$a" --right "$b" --model kg-persons --out "$out/$kind.parquet"
    say "1 M x 1 M, $kind: $COST (CPU-s, MB); at most 30 CPU-s and 1000 MB are asked"
    "$bin/tizme-f1" --links "$out/$kind.parquet" --left "$a" --right "$b" --id rid --truth ent
    [ "$splink" = no ] || (out="$made"; beside_splink "$python" "1 M x 1 M, $kind" "$COST" "$tools/splink_1m.py" "$kind" byte 2)
  done
}

addresses() {
  local out="${1:-out/addresses}"
  mkdir -p "$out"
  build_release -p country -p addresses
  local bin; bin="$(target_dir)/release"
  [ -f "$out/truth/addresses.csv" ] ||
    "$bin/tizme-country" --persons 6000000 --precincts 2374 --seed 7 --no-photos --no-prints --quiet --out "$out"
  time "$bin/tizme-addresses" "$out"
}

points() {
  local out="${1:-out/points}"
  mkdir -p "$out"
  if ! python3 -c 'import numpy, pyarrow, scipy, shapely' 2>/dev/null; then
    say "numpy, pyarrow, scipy and shapely are needed: pip install numpy pyarrow scipy shapely"
    return
  fi
  build_release -p addresses
  [ -f "$out/addr.parquet" ] || DATA="$out" python3 "$shared/tools/linkage/gen.py" geo
  python3 trials/addresses/points.py "$out" "$(target_dir)/release/tizme-points"
}

# The steps of the chain as filters between Spark's shuffles; every table must be the file of the embedded driver.
spark() {
  local out="${1:-out/spark}"
  install_debian time python3-venv default-jre-headless
  build_release -p country -p national -p tizme
  local bin; bin="$(target_dir)/release"
  mkdir -p "$out/on-spark"
  out="$(cd "$out" && pwd)"
  if ! python_with "$out/venv" pyspark pyarrow pandas; then
    say "PyPI serves no pyspark, pyarrow and pandas here: the run is left out"
    return
  fi
  [ -d "$out/country" ] ||
    "$bin/tizme-country" --persons 20000 --precincts 12 --seed 7 --no-photos --no-prints --quiet --out "$out/country"
  [ -d "$out/snapshot" ] || "$bin/tizme-national" snapshot --country "$out/country" --out "$out"
  echo '{"law": "kg-2015", "snapshot": "snapshot", "keys": "keys", "release": 1}' >"$out/params.json"
  local at=(--snapshot "$out/snapshot" --law kg-2015 --out "$out/embedded")
  cost_of "$bin/tizme" batch form "${at[@]}" --json >"$out/form.json"
  say "embedded driver: $COST (CPU-s, MB)"
  "$bin/tizme" batch assign "${at[@]}" || true
  cost_of "$out/venv/bin/python" services/batch/spark/chain.py --tizme "$bin/tizme" --snapshot "$out/snapshot" \
    --params "$out/params.json" --out "$out/on-spark" --partitions 4
  say "Spark, 4 partitions: $COST (CPU-s with the steps' own, MB of its largest process)"
  local name
  for name in decisions claims reconciliation; do cmp "$out/embedded/roll/$name.parquet" "$out/on-spark/$name.parquet"; done
  cmp "$out/embedded/assignment.parquet" "$out/on-spark/assignment.parquet"
  grep -q "$(cat "$out/on-spark/root.hex")" "$out/form.json"
  say "the same bytes: decisions, claims, reconciliation, assignment; the same root $(cut -c1-16 "$out/on-spark/root.hex")"
}

# A country of the real size: the same list from other rows and threads, growth, register to snapshot, DuckDB beside.
chain() {
  local out="${1:-out/chain}" sizes="${2:-1 3}"
  install_debian time python3-venv
  build_release -p country -p national -p tizme
  local bin; bin="$(target_dir)/release"
  mkdir -p "$out"
  out="$(cd "$out" && pwd)"
  [ -d "$out/country" ] ||
    "$bin/tizme-country" --persons "${TIZME_PERSONS:-6000000}" --precincts "${TIZME_PRECINCTS:-2374}" --seed 7 --no-photos --no-prints --quiet --out "$out/country"
  local times name
  for times in $sizes; do
    cost_of "$bin/tizme-national" snapshot --country "$out/country" --out "$out/x$times" --times "$times"
    cost_of "$bin/tizme-national" chain --snapshot "$out/x$times/snapshot" --out "$out/x$times"
    say "$times times the country: $COST (CPU-s, MB)"
  done
  cost_of "$bin/tizme-national" snapshot --country "$out/country" --out "$out/shuffled" --shuffle 20151004
  cost_of "$bin/tizme-national" chain --snapshot "$out/shuffled/snapshot" --out "$out/shuffled" --threads 1 --country "$out/country"
  for name in decisions claims findings reconciliation; do cmp "$out/x1/roll/$name.parquet" "$out/shuffled/roll/$name.parquet"; done
  diff -rq "$out/x1/roll/lines" "$out/shuffled/roll/lines"
  say "shuffled rows and one thread: $COST (CPU-s, MB); decisions, claims, findings, reconciliation and all lines byte for byte the same"
  if python_with "$out/venv" duckdb; then
    "$out/venv/bin/python" trials/national/duckdb_chain.py "$out/x1/snapshot" "$out/x1/roll"
  else
    say "PyPI serves no DuckDB here: only our own figures are taken"
  fi
  rm -f "$out"/register.db*
  cost_of "$bin/tizme" office import --store "sqlite:$out/register.db" --rejects "$out/rejects.csv" "$out/country" || [ -s "$out/rejects.csv" ]
  say "the country into SQLite: $COST (CPU-s, MB)"
  cost_of "$bin/tizme" office snapshot --store "sqlite:$out/register.db" --law kg-2015 --key "$out/x1/keys/register.key" --out "$out/from-register"
  say "snapshot from SQLite: $COST (CPU-s, MB)"
}

# Lists of a country of the real size on paper: killed once, finished, and compared with the station packages.
lists() {
  local out="${1:-out/lists}" count="${2:-200}"
  install_debian time poppler-utils zbar-tools
  build_release -p country -p national -p tizme-print
  local bin; bin="$(target_dir)/release"
  mkdir -p "$out"
  [ -d "$out/country" ] ||
    "$bin/tizme-country" --persons "${TIZME_PERSONS:-6000000}" --precincts "${TIZME_PRECINCTS:-2374}" --seed 7 --no-photos --no-prints --quiet --out "$out/country"
  [ -d "$out/snapshot" ] || "$bin/tizme-national" snapshot --country "$out/country" --out "$out"
  [ -d "$out/packages" ] || "$bin/tizme-national" chain --snapshot "$out/snapshot" --out "$out"
  local chosen=() file
  for file in $(ls "$out"/packages/*.package | awk -v n="$count" '{ all[NR] = $0 } END { for (i = 1; i <= n && i <= NR; i++) print all[int((i - 1) * NR / (n < NR ? n : NR)) + 1] }'); do
    file="$(basename "$file" .package)"
    chosen+=(--precinct "$file")
  done
  local print=("$bin/tizme-print" lists --roll "$out/roll" --out "$out/paper" "${chosen[@]}")
  rm -rf "$out/paper"
  # Stopped as a power cut would stop it, then finished: what stood is not set again.
  timeout --signal=KILL "${TIZME_STOP_AFTER:-30}" "${print[@]}" 2>/dev/null || true
  say "killed with $(find "$out/paper" -maxdepth 1 -name '[0-9]*.pdf' | wc -l) lists standing"
  cost_of "${print[@]}"
  say "the rest: $COST (CPU-s, MB)"
  "$bin/tizme-national" paper --out "$out" --paper "$out/paper" --every 50
}

fuzz() {
  local minutes="${1:-60}"
  if cargo fuzz --version >/dev/null 2>&1; then
    local targets; mapfile -t targets < <(cd fuzz && ls fuzz_targets | sed 's/\.rs$//')
    local seconds=$((minutes * 60 / ${#targets[@]} + 1))
    cargo run --release --locked -q -p parsers --bin tizme-corpus -- --out fuzz/corpus-made
    for target in "${targets[@]}"; do
      say "fuzz $target, $seconds s"
      mkdir -p "fuzz/corpus-made/$target" "fuzz/corpus/$target"
      # The toolchain is a stable one: coverage by its own flags, without sanitizers.
      (cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none "$target" "corpus-made/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1)
    done
  else
    say "cargo-fuzz is not installed (cargo install --locked cargo-fuzz): the seeded trial runs a hundred times as long"
    TIZME_ROUNDS=100 TIZME_SEED="$(date +%j)" cargo test --release --locked -p parsers --test garbled -- --nocapture --test-threads=1
  fi
}

browser() {
  install_debian chromium nodejs
  if ! command -v npm >/dev/null; then install_debian npm; fi
  # The same selection as ./test builds: nothing is compiled twice.
  cargo build --release --locked --workspace --bins --tests -q
  cargo test --release --locked --workspace --test whole_way --test list_way -- --nocapture
}

sim() {
  local days="${1:-1000000}" seed="${2:-20151004}"
  build_release -p sim
  for policy in segment paper_lock quorum; do
    "$(target_dir)/release/tizme-sim" --days $((days / 3)) --seed "$seed" --policy "$policy"
  done
}

attacks() {
  TIZME_ROUNDS=100000 cargo test --release --locked -q -p pollbook --lib schedules
  TIZME_ROUNDS=100000 cargo test --release --locked -q -p station --test bad_input no_changed
  TIZME_ROUNDS=10000 cargo test --release --locked -q -p station --test trouble no_changed
  TIZME_ROUNDS=500 cargo test --release --locked -p station --test set_back -- --nocapture
}

model() {
  build_release -p sim
  "$(target_dir)/release/tizme-sim" check --voters 2 --attempts 2 --crashes 2
  "$(target_dir)/release/tizme-sim" check --voters 3 --attempts 1
  "$(target_dir)/release/tizme-sim" check --voters 1 --second-day --crashes 0
}

pictures() {
  install_debian chromium nodejs pngquant
  if ! command -v npm >/dev/null; then install_debian npm; fi
  build_release -p demo -p tizme-print -p station -p oracle -p portal -p tizme -p browser
  "$(target_dir)/release/tizme-pictures"
}

case "$suite" in
accuracy | addresses | attacks | bench | browser | chain | enumeration | fuzz | linkage | lists | model | pictures | points | prints | sim | spark) "$suite" "$@" ;;
*) usage; exit 2 ;;
esac
