//! Workers in order, and made fewer where there are more than a picture has room for: by host, or in
//! blocks of neighbours.

use std::cmp::Ordering;

use super::matrix::Label;
use base::fmt;
use base::sort::sorted;

/// Fewer hosts than this say too little: then blocks of neighbours are made.
const LEAST_HOSTS: usize = 8;

/// What became of the workers.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum How {
    /// Each stands for itself.
    Each,
    /// Those of one host stand together.
    Hosts,
    /// As many neighbours, by host and name, stand together.
    Blocks(usize),
}

/// Who stands where.
#[derive(Clone, PartialEq, Debug)]
pub struct Folding {
    /// The place of each worker.
    pub of: Vec<u32>,
    /// What stands at each place.
    pub labels: Vec<Label>,
    /// What became of them.
    pub how: How,
}

impl Folding {
    /// A sentence about it; empty where each worker stands for itself. `cell` says what a cell has of
    /// those in it.
    pub fn words(&self, cell: &str) -> String {
        let what = match self.how {
            How::Each => return String::new(),
            How::Hosts => fmt::plural(self.labels.len() as u32, "host"),
            How::Blocks(many) => format!("blocks of {many} neighbors"),
        };
        format!("{} grouped into {what}; {cell}", fmt::plural(self.of.len() as u32, "worker"))
    }
}

/// The host in `tcp://10.0.0.1:4567`, or all of it where it has another form.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.rsplit_once(':').map_or(rest, |(host, _)| host)
}

/// The digits in front, without leading noughts, and what follows them; none without digits.
fn number_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (digits, rest) =
        text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let noughts = digits.iter().take_while(|byte| **byte == b'0').count();
    (!digits.is_empty()).then(|| (digits.get(noughts..).unwrap_or_default(), rest))
}

/// Names with numbers inside as people order them: `w9` before `w10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let order = match (number_of(a), number_of(b)) {
            (Some((one, rest)), Some((other, left))) => {
                (a, b) = (rest, left);
                one.len().cmp(&other.len()).then(one.cmp(other))
            }
            _ => match (a.split_first(), b.split_first()) {
                (Some((one, rest)), Some((other, left))) => {
                    (a, b) = (rest, left);
                    one.cmp(other)
                }
                (one, other) => return one.is_some().cmp(&other.is_some()),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Places for workers, given as name and address: in the order of their names, at most `most`
/// places.
pub fn fold(workers: &[(&str, &str)], most: usize) -> Folding {
    let most = most.max(1);
    let worker = |i: u32| workers.get(i as usize).copied().unwrap_or_default();
    let mut of = vec![0; workers.len()];
    if workers.len() <= most {
        let order = sorted(workers.len(), &mut |a, b| natural(worker(a).0, worker(b).0));
        let mut labels = Vec::with_capacity(order.len());
        for (place, i) in order.into_iter().enumerate() {
            of[i as usize] = place as u32;
            let (name, address) = worker(i);
            labels.push(Label { name: name.into(), detail: address.into(), many: 1 });
        }
        return Folding { of, labels, how: How::Each };
    }
    let order = sorted(workers.len(), &mut |a, b| {
        let (a, b) = (worker(a), worker(b));
        natural(host_of(a.1), host_of(b.1)).then_with(|| natural(a.0, b.0))
    });
    let mut hosts: Vec<Label> = Vec::new();
    for i in &order {
        let (name, address) = worker(*i);
        let host = host_of(address);
        match hosts.last_mut() {
            Some(last) if last.name == host => last.many += 1,
            _ => hosts.push(Label { name: host.into(), detail: name.into(), many: 1 }),
        }
        of[*i as usize] = hosts.len() as u32 - 1;
    }
    if (LEAST_HOSTS.min(most)..=most).contains(&hosts.len()) {
        for host in &mut hosts {
            host.detail = fmt::plural(host.many, "worker");
        }
        return Folding { of, labels: hosts, how: How::Hosts };
    }
    let size = workers.len().div_ceil(most);
    let mut labels = Vec::with_capacity(most);
    for (place, block) in order.chunks(size).enumerate() {
        for i in block {
            of[*i as usize] = place as u32;
        }
        let name = |i: Option<&u32>| i.map_or("", |i| worker(*i).0);
        let (first, last) = (name(block.first()), name(block.last()));
        let name = if first == last { first.into() } else { format!("{first} … {last}") };
        let many = block.len() as u32;
        labels.push(Label { name, detail: fmt::plural(many, "worker"), many });
    }
    Folding { of, labels, how: How::Blocks(size) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_people_order() {
        let mut names = ["w10", "w9", "a", "w09", "w1-2", "w1", "10.0.0.12", "10.0.0.2", ""];
        base::sort::sort_by(&mut names, |a, b| natural(a, b));
        assert_eq!(names, ["", "10.0.0.2", "10.0.0.12", "a", "w1", "w1-2", "w9", "w09", "w10"]);
    }

    #[test]
    fn hosts_then_blocks() {
        let names: Vec<(String, String)> = (0..400)
            .map(|i| (format!("w{i}"), format!("tcp://10.0.0.{}:{}", i % 40, 4000 + i)))
            .collect();
        let workers: Vec<(&str, &str)> = names.iter().map(|(a, b)| (&**a, &**b)).collect();
        let hosts = fold(&workers, 100);
        assert_eq!((hosts.how, hosts.labels.len()), (How::Hosts, 40));
        assert_eq!((&*hosts.labels[2].name, hosts.labels[2].many), ("10.0.0.2", 10));
        assert_eq!((hosts.of[2], hosts.of[42]), (2, 2));
        let blocks = fold(&workers, 30);
        assert_eq!((blocks.how, blocks.labels.len()), (How::Blocks(14), 29));
        let one: Vec<(&str, &str)> = workers.iter().map(|(name, _)| (*name, "tcp://h:1")).collect();
        let blocks = fold(&one, 200);
        assert_eq!((blocks.how, &*blocks.labels[1].name), (How::Blocks(2), "w2 … w3"));
        assert_eq!(
            blocks.words("each cell shows the highest"),
            "400 workers grouped into blocks of 2 neighbors; each cell shows the highest"
        );
    }

    proptest! {
        #[test]
        fn everyone_has_a_place(hosts in prop::collection::vec(0u8..30, 0..300), most in 1usize..50) {
            let names: Vec<(String, String)> = hosts.iter().enumerate()
                .map(|(i, host)| (format!("w{i}"), format!("tcp://h{host}:{i}"))).collect();
            let workers: Vec<(&str, &str)> = names.iter().map(|(a, b)| (&**a, &**b)).collect();
            let folding = fold(&workers, most);
            prop_assert!(folding.labels.len() <= most);
            let mut many = vec![0; folding.labels.len()];
            for place in &folding.of {
                many[*place as usize] += 1;
            }
            let said: Vec<u32> = folding.labels.iter().map(|label| label.many).collect();
            prop_assert_eq!(many, said);
        }

        #[test]
        fn an_order(a in "[a0-3]{0,5}", b in "[a0-3]{0,5}", c in "[a0-3]{0,5}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le());
            }
        }
    }
}
