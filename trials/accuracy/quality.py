#!/usr/bin/env python3
"""Fits the quality model of `instruments/fingerprint` and shows what it is worth (numpy).

  tizme-calibration --out DIR --images IMAGES        # real.csv
  tizme-quality --out DIR --images IMAGES            # real-quality.csv
  tizme-quality --out DIR --fingers 150              # synthetic-quality.csv, synthetic-pairs.csv
  quality.py DIR [--svg FILE]

Model: the log odds that two impressions of one finger fail to reach 1 in 100,000 are
offset + u(a) + u(b), where u is linear in the measures below. Offsets are fitted for each set, u is common.
Each set has equal weight. A set's rates come from u fitted without that set; `neuro_uareu` is never fitted on.
"""
import argparse, csv
import numpy as np

FITTED = ['fvc2002_db1b', 'fvc2002_db3b', 'fvc2004_db2b', 'fvc2004_db3b', 'synthetic']
REAL = ['fvc2002_db1b', 'fvc2002_db3b', 'fvc2004_db2b', 'fvc2004_db3b', 'neuro_uareu']
FAIL_RAW = 4.0           # log odds of a score of 500
RIDGE = 0.02
TERMS = {
    'mean reliability': lambda m: m['reliable'] / m['minutiae'].clip(1),
    'ln reliable': lambda m: np.log(m['reliable'] + 3),
    'core': lambda m: m['core_mm'] >= 0.5,
}


def table(path):
    rows = list(csv.DictReader(open(path)))
    return {k: np.array([r[k] for r in rows]) for k in rows[0]}


class Data:
    def __init__(self, folder):
        q = [table(f'{folder}/{k}-quality.csv') for k in ('real', 'synthetic')]
        self.set = np.concatenate([t['set'] for t in q])
        self.print = np.concatenate([t['print'] for t in q])
        self.condition = np.concatenate([t['condition'] for t in q])
        self.reasons = np.concatenate([t['reasons'] for t in q])
        self.value = np.concatenate([t['value'] for t in q]).astype(float)
        names = [k for k in q[0] if k not in ('set', 'print', 'condition', 'value', 'reasons')]
        self.m = {k: np.concatenate([t[k].astype(float) for t in q]) for k in names}
        index = {(s, p): i for i, (s, p) in enumerate(zip(self.set, self.print))}
        rows = []
        self.impostor = {s: [] for s in REAL}
        for path in ('real.csv', 'synthetic-pairs.csv'):
            for r in csv.DictReader(open(f'{folder}/{path}')):
                s, a, b, raw = r['set'], r['a'], r['b'], float(r['raw'])
                if a.rsplit('_', 1)[0] == b.rsplit('_', 1)[0]:
                    rows.append((s, index[s, a], index[s, b], raw))
                elif s in self.impostor and (s != 'neuro_uareu' or a.rsplit('_', 1)[1] == b.rsplit('_', 1)[1]):
                    self.impostor[s].append((index[s, a], index[s, b], raw))
        self.ps = np.array([r[0] for r in rows])
        self.pa, self.pb = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
        self.raw = np.array([r[3] for r in rows])
        self.impostor = {s: np.array(v) for s, v in self.impostor.items()}


def features(d, terms=TERMS):
    return np.stack([f(d.m).astype(float) for f in terms.values()], 1)


