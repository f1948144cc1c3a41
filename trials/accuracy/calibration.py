#!/usr/bin/env python3
"""Fits score -> false match rate and measures the fused scores (numpy).

  tizme-calibration --out DIR --images IMAGES     # real.csv
  tizme-calibration --out DIR --pairs 10000000    # scores-*.bin
  calibration.py DIR [--svg FILE]

A rate of a real log odds value is the mean over the five sets, each with its own impostors. Intervals: impostor pairs
are weighted by the product of their fingers' weights, drawn from the exponential distribution (bootstrap by
finger), sets and crowd alike.
"""
import argparse, csv, glob
import numpy as np

SETS = ['fvc2002_db1b', 'fvc2002_db3b', 'fvc2004_db2b', 'fvc2004_db3b', 'neuro_uareu']
ROUNDS = 200
# Raw value -> score: the table and the slope of `score.rs`.
TABLE = [(-10.0, 0.0), (-6.0, 18.0), (-5.5, 34.0), (-5.0, 38.0), (-4.0, 48.0), (-3.5, 56.0), (-3.0, 67.0), (-2.5, 81.0), (-2.0, 99.0),
         (-1.5, 120.0), (-1.0, 145.0), (-0.5, 174.0), (0.0, 205.0), (0.5, 240.0), (1.0, 277.0), (1.5, 320.0), (2.0, 369.0), (3.5, 483.0)]
BEYOND = 43.43


def score(raw):
    x, y = np.array(TABLE).T
    s = np.interp(raw, x, y)
    return np.round(np.clip(np.where(raw > x[-1], y[-1] + BEYOND * (raw - x[-1]), s), 0, 2000))


def load_real(folder):
    sets = {s: ([], [], []) for s in SETS}
    genuine = {s: [] for s in SETS}
    number = {}
    for r in csv.DictReader(open(f'{folder}/real.csv')):
        (a, ka), (b, kb) = r['a'].rsplit('_', 1), r['b'].rsplit('_', 1)
        if a == b:
            genuine[r['set']].append((a, int(ka), int(kb), float(r['raw'])))
            continue
        for column, value in zip(sets[r['set']], (number.setdefault((r['set'], a), len(number)), number.setdefault((r['set'], b), len(number)), float(r['raw']))):
            column.append(value)
    return {s: tuple(np.array(c) for c in v) for s, v in sets.items()}, genuine


def load_crowd(folder):
    persons = int(open(f'{folder}/crowd.txt').read().split()[-1])
    fingers = 4 * persons
    rows, i = [], 0
    for path in sorted(glob.glob(f'{folder}/scores-*.bin')):
        v, at = np.fromfile(path, '<f4'), 0
        while at < len(v):
            n = fingers - i
            rows.append(v[at:at + 4 * n].reshape(n, 4))
            at, i = at + 4 * n, i + 1
    return fingers, rows


def rates(at, i, j, raw, weights=None):
    """Share of pairs at or above each value, and the interval of 95 % by finger."""
    order = np.argsort(raw)
    raw, i, j = raw[order], i[order], j[order]
    from_ = np.searchsorted(raw, at, 'left')
    plain = (len(raw) - from_) / len(raw)
    rng, all_ = np.random.default_rng(1), []
    tail = from_[0]
    for _ in range(ROUNDS):
        w = rng.exponential(1, max(i.max(), j.max()) + 1)
        present = np.unique(np.r_[i, j]) if weights is None else weights
        total = (w[present].sum() ** 2 - (w[present] ** 2).sum()) / (len(present) * (len(present) - 1)) * len(raw)
        p = np.r_[0, np.cumsum((w[i[tail:]] * w[j[tail:]])[::-1])]
        all_.append(p[len(raw) - from_] / total)
    return plain, np.array(all_)


def fisher(scores):
    """As `Score::fused_fingers`; fingers in the last axis."""
    x = scores.sum(-1) * np.log(10) / 100
    term, series = np.ones_like(x), np.zeros_like(x)
    for k in range(scores.shape[-1]):
        series, term = series + term, term * x / (k + 1)
    price = 12 * np.log2(scores.shape[-1])
    return np.round(np.clip((x - np.log(series)) * 100 / np.log(10) - price, 0, 2000))


