//! New data files must be seen by the embedding macro of a release build.
fn main() {
    for dir in ["collectors", "history", "rules", "mappings"] {
        println!("cargo:rerun-if-changed=../../{dir}");
    }
}
