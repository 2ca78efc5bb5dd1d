//! A name that people can say, made from a cluster's name: the same name gives the same alias
//! everywhere, for ever.

const FIRST: [&str; 64] = [
    "amber", "ample", "arctic", "azure", "bold", "brave", "brisk", "bright", "calm", "clear",
    "clever", "coral", "cosy", "crisp", "dapper", "deft", "eager", "early", "fair", "fleet",
    "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "green", "hardy", "hazel",
    "honest", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry",
    "misty", "neat", "nimble", "noble", "olive", "patient", "plucky", "polar", "proud", "quick",
    "quiet", "rapid", "ruby", "sage", "sandy", "silver", "smart", "snowy", "solid", "spry",
    "steady", "sunny", "swift", "wise",
];

const SECOND: [&str; 64] = [
    "badger", "bat", "bear", "beaver", "bison", "bobcat", "camel", "carp", "cat", "condor",
    "crane", "crow", "deer", "dingo", "dove", "duck", "eagle", "egret", "elk", "falcon", "ferret",
    "finch", "fox", "gecko", "goat", "goose", "gull", "hare", "hawk", "heron", "horse", "ibex",
    "ibis", "jackal", "jay", "koala", "lark", "lemur", "lion", "llama", "lynx", "marten", "mole",
    "moose", "newt", "ocelot", "orca", "otter", "owl", "panda", "parrot", "pike", "puffin",
    "quail", "raven", "robin", "salmon", "seal", "stork", "swan", "tapir", "tern", "whale", "wolf",
];

/// The alias of a cluster's name: two words out of 4096 pairs. FNV-1a over the bytes, so it stays
/// the same across versions and machines.
pub fn alias(name: &str) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in name.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let mixed = hash ^ (hash >> 15);
    format!("{}-{}", FIRST[(mixed & 63) as usize], SECOND[(mixed >> 6 & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable() {
        // Pinned: whoever knows a cluster by this name must find it after an update too.
        assert_eq!(alias("7acc8e25b7314c0f9d7f1f2a3bb03aa4"), "bright-moose");
        assert_eq!(alias("a"), "ruby-bison");
        assert_eq!(alias("b"), "sunny-duck");
    }
}
