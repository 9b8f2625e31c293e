//! A Merkle tree over a list (RFC 6962): one root stands for all of it, and a short path shows that a leaf is in it.

use crate::platform::keys::sha256;

/// A hash.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    sha256(&[[0_u8].as_slice(), bytes].concat())
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[[1_u8].as_slice(), left, right].concat())
}

/// The root over leaves, and for each of them what is hashed with it on its way there, from the bottom up; over none there is none.
pub fn tree(leaves: &[Hash]) -> Option<(Hash, Vec<Vec<Hash>>)> {
    match leaves {
        [] => None,
        [only] => Some((*only, vec![Vec::new()])),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            let ((left, mut paths), (right, mut others)) = (tree(left)?, tree(right)?);
            for path in &mut paths {
                path.push(right);
            }
            for path in &mut others {
                path.push(left);
            }
            paths.append(&mut others);
            Some((node(&left, &right), paths))
        }
    }
}

/// The largest power of two below a number of leaves, of which there are two at least.
fn split(leaves: usize) -> usize {
    1 << (leaves - 1).ilog2()
}

/// Whether a path leads from the leaf at a place in a tree of so many leaves to its root (RFC 9162, 2.1.3.2).
pub fn leads(path: &[Hash], leaf: Hash, index: u64, size: u64, root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut reached) = (index, size - 1, leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if place == last || !place.is_multiple_of(2) {
            reached = node(step, &reached);
            while place != 0 && place.is_multiple_of(2) {
                place /= 2;
                last /= 2;
            }
        } else {
            reached = node(&reached, step);
        }
        place /= 2;
        last /= 2;
    }
    last == 0 && reached == *root
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::{Path, PathBuf};

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Every JSON file in a folder and the folders in it.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let inside = entries.map(|entry| entry.unwrap().path());
        inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    fn hash(of: &Value) -> Option<Hash> {
        STANDARD.decode(of.as_str()?).ok()?.try_into().ok()
    }

    /// Whether a path of the vectors is taken; what is no hash is none.
    fn taken(vector: &Value) -> Option<bool> {
        let path: Option<Vec<Hash>> = vector["proof"].as_array().into_iter().flatten().map(hash).collect();
        let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
        Some(leads(&path?, leaf, vector["leafIdx"].as_u64()?, vector["treeSize"].as_u64()?, &root))
    }

    #[test]
    fn paths_are_judged_as_others_judge_them() {
        let Some(folder) = std::env::var_os("ZHEPAI_REAL_DATA") else {
            eprintln!("SKIPPED: ZHEPAI_REAL_DATA is not set, so no vector of vectors/merkle was tried");
            return;
        };
        let (mut sound, mut unsound) = (0, 0);
        for file in files(&Path::new(&folder).join("vectors/merkle/inclusion")) {
            let vector: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            assert_eq!(taken(&vector) == Some(true), vector["wantErr"] == false, "{}", file.display());
            if vector["wantErr"] == true { unsound += 1 } else { sound += 1 }
        }
        assert!(sound >= 3 && unsound >= 50, "{sound} sound, {unsound} unsound");
    }

    #[test]
    fn leaves_and_nodes_are_hashed_apart() {
        // The leaf without content of RFC 6962, as the reference tests of its authors print it.
        assert_eq!(crate::platform::keys::hex(&leaf(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let (one, two) = (leaf(b"one"), leaf(b"two"));
        assert_ne!(leaf(&[one, two].concat()), node(&one, &two));
    }

    proptest! {
        #[test]
        fn the_path_of_every_leaf_leads_to_the_root_and_no_other_does(count in 1..40_u8, at in 0..40_u8, other in 0..40_u8) {
            let leaves: Vec<Hash> = (0..count).map(|number| leaf(&[number])).collect();
            let (top, paths) = tree(&leaves).unwrap();
            let (at, size) = (at % count, u64::from(count));
            let steps = &paths[usize::from(at)];
            let mine = leaves[usize::from(at)];
            prop_assert!(leads(steps, mine, at.into(), size, &top));
            let other = other % count;
            prop_assert_eq!(leads(steps, mine, other.into(), size, &top), other == at);
            prop_assert!(!leads(steps, leaf(b"another"), at.into(), size, &top));
        }
    }
}
