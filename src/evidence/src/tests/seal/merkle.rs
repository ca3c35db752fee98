//! The tree against another implementation.

use crate::seal::merkle::{Tree, leaf, root_of};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

fn both(leaves: &[Vec<u8>]) -> (Tree, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut theirs = MemoryBackedTree::new();
    leaves.iter().for_each(|l| theirs.push(l.clone()));
    (Tree::new(leaves.iter().map(|l| leaf(l)).collect()), theirs)
}

#[test]
fn the_root_of_nothing_is_the_digest_of_nothing() {
    let root = shoseki_model::hex(&Tree::new(Vec::new()).root());
    assert_eq!(root, shoseki_model::digest(b""));
    assert_eq!(Tree::new(Vec::new()).proof(0), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn roots_and_proofs_are_those_of_another_implementation(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 1..70),
        at: prop::sample::Index,
    ) {
        let (ours, theirs) = both(&leaves);
        prop_assert_eq!(ours.root().to_vec(), theirs.root().as_bytes().to_vec());
        let at = at.index(leaves.len());
        let proof = ours.proof(at as u64).unwrap();
        let other = theirs.prove_inclusion(at);
        prop_assert_eq!(&proof.concat()[..], other.as_bytes());
        let found = root_of(leaf(&leaves[at]), at as u64, ours.len(), &proof);
        prop_assert_eq!(found, Some(ours.root()));
    }

    #[test]
    fn a_proof_holds_for_its_leaf_place_and_size_alone(
        size in 1_u64..70,
        at: prop::sample::Index,
        other: prop::sample::Index,
        bit in 0_usize..256,
        which: prop::sample::Index,
    ) {
        let leaves: Vec<_> = (0..size).map(|n| leaf(&n.to_be_bytes())).collect();
        let tree = Tree::new(leaves.clone());
        let at = at.index(leaves.len());
        let proof = tree.proof(at as u64).unwrap();
        let holds = |l, i: usize, n, p: &[_]| root_of(l, i as u64, n, p) == Some(tree.root());
        prop_assert!(holds(leaves[at], at, size, &proof));
        let other = other.index(leaves.len());
        prop_assert_eq!(holds(leaves[other], at, size, &proof), other == at);
        let mut longer = proof.clone();
        longer.push(leaves[at]);
        prop_assert!(!holds(leaves[at], at, size, &longer));
        if !proof.is_empty() {
            prop_assert!(!holds(leaves[at], at, size, &proof[1..]));
            prop_assert!(!holds(leaves[at], at, size, &proof[..proof.len() - 1]));
            let mut bent = proof.clone();
            bent[which.index(proof.len())][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!holds(leaves[at], at, size, &bent));
        }
        prop_assert!(!holds(leaves[at], leaves.len(), size, &proof));
    }
}
