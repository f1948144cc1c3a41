#!/usr/bin/env python3
"""Teaches the orientation net of `instruments/fingerprint` from synthetic prints.

  ridges-lessons lessons.bin 1000 2400      # the prints and the ridges under them (trials/ridges)
  teach.py lessons.bin net.pt --minutes 40  # trains (torch and numpy; one or two threads)
  teach.py lessons.bin net.pt --write net.bin

No real print is used. Input of the net is the normalised picture exactly as `field::normalised`
makes it; per cell of 8x8 px it gives cos 2t and sin 2t of the ridge direction (y downwards), the
log odds of skin, and the log of the ridge frequency against 1/9 px.
"""
import argparse, math, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

H, W, CROP = 384, 336, 256


class Block(nn.Module):
    def __init__(self, c, dilation):
        super().__init__()
        self.dw = nn.Conv2d(c, c, 5, padding=2 * dilation, dilation=dilation, groups=c, bias=False)
        self.n1 = nn.BatchNorm2d(c)
        self.pw = nn.Conv2d(c, c, 1, bias=False)
        self.n2 = nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(x + self.n2(self.pw(F.relu(self.n1(self.dw(x))))))


class Net(nn.Module):
    def __init__(self, c1=16, c2=32, dilations=(1, 2, 3, 2, 1)):
        super().__init__()
        self.first = nn.Conv2d(1, c1, 8, stride=4, padding=2, bias=False)
        self.n1 = nn.BatchNorm2d(c1)
        self.second = nn.Conv2d(c1, c2, 4, stride=2, padding=1, bias=False)
        self.n2 = nn.BatchNorm2d(c2)
        self.blocks = nn.ModuleList(Block(c2, d) for d in dilations)
        self.head = nn.Conv2d(c2, 4, 1)

    def forward(self, x):
        x = F.relu(self.n1(self.first(x)))
        x = F.relu(self.n2(self.second(x)))
        for b in self.blocks:
            x = b(x)
        return self.head(x)


def gauss(sigma):
    r = max(1, math.ceil(3 * sigma))
    k = torch.exp(-torch.arange(-r, r + 1).float() ** 2 / (2 * sigma * sigma))
    return k / k.sum()


def taps(x, weights, dim):
    """Correlation along one dimension, zeros outside; faster than conv2d for one channel."""
    r = len(weights) // 2
    padded = F.pad(x, (r, r, 0, 0) if dim == 3 else (0, 0, r, r))
    n = x.shape[dim]
    total = padded.narrow(dim, 0, n) * float(weights[0])
    for i, w in enumerate(weights[1:], 1):
        total.add_(padded.narrow(dim, i, n), alpha=float(w))
    return total


def smooth(x, sigma):
    """Separable Gaussian, zeros outside; x is N,1,h,w."""
    k = gauss(sigma)
    return taps(taps(x, k, 3), k, 2)


def normalised(image):
    """As `field::normalised`: image N,1,h,w with 0 = black, sides divisible by 4."""
    mean, square = F.avg_pool2d(image, 4), F.avg_pool2d(image * image, 4)
    ones = smooth(torch.ones_like(mean), 3.0)
    mean = smooth(mean, 3.0) / ones
    var = (smooth(square, 3.0) / ones - mean * mean).clamp(min=0)
    scale = 1 / (var.sqrt() + 4)
    up = lambda p: F.interpolate(p, scale_factor=4, mode='bilinear', align_corners=False)
    return ((up(mean) - image) * up(scale)).clamp(-3, 3)


def sobel(h):
    slope, bell = [-0.5, 0, 0.5], [0.25, 0.5, 0.25]
    return taps(taps(h, slope, 3), bell, 2), taps(taps(h, slope, 2), bell, 3)


def truth(ridges, mask):
    """cos 2t, sin 2t, log frequency per 8x8 cell, and the weight of each cell."""
    h = (ridges - 128) / 127 * mask
    inside = -F.max_pool2d(-mask, 3, 1, 1)
    gx, gy = (g * inside for g in sobel(h))
    pool = lambda p: smooth(F.avg_pool2d(p, 4), 1.25)
    c, s, e, q = pool(gy * gy - gx * gx), pool(-2 * gx * gy), pool(gx * gx + gy * gy), pool(h * h * inside)
    # From cells of 4 px to cells of 8 px.
    c, s, e, q = (F.avg_pool2d(p, 2) for p in (c, s, e, q))
    n = (c * c + s * s).sqrt() + 1e-6
    weight = F.avg_pool2d(inside, 8) * (n / (e + 1e-6)).clamp(0, 1)
    frequency = (e / (q + 1e-4) + 1e-6).sqrt() / (2 * math.pi)
    return c / n, s / n, torch.log(frequency * 9), weight