def fit(d, x, sets, ridge=RIDGE, fail=FAIL_RAW):
    """Weights of u and one offset a set."""
    use = np.isin(d.ps, sets)
    mean, sd = x.mean(0), x.std(0) + 1e-9
    z = (x - mean) / sd
    pair = z[d.pa[use]] + z[d.pb[use]]
    which = np.stack([d.ps[use] == s for s in sets], 1).astype(float)
    design, y = np.c_[pair, which], (d.raw[use] < fail).astype(float)
    w = (which / which.sum(0)).sum(1) / len(sets)
    b = np.zeros(design.shape[1])
    penalty = np.diag([ridge] * x.shape[1] + [1e-4] * len(sets))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(design @ b, -30, 30)))
        h = (design * (w * p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(h, design.T @ (w * (p - y)) + penalty @ b)
        b -= step
    k = x.shape[1]
    return b[:k] / sd, -(b[:k] / sd * mean).sum(), b[k:]


def threshold(impostor, fmr=0.001):
    v = np.sort(impostor)[::-1]
    return np.nextafter(v[int(fmr * len(v))], np.inf)


def curve(d, u, s, shares, again=False):
    """FNMR at FMR1000 when the shares with the highest u are turned away."""
    inside = np.where(d.set == s)[0]
    order = inside[np.argsort(-u[inside], kind='stable')]
    i = d.ps == s
    imp = d.impostor[s]
    out = []
    for share in shares:
        gone = np.zeros(len(d.set), bool)
        gone[order[:int(round(share * len(inside)))]] = True
        keep = ~gone[d.pa[i]] & ~gone[d.pb[i]]
        v = imp[:, 2]
        if again:
            v = v[~gone[imp[:, 0].astype(int)] & ~gone[imp[:, 1].astype(int)]]
        out.append((d.raw[i][keep] < threshold(v)).mean())
    return 100 * np.array(out)


def oracle(d, s):
    """Share of failing pairs of each print, as if it were known."""
    bad = np.zeros(len(d.set))
    i = d.ps == s
    f = d.raw[i] < threshold(d.impostor[s][:, 2])
    np.add.at(bad, d.pa[i], f); np.add.at(bad, d.pb[i], f)
    return bad


def report(d, us, name):
    base = [curve(d, d.value * 0, s, [0])[0] for s in REAL]
    at10 = [curve(d, us[s], s, [.1])[0] for s in REAL]
    re10 = [curve(d, us[s], s, [.1], True)[0] for s in REAL]
    line = ' '.join(f'{a:5.2f}>{b:5.2f}' for a, b in zip(base, at10))
    print(f'{name:28s} {line}  mean {np.mean(base):.2f}>{np.mean(at10):.2f} (thresholds again {np.mean(re10):.2f})')
    return np.mean(at10)


def held_out(d, x, **how):
    us = {}
    for s in REAL:
        w, c, _ = fit(d, x, [f for f in FITTED if f != s], **how)
        us[s] = x @ w + c
    return us


def scale(d, u):
    """How often prints of a given u fail against all others of their finger, at each set's FMR1000."""
    i = np.isin(d.ps, REAL)
    t = np.array([threshold(d.impostor[s][:, 2]) for s in d.ps[i]])
    fails, a, b = d.raw[i] < t, d.pa[i], d.pb[i]
    prints = np.isin(d.set, REAL)
    edges = np.quantile(u[prints], [0, .02, .05, .1, .2, .4, .6, .8, 1])
    for low, high in zip(edges, edges[1:]):
        of = lambda v: (v >= low) & (v <= high)
        n = of(u[a]).sum() + of(u[b]).sum()
        k = fails[of(u[a])].sum() + fails[of(u[b])].sum()
        print(f'u {low:6.2f} to {high:6.2f}: {k} of {n} comparisons fail, {100 * k / n:.2f} %')


def confusion(d):
    """Which reasons prints of known condition are given, percent."""
    codes = ['too-dry', 'too-wet', 'too-small', 'shifted', 'moving', 'dirty']
    print(f'{"":14s} {"prints":>6s} {"value":>6s} ' + ' '.join(f'{c:>9s}' for c in codes) + '     none')
    sets = [(c, d.condition == c) for c in dict.fromkeys(d.condition) if c] + [(s, d.set == s) for s in REAL]
    for name, i in sets:
        given = [r.split('+') if r else [] for r in d.reasons[i]]
        share = [100 * np.mean([c in g for g in given]) for c in codes]
        none = 100 * np.mean([not g for g in given])
        print(f'{name:14s} {i.sum():6d} {np.median(d.value[i]):6.0f} ' + ' '.join(f'{v:9.1f}' for v in share) + f' {none:8.1f}')


def svg(d, shipped, held):
    """Error over the share of prints that are turned away."""
    shares = np.arange(0, 0.301, 0.0125)
    mean = lambda u: np.mean([curve(d, u[s], s, shares) for s in REAL], 0)
    lines = [('#1f5fa8', 'as shipped', mean(shipped)), ('#d9730d', 'fitted without the set', mean(held)),
             ('#999', 'if the failures were known', mean({s: oracle(d, s) for s in REAL}))]
    top = 3.0
    x = lambda v: 70 + v / 0.3 * 600
    y = lambda v: 330 - min(v, top) / top * 270
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 400" font-family="sans-serif" font-size="12">',
           '<rect width="720" height="400" fill="#fff"/>',
           '<text x="12" y="24" font-size="15">False non-match rate over the share of prints turned away for their quality</text>',
           '<text x="12" y="42" fill="#555">Mean of five real sets, each at its own threshold of FMR 1 in 1,000</text>']
    for v in np.arange(0, top + .1, .5):
        out.append(f'<line x1="70" x2="670" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/><text x="62" y="{y(v) + 4:.1f}" text-anchor="end">{v:.1f} %</text>')
    for v in np.arange(0, .301, .05):
        out.append(f'<text x="{x(v):.1f}" y="350" text-anchor="middle">{100 * v:.0f} %</text>')
    for k, (colour, name, values) in enumerate(lines):
        path = ' '.join(f'{x(a):.1f},{y(b):.1f}' for a, b in zip(shares, values))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<rect x="{90 + 200 * k}" y="372" width="14" height="4" fill="{colour}"/><text x="{110 + 200 * k}" y="378">{name}</text>')
    return '\n'.join(out + ['</svg>\n'])


def main():
    p = argparse.ArgumentParser()
    p.add_argument('folder')
    p.add_argument('--svg')
    a = p.parse_args()
    d = Data(a.folder)
    x = features(d)
    report(d, {s: oracle(d, s) for s in REAL}, 'if it were known')
    report(d, {s: -d.value for s in REAL}, 'value in the table')
    report(d, held_out(d, x), 'held out')
    w, c, offsets = fit(d, x, FITTED)
    report(d, {s: x @ w + c for s in REAL}, 'as shipped')
    for name, weight in zip(TERMS, w):
        print(f'{weight:9.4f}  {name}')
    print(f'{c:9.4f}  offset; sets {np.round(offsets, 2)}')
    scale(d, x @ w + c)
    confusion(d)
    if a.svg:
        open(a.svg, 'w').write(svg(d, {s: x @ w + c for s in REAL}, held_out(d, x)))


if __name__ == '__main__':
    main()
