//! Workers as people know them. Dask gives a worker a name (`0`, `gpu-3`) or, where nobody chose one, calls it
//! by its address.

/// What to call a worker: its name, or its address where it has none.
pub fn shown_name<'a>(name: &'a str, address: &'a str) -> &'a str {
    if name.is_empty() { address } else { name }
}

/// Whether the worker that is at `address` now is one that was restarted: a worker of the same name was at
/// `before`. Who is called by the address alone never is: nothing tells an old one from a new one.
pub fn is_restart<T: PartialEq>(name: &str, address: &str, before: &T, now: &T) -> bool {
    !name.is_empty() && name != address && before != now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_comes_back_under_its_name_was_restarted() {
        assert_eq!((shown_name("0", "tcp://a:1"), shown_name("", "tcp://a:1")), ("0", "tcp://a:1"));
        assert!(is_restart("0", "tcp://a:2", &"tcp://a:1", &"tcp://a:2"));
        assert!(!is_restart("0", "tcp://a:1", &"tcp://a:1", &"tcp://a:1"), "still there");
        assert!(!is_restart("", "tcp://a:2", &"tcp://a:1", &"tcp://a:2"), "it has no name");
        assert!(!is_restart("tcp://a:2", "tcp://a:2", &"tcp://a:1", &"tcp://a:2"), "nor has this");
    }
}