def views(n, rng):
    """Random rotations, mirrors and scales as grids for crops."""
    angle = torch.from_numpy(rng.normal(0, 0.35, n)).float()
    scale = torch.from_numpy(np.exp(rng.uniform(math.log(0.75), math.log(1.3), n))).float()
    mirror = torch.from_numpy(rng.choice([-1.0, 1.0], n)).float()
    c, s = torch.cos(angle) * scale, torch.sin(angle) * scale
    t = torch.zeros(n, 2, 3)
    t[:, 0, 0], t[:, 0, 1] = c * CROP / W * mirror, -s * CROP / W
    t[:, 1, 0], t[:, 1, 1] = s * CROP / H * mirror, c * CROP / H
    t[:, :, 2] = torch.from_numpy(rng.uniform(-0.45, 0.45, (n, 2))).float()
    return F.affine_grid(t, (n, 1, CROP, CROP), align_corners=False)


def field(n, cells, rng):
    """A smooth random field, about normal."""
    x = torch.from_numpy(rng.normal(0, 1, (n, 1, cells, cells))).float()
    return F.interpolate(x, (CROP, CROP), mode='bicubic', align_corners=False)


def creases(n, rng):
    """Bundles of nearly parallel lines, as skin that dries and folds has them; 1 on a line."""
    y, x = torch.meshgrid(torch.arange(CROP).float(), torch.arange(CROP).float(), indexing='ij')
    turn = torch.from_numpy(rng.uniform(0, math.pi, (n, 1, 1, 1))).float()
    along = x * torch.cos(turn) + y * torch.sin(turn) + 6 * field(n, 4, rng) + 2 * field(n, 10, rng)
    # Where the lines lie: sparse spikes of different width and depth.
    spikes = torch.zeros(n, 1, 1, 1024)
    for k in range(n):
        count = int(rng.integers(1, 60) if rng.random() < 0.5 else rng.integers(1, 6))
        spikes[k, 0, 0, rng.integers(0, 1024, count)] = torch.from_numpy(rng.uniform(0.4, 1.5, count)).float()
    width = float(rng.uniform(0.8, 2.2))
    spikes = taps(spikes, gauss(width), 3) * width * 2.5
    at = (along + 320).clamp(0, 1023).long()
    lines = torch.gather(spikes.view(n, 1, 1024), 2, at.view(n, 1, -1)).view(n, 1, CROP, CROP)
    return (lines * (0.6 + field(n, 4, rng)).clamp(0, 1)).clamp(0, 1) * some(n, 0.35, rng)


def some(n, share, rng):
    return torch.from_numpy((rng.random((n, 1, 1, 1)) < share)).float()


def between(n, low, high, rng):
    return torch.from_numpy(rng.uniform(low, high, (n, 1, 1, 1))).float()


def lessons(data, n, rng):
    at = np.sort(rng.integers(0, len(data), n))
    batch = torch.from_numpy(data[at]).float()
    grid = views(n, rng)
    image, ridges = batch[:, :1], batch[:, 1:]
    mask = F.grid_sample((ridges > 0).float(), grid, align_corners=False)
    ridges = F.grid_sample(torch.where(ridges > 0, ridges, torch.tensor(128.)), grid, align_corners=False)
    image = 255 - F.grid_sample(255 - image, grid, align_corners=False)
    mask = (mask > 0.99).float()
    # What the finger before left: another print, paler.
    other = image[torch.from_numpy(rng.permutation(n))].flip(3)
    pale = between(n, 0.1, 0.55, rng) * some(n, 0.3, rng) * (0.5 + field(n, 4, rng)).clamp(0, 1)
    image = torch.minimum(image, 255 - pale * (255 - other)) if rng.random() < 0.5 else image - pale * (255 - other) * 0.7
    # Patches where the ridges are lost to black, white or grey.
    lost = (field(n, int(rng.integers(4, 12)), rng) - between(n, 0.9, 2.2, rng)).mul(4).clamp(0, 1) * some(n, 0.6, rng)
    image = image * (1 - lost) + lost * between(n, 20, 255, rng)
    folds = creases(n, rng)
    image = image * (1 - folds) + folds * 250
    # Blur, contrast, brightness, grain, stripes.
    blur = some(n, 0.4, rng)
    image = image * (1 - blur) + blur * smooth(image, float(rng.uniform(0.5, 1.6)))
    image = (image - 255) * between(n, 0.25, 1.1, rng) * (1 + 0.3 * field(n, 3, rng)).clamp(0.3, 1.6) + between(n, 180, 260, rng)
    image = image + 15 * field(n, 3, rng)
    grain = torch.from_numpy(rng.normal(0, 1, (n, 1, CROP, CROP))).float()
    soft = smooth(grain, 0.8) * 3
    image = image + grain * between(n, 0, 22, rng) * some(n, 0.7, rng) + soft * between(n, 0, 22, rng) * some(n, 0.4, rng)
    lines = torch.from_numpy(rng.normal(0, 1, (n, 1, CROP, 1))).float()
    image = image + lines * between(n, 0, 14, rng) * some(n, 0.2, rng)
    dots = torch.from_numpy((rng.random((n, 1, CROP, CROP)) < 0.12)).float() * some(n, 0.15, rng)
    image = image * (1 - dots) + dots * between(n, 0, 255, rng)
    image = image.clamp(0, 255).round()
    return normalised(image), truth(ridges, mask), F.avg_pool2d(mask, 8)


