//! The Merkle tree of RFC 6962, section 2.1, over SHA-256.

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// Hash of a leaf: SHA-256 over a zero byte and the leaf.
pub fn leaf(data: &[u8]) -> Hash {
    let mut h = Sha256::new();
    h.update([0]);
    h.update(data);
    h.finalize().into()
}

/// Hash of an inner node: SHA-256 over a one byte and both children.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut h = Sha256::new();
    h.update([1]);
    h.update(left);
    h.update(right);
    h.finalize().into()
}

/// A whole tree, level by level. RFC 6962 splits at the largest power of two
/// below the number of leaves; that is the same as pairing neighbours and
/// carrying a last odd one up as it is.
#[derive(Clone, Debug)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Over the hashes of the leaves, in their order.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|l| l.len() > 1) {
            let above = below.chunks(2).map(|pair| match pair {
                [l, r] => node(l, r),
                _ => pair[0],
            });
            let above = above.collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// Number of leaves.
    pub fn len(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// Whether there is no leaf.
    pub fn is_empty(&self) -> bool {
        self.levels[0].is_empty()
    }

    /// The root; of no leaf, SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let top = self.levels.last().and_then(|l| l.first());
        top.copied().unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The hashes that lead from the leaf at `index`, from 0, to the root;
    /// `None`: there is no such leaf.
    pub fn proof(&self, index: u64) -> Option<Vec<Hash>> {
        let mut at = usize::try_from(index).ok()?;
        self.levels[0].get(at)?;
        let mut out = Vec::new();
        for level in &self.levels {
            out.extend(level.get(at ^ 1));
            at /= 2;
        }
        Some(out)
    }
}

/// The root that a proof leads to from the leaf at `index` of a tree of `size`
/// leaves (RFC 9162, section 2.1.3.2); `None`: the proof has not the length that
/// it must have.
pub fn root_of(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for p in proof {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node(p, &hash);
            // Levels at which this node was the odd last one have no sibling.
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, p);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}
