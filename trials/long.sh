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
  browser              only the eight stories of ./test on the running demo in real Chromium, with their log
  accuracy [OUT]       real prints against the peers' pairs, synthetic prints against real ones, loss of the prefilter
  bench [OUT]          times of extraction and comparison beside peers that PyPI serves, same images, same run
  prints               docs/pictures/fingerprint-*.png: stages and pairs of synthetic prints, drawn anew
  fuzz [MINUTES]       every parser: by cargo-fuzz where it is installed, else a hundred times the seeded trial
  linkage [OUT]        FEBRL and generated Kyrgyz lists of a million rows through `tizme linkage`
  addresses [OUT]      a country of the real size: its commission's addresses placed, against the truth
  points [OUT]         1.3 million points in 2,374 polygons beside shapely (needs numpy, pyarrow, scipy, shapely)
  pictures             docs/pictures: real screens of the running demo, taken anew
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

linkage() {
  local out="${1:-out/linkage}" lists="$shared/data/linkage"
  mkdir -p "$out"
  build_release -p tizme -p accuracy
  local bin; bin="$(target_dir)/release"
  for n in 1 2 3; do
    "$bin/tizme" linkage dedupe --input "$lists/febrl$n.csv" --model febrl --out "$out/febrl$n.csv"
    "$bin/tizme-f1" --links "$out/febrl$n.csv" --left "$lists/febrl$n.csv" --id rec_id --truth true_cluster
  done
  "$bin/tizme" linkage link --left "$lists/febrl4a.csv" --right "$lists/febrl4b.csv" --model febrl --out "$out/febrl4.csv"
  "$bin/tizme-f1" --links "$out/febrl4.csv" --left "$lists/febrl4a.csv" --right "$lists/febrl4b.csv" --id rec_id --truth true_cluster
  if ! python3 -c 'import numpy, pyarrow' 2>/dev/null; then
    say "numpy and pyarrow are missing: the lists of a million rows are not made"
    return
  fi
  [ -f "$out/link1m_b.parquet" ] || DATA="$out" python3 "$shared/tools/linkage/gen.py" link1m
  "$bin/tizme" linkage link --left "$out/link1m_a.parquet" --right "$out/link1m_b.parquet" --model kg-persons --out "$out/link1m.parquet"
  "$bin/tizme-f1" --links "$out/link1m.parquet" --left "$out/link1m_a.parquet" --right "$out/link1m_b.parquet" --id rid --truth ent
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
  cargo test --release --locked --workspace --test whole_way -- --nocapture
}

pictures() {
  install_debian chromium nodejs pngquant
  if ! command -v npm >/dev/null; then install_debian npm; fi
  build_release -p demo -p tizme-print -p station -p oracle -p portal -p tizme -p browser
  "$(target_dir)/release/tizme-pictures"
}

case "$suite" in
accuracy | addresses | bench | browser | fuzz | linkage | pictures | points | prints) "$suite" "$@" ;;
*) usage; exit 2 ;;
esac
