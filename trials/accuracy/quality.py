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
    'ln clear': lambda m: np.log(m['clear_mm2'] + 10),
    'ln reliable': lambda m: np.log(m['reliable'] + 3),
    'certainty': lambda m: m['certainty'],
    'core': lambda m: m['core_mm'] > 0.5,
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


if __name__ == '__main__':
    main()