def turned(batch, rng):
    """The same lessons mirrored and turned by quarter turns, which costs nothing."""
    x, (c, s, f, w), mask = batch
    quarter, mirror = int(rng.integers(4)), rng.random() < 0.5
    def move(p):
        p = torch.rot90(p, quarter, (2, 3))
        return p.flip(3) if mirror else p
    sign = -1 if quarter % 2 else 1
    return move(x), (sign * move(c), sign * (-1 if mirror else 1) * move(s), move(f), move(w)), move(mask)


def loss_of(net, batch):
    x, (c, s, f, w), mask = batch
    y = net(x)
    total = w.sum() + 1e-6
    d = (((y[:, :1] - c) ** 2 + (y[:, 1:2] - s) ** 2) * w).sum() / total
    m = F.binary_cross_entropy_with_logits(y[:, 2:3], mask)
    q = ((y[:, 3:] - f).abs() * w).sum() / total
    # Mean angular error in degrees, for the eye.
    angle = torch.atan2(y[:, 1:2], y[:, :1]) - torch.atan2(s, c)
    off = (torch.atan2(torch.sin(angle), torch.cos(angle)).abs() * w).sum() / total * 90 / math.pi
    return d + 0.2 * m + 0.3 * q, (d.item(), m.item(), q.item(), off.item())


def folded(conv, norm):
    k = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
    return conv.weight.detach() * k.view(-1, 1, 1, 1), norm.bias.detach() - norm.running_mean * k


def write(net, path):
    """Weights as 32-bit little-endian floats, norms folded in, output channels innermost."""
    parts = []
    def add(weight, bias):
        parts.extend([weight.permute(2, 3, 1, 0).reshape(-1), bias.reshape(-1)])
    add(*folded(net.first, net.n1))
    add(*folded(net.second, net.n2))
    for b in net.blocks:
        add(*folded(b.dw, b.n1))
        add(*folded(b.pw, b.n2))
    add(net.head.weight.detach(), net.head.bias.detach())
    flat = torch.cat(parts).numpy().astype('<f4')
    flat.tofile(path)
    print(len(flat), 'weights')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('lessons')
    p.add_argument('net')
    p.add_argument('--minutes', type=float, default=40)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--batch', type=int, default=16)
    p.add_argument('--resume', action='store_true')
    p.add_argument('--rate', type=float, default=3e-3)
    p.add_argument('--write')
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    net = Net().to(memory_format=torch.channels_last)
    if a.write or a.resume:
        net.load_state_dict(torch.load(a.net))
    if a.write:
        return write(net.eval(), a.write)
    whole = np.memmap(a.lessons, np.uint8, 'r')
    data = whole[:len(whole) // (2 * H * W) * 2 * H * W].reshape(-1, 2, H, W)
    # The last fingers are never learned from.
    kept = data[-200:]
    data = data[:-200]
    held = lessons(kept, 64, np.random.default_rng(7))
    step = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=1e-4)
    pool = []
    start, mean, i = time.time(), None, 0
    while (done := (time.time() - start) / (60 * a.minutes)) < 1:
        for g in step.param_groups:
            g['lr'] = a.rate * min(1, (i + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        net.train()
        # Making a lesson costs more than learning from it: each is seen about three times.
        if i % 3 == 0:
            pool = (pool + [lessons(data, a.batch, rng)])[-30:]
        loss, parts = loss_of(net, turned(pool[int(rng.integers(len(pool)))], rng))
        step.zero_grad()
        loss.backward()
        step.step()
        mean = parts if mean is None else [0.98 * m + 0.02 * v for m, v in zip(mean, parts)]
        i += 1
        if i % 100 == 0:
            net.eval()
            with torch.no_grad():
                held_parts = loss_of(net, held)[1]
            print(f'{time.time() - start:6.0f} s, {i} steps: ' + ' '.join(f'{v:.4f}' for v in mean)
                  + ' | held ' + ' '.join(f'{v:.4f}' for v in held_parts), flush=True)
            torch.save(net.state_dict(), a.net)
    torch.save(net.state_dict(), a.net)


if __name__ == '__main__':
    main()