def fused_fingers(fingers, rows):
    """Two and four fingers of two persons, all pairs of captures."""
    persons = min(len(rows) // 4, fingers // 4)
    for count, groups in ((2, [(0, 1), (2, 3), (0, 2), (1, 3)]), (4, [(0, 1, 2, 3)])):
        got = []
        # Once finger by finger, once each finger with the other person's next: both are strangers.
        for p, turn in ((p, turn) for p in range(persons) for turn in (0, 1)):
            # Row i holds fingers j ≥ i.
            column = lambda f: np.arange(4 * (p + 1) + (f + turn) % 4, fingers, 4) - (4 * p + f)
            s = np.stack([rows[4 * p + f][column(f)] for f in range(4)], 2)
            got += [fisher(score(s[:, :, list(g)])).ravel() for g in groups]
        got = np.concatenate(got)
        print(f'{count} fingers: {len(got)} pairs of persons; ' + '; '.join(f'{t}: {(got >= t).mean():.2e} (said {10 ** (-t / 100):.0e}, {(got >= t).sum()})' for t in (200, 300, 400, 500)))


def genuine_fingers(rows, persons):
    g = np.array([[rows[4 * p + f][0][1] for f in range(4)] for p in range(persons)])
    s = score(g)
    miss = s < 300
    print(f'genuine, one finger under 300: {100 * miss.mean():.2f} %; correlation of two fingers of a person {np.corrcoef(s[:, 0], s[:, 1])[0, 1]:.2f}; '
          f'both under 300: {100 * (miss[:, :2].all(1)).mean():.2f} %')
    for t in (400, 600):
        print(f'  FNMR at {t}: ' + ', '.join(f'{k} fingers {100 * (fisher(s[:, :k]) < t).mean():.2f} %' for k in (1, 2, 4)))


def views(genuine, real):
    """One enrolled print against two (prints 1 and 2 of a finger), probes 3 to 8; thresholds by the stated rate."""
    for t in (300, 400):
        one, two, mean = [], [], []
        for s in SETS:
            by = {}
            for f, a, b, raw in genuine[s]:
                by[f, min(a, b), max(a, b)] = score(np.array(raw))
            probes = sorted({k for (f, a, k) in by} - {1, 2})
            fingers = sorted({f for f, _, _ in by})
            x = np.array([[by[f, 1, k], by[f, 2, k]] for f in fingers for k in probes if (f, 1, k) in by and (f, 2, k) in by])
            one.append((x < t).mean())
            two.append((np.maximum(x.max(1) - 100 * np.log10(2), 0) < t).mean())
            mean.append((x.mean(1) < t).mean())
        print(f'views, FNMR at {t}: one {100 * np.mean(one):.2f} %, best of two with its price {100 * np.mean(two):.2f} %, mean of two {100 * np.mean(mean):.2f} %')


def views_fmr(fingers, rows):
    """How often a stranger passes the best of two captures of one finger."""
    for t in (200, 300, 400):
        both, n, one = 0, 0, 0
        for i, r in enumerate(rows):
            s = score(r[1:])
            for pair in ((0, 1), (2, 3)):
                m = s[:, list(pair)].max(1)
                both += (np.maximum(m - 100 * np.log10(2), 0) >= t).sum()
                one += (s[:, list(pair)] >= t).sum() / 2
                n += len(m)
        print(f'best of two views at {t}: FMR {both / n:.2e} of {n}, one view {one / n:.2e}')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('folder')
    p.add_argument('--svg')
    a = p.parse_args()
    real, genuine = load_real(a.folder)
    fingers, rows = load_crowd(a.folder)
    i = np.concatenate([np.full(4 * (len(r) - 1), k, np.int32) for k, r in enumerate(rows)])
    j = np.concatenate([np.repeat(np.arange(k + 1, k + len(r), dtype=np.int32), 4) for k, r in enumerate(rows)])
    raw = np.concatenate([r[1:].ravel() for r in rows])
    print(f'{len(raw)} synthetic pairs of {fingers} fingers, {sum(len(v[2]) for v in real.values())} real ones')
    at = np.concatenate([np.arange(-6, 2, .25), np.arange(2, 7.01, .25)])
    parts = [rates(at, *real[s]) for s in SETS]
    r, rb = np.mean([p[0] for p in parts], 0), np.mean([p[1] for p in parts], 0)
    s, sb = rates(at, i, j, raw, np.arange(fingers))
    band = lambda b: np.quantile(b, [.025, .975], axis=0)
    (rl, rh), (sl, sh) = band(rb), band(sb)
    with np.errstate(divide='ignore'):
        for k, x in enumerate(at):
            print(f'raw {x:6.2f} score {score(np.array(x)):5.0f}  real {-100 * np.log10(r[k]):6.1f} ({-100 * np.log10(rh[k]):6.1f} to {-100 * np.log10(rl[k]):6.1f}) n {sum((v[2] >= x).sum() for v in real.values()):6d}'
                  f'  synthetic {-100 * np.log10(s[k]):6.1f} ({-100 * np.log10(sh[k]):6.1f} to {-100 * np.log10(sl[k]):6.1f}) n {(raw >= x).sum():8d}')
    for name, v in (('synthetic', raw), ('real', np.concatenate([real[s][2] for s in SETS]))):
        for low in (1.0, 1.5, 2.0, 2.5):
            e = v[v > low] - low
            if len(e) > 5:
                print(f'{name}: tail over {low}: {len(e)} pairs, rate {1 / e.mean():.2f} ± {1 / e.mean() / len(e) ** .5:.2f} a unit, shape by moments {.5 * (1 - e.mean() ** 2 / e.var()):.2f}')
    fused_fingers(fingers, rows)
    genuine_fingers(rows, len(rows) // 4)
    views(genuine, real)
    views_fmr(fingers, rows)
    if a.svg:
        open(a.svg, 'w').write(svg(score(at), (r, rl, rh), (s, sl, sh)))


def svg(x, real, synthetic):
    """Observed rate over score, and the line that the scale states."""
    px, py = (lambda v: 70 + v / 650 * 600), (lambda v: 60 + -np.log10(v) / 7.5 * 340)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 470" font-family="sans-serif" font-size="12">',
           '<rect width="720" height="470" fill="#fff"/>',
           '<text x="12" y="24" font-size="15">What a score says and how often strangers reach it</text>',
           '<text x="12" y="42" fill="#555">False match rate over score; shaded: 95 % of 200 draws of fingers</text>']
    for e in range(8):
        y = py(10.0 ** -e)
        out.append(f'<line x1="70" x2="670" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/><text x="62" y="{y + 4:.1f}" text-anchor="end">10^-{e}</text>')
    for v in range(0, 651, 100):
        out.append(f'<text x="{px(v):.1f}" y="{py(10 ** -7.5) + 18:.1f}" text-anchor="middle">{v}</text>')
    out.append(f'<line x1="{px(0)}" y1="{py(1):.1f}" x2="{px(650):.1f}" y2="{py(10 ** -6.5):.1f}" stroke="#000" stroke-dasharray="5 4"/>')
    for colour, (v, low, high) in (('#1f5fa8', real), ('#d9730d', synthetic)):
        k = (v > 0) & (low > 0)
        ring = [f'{px(a):.1f},{py(b):.1f}' for a, b in zip(x[k], high[k])] + [f'{px(a):.1f},{py(b):.1f}' for a, b in zip(x[k][::-1], low[k][::-1])]
        out.append(f'<polygon points="{" ".join(ring)}" fill="{colour}" fill-opacity="0.2"/>')
        k = v > 0
        out.append(f'<polyline points="{" ".join(f"{px(a):.1f},{py(b):.1f}" for a, b in zip(x[k], v[k]))}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for k, (colour, name) in enumerate((('#000', 'what the scale states'), ('#1f5fa8', 'real, mean of five sets'), ('#d9730d', 'synthetic'))):
        out.append(f'<rect x="{90 + 190 * k}" y="442" width="14" height="4" fill="{colour}"/><text x="{110 + 190 * k}" y="448">{name}</text>')
    return '\n'.join(out + ['</svg>\n'])


if __name__ == '__main__':
    main()
