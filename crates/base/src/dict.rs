//! A small map from names to values, kept in order of the names.

use serde_json::{Map, Value};

/// Names and values in a sorted list. For tens of entries: look-ups are O(log n), insertions O(n).
/// In the program it is a tenth of the size of a `BTreeMap` of the same type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dict<V>(Vec<(String, V)>);

impl<V> Default for Dict<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Dict<V> {
    /// Without entries.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        let at = self.find(name).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The same, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let at = self.find(name).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// Whether there is such a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Sets a value. Gives the one it replaces.
    pub fn insert(&mut self, name: String, value: V) -> Option<V> {
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        let at = self.find(name).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps the entries that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &V) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Names and values, by name; the values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut V)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, by name.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The same, to change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<V> FromIterator<(String, V)> for Dict<V> {
    /// The last of several entries of one name counts.
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        let mut dict = Self::new();
        for (name, value) in entries {
            dict.insert(name, value);
        }
        dict
    }
}

impl<V, const N: usize> From<[(String, V); N]> for Dict<V> {
    fn from(entries: [(String, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<V> IntoIterator for Dict<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A JSON object of these entries.
pub fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    // One at a time: to collect a map of the standard library sorts first, with code of its own.
    for (name, value) in entries {
        object.insert(name, value);
    }
    object
}

/// A JSON object written out in the program; `json!` takes several times the code.
#[inline(never)]
pub fn record(entries: Vec<(&str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in entries {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name() {
        let mut dict: Dict<u32> =
            [("b", 1), ("a", 2), ("b", 3)].map(|(name, value)| (name.to_owned(), value)).into();
        assert_eq!(
            dict.iter().map(|(n, v)| (n.as_str(), *v)).collect::<Vec<_>>(),
            [("a", 2), ("b", 3)]
        );
        assert_eq!((dict.get("b"), dict.get("c")), (Some(&3), None));
        assert_eq!(dict.insert("c".into(), 5), None);
        assert_eq!(dict.remove("a"), Some(2));
        dict.retain(|_, value| *value > 3);
        assert_eq!(dict.len(), 1);
    }
}
