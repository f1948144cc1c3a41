//! From scored pairs to links: who may be linked to how many, and clusters when de-duplicating.

use crate::compare::Levels;

/// A candidate pair with its weight; records are positions in the order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scored {
    pub left: u32,
    pub right: u32,
    pub weight: i32,
    pub levels: Levels,
}

/// A chosen pair and how far behind the best rejected alternative was (`i32::MAX` when there was none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub pair: Scored,
    pub margin: i32,
}

/// Heaviest first, ties by position: a total order, so the result does not depend on the input's order.
fn by_weight(pairs: &mut [Scored]) {
    pairs.sort_unstable_by_key(|pair| (std::cmp::Reverse(pair.weight), pair.left, pair.right));
}

/// Every pair; the margin is not used.
pub(crate) fn all(pairs: Vec<Scored>) -> Vec<Chosen> {
    pairs
        .into_iter()
        .map(|pair| Chosen {
            pair,
            margin: i32::MAX,
        })
        .collect()
}

/// The best left record of each right record.
pub(crate) fn best_per_right(mut pairs: Vec<Scored>) -> Vec<Chosen> {
    pairs.sort_unstable_by_key(|pair| (pair.right, std::cmp::Reverse(pair.weight), pair.left));
    let mut chosen: Vec<Chosen> = Vec::new();
    for pair in pairs {
        match chosen.last_mut() {
            Some(last) if last.pair.right == pair.right => {
                last.margin = last.margin.min(last.pair.weight - pair.weight)
            }
            Some(_) | None => chosen.push(Chosen {
                pair,
                margin: i32::MAX,
            }),
        }
    }
    chosen
}

/// One to one: the heaviest pair first, then the heaviest among records still free.
///
/// The margin of a link is the distance to the best pair it displaced.
pub(crate) fn one_to_one(mut pairs: Vec<Scored>, left_len: usize, right_len: usize) -> Vec<Chosen> {
    by_weight(&mut pairs);
    let mut link_of_left = vec![u32::MAX; left_len];
    let mut link_of_right = vec![u32::MAX; right_len];
    let mut chosen: Vec<Chosen> = Vec::new();
    for pair in pairs {
        let (l, r) = (
            link_of_left[pair.left as usize],
            link_of_right[pair.right as usize],
        );
        if l == u32::MAX && r == u32::MAX {
            let place = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
            link_of_left[pair.left as usize] = place;
            link_of_right[pair.right as usize] = place;
            chosen.push(Chosen {
                pair,
                margin: i32::MAX,
            });
            continue;
        }
        for displacing in [l, r].into_iter().filter(|&place| place != u32::MAX) {
            let link = &mut chosen[displacing as usize];
            link.margin = link.margin.min(link.pair.weight - pair.weight);
        }
    }
    chosen
}

/// Largest component whose clusters are found at once; a larger one (a fault of the model or the data) is
/// cut in halves in the order of ids, to bound the cost.
const COMPONENT_MAX: usize = 400;

/// Clusters of one list: groups of positions, each sorted, singletons left out.
///
/// Within each connected component of pairs of at least `component_weight`, two clusters are joined, the
/// pair with the highest mean weight first, while the mean over all their pairs is at least
/// `cluster_weight`. So one chance link does not chain two families together. `weigh` gives the weight of
/// a pair that blocking never produced.
pub(crate) fn clusters(
    pairs: &[Scored],
    len: usize,
    component_weight: i32,
    cluster_weight: i32,
    mut weigh: impl FnMut(u32, u32) -> i32,
) -> Vec<Vec<u32>> {
    let mut parent: Vec<u32> = (0..u32::try_from(len).unwrap_or(u32::MAX)).collect();
    for pair in pairs.iter().filter(|pair| pair.weight >= component_weight) {
        let (a, b) = (root(&mut parent, pair.left), root(&mut parent, pair.right));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut members: Vec<(u32, u32)> = Vec::new();
    for position in 0..u32::try_from(len).unwrap_or(u32::MAX) {
        let top = root(&mut parent, position);
        if top != position || parent[position as usize] != position {
            members.push((top, position));
        }
    }
    let tops: Vec<u32> = members.iter().map(|member| member.0).collect();
    members.extend(tops.iter().map(|&top| (top, top)));
    members.sort_unstable();
    members.dedup();
    let mut clusters = Vec::new();
    for component in members.chunk_by(|a, b| a.0 == b.0) {
        let positions: Vec<u32> = component.iter().map(|member| member.1).collect();
        clusters.extend(agglomerate(&positions, cluster_weight, &mut weigh));
    }
    clusters.sort_unstable();
    clusters
}

fn root(parent: &mut [u32], mut position: u32) -> u32 {
    while parent[position as usize] != position {
        let above = parent[parent[position as usize] as usize];
        parent[position as usize] = above;
        position = above;
    }
    position
}

/// Average linkage in whole numbers: sums of weights over pairs of clusters.
fn agglomerate(
    positions: &[u32],
    cluster_weight: i32,
    weigh: &mut impl FnMut(u32, u32) -> i32,
) -> Vec<Vec<u32>> {
    if positions.len() > COMPONENT_MAX {
        let (head, tail) = positions.split_at(positions.len() / 2);
        return [
            agglomerate(head, cluster_weight, weigh),
            agglomerate(tail, cluster_weight, weigh),
        ]
        .concat();
    }
    let n = positions.len();
    let mut groups: Vec<Vec<u32>> = positions.iter().map(|&position| vec![position]).collect();
    let mut sums = vec![vec![0i64; n]; n];
    for i in 0..n {
        for j in i + 1..n {
            let weight = i64::from(weigh(positions[i], positions[j]));
            sums[i][j] = weight;
            sums[j][i] = weight;
        }
    }
    loop {
        let mut best: Option<(i64, i64, usize, usize)> = None;
        for i in 0..n {
            for j in i + 1..n {
                let pairs = (groups[i].len() * groups[j].len()) as i64;
                if pairs == 0 || sums[i][j] < i64::from(cluster_weight) * pairs {
                    continue;
                }
                // Compare means as fractions, so that no rounding decides.
                if best.is_none_or(|(sum, count, _, _)| sums[i][j] * count > sum * pairs) {
                    best = Some((sums[i][j], pairs, i, j));
                }
            }
        }
        let Some((_, _, i, j)) = best else { break };
        let joined = std::mem::take(&mut groups[j]);
        groups[i].extend(joined);
        for (k, sum) in sums[j].clone().into_iter().enumerate() {
            sums[i][k] += sum;
            sums[k][i] += sum;
        }
    }
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests;
