//! How many inputs a property is tried with: as many as its own cost allows, or as many as
//! `PROPTEST_CASES` asks for (`cargo xtask test --matrix fuzz`).

/// `usual`, where nobody asks for more.
pub fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok());
    asked.map_or(usual, |asked: u32| asked.max(usual))
}
