//! Code for notebooks, from the state.

use serde_json::{Map, Value};

use crate::state::State;
use gateway::AuthKind;
use gateway::model::Options;
use gateway::python::{self, Site};

fn site(state: &State) -> Site {
    let Some(credentials) = state.session.who() else { return Site::default() };
    Site {
        address: Some(credentials.address().clone()),
        proxy_address: state.config.proxy_address.clone(),
        auth: credentials.kind(),
        user: credentials.user().map(str::to_owned),
        asks_password: credentials.kind() == AuthKind::Basic && credentials.has_secret(),
    }
}

/// The code that makes a cluster with these values.
pub fn create(state: &State, options: &Options, values: &Map<String, Value>) -> String {
    python::create(&site(state), options, values, None)
}

/// The same, as a block that ends the cluster.
pub fn create_scoped(state: &State, options: &Options, values: &Map<String, Value>) -> String {
    python::create_scoped(&site(state), options, values, None)
}

/// The code that connects a client to a cluster, in as few lines as it takes:
/// `client = Gateway(…).connect("name").get_client()`.
pub fn connect(state: &State, name: &str) -> String {
    short(&python::connect(&site(state), name))
}

/// Chains the three statements of [`python::connect`], and drops the empty lines.
fn short(code: &str) -> String {
    code.replace("\ngateway = Gateway(", "\nclient = Gateway(")
        .replace("\ncluster = gateway.connect(", ".connect(")
        .replace("\nclient = cluster.get_client()\n", ".get_client()\n")
        .lines()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::config::Config;
    use crate::state::Session;
    use gateway::{Address, Credentials};

    fn state(user: &str, password: &str) -> State {
        let address = Address::parse("http://x.org/gw", None).unwrap();
        let credentials = Credentials::basic(address, user, password).unwrap();
        State { session: Session::In(Rc::new(credentials)), ..State::default() }
    }

    #[test]
    fn one_statement() {
        assert_eq!(
            connect(&state("alice", ""), "dev.1a"),
            "from dask_gateway import BasicAuth, Gateway\n\
             client = Gateway(\"http://x.org/gw\", auth=BasicAuth(\"alice\"))\
             .connect(\"dev.1a\").get_client()"
        );
    }

    #[test]
    fn schedulers_elsewhere() {
        let proxy_address = Some("gateway://x.org:8786".to_owned());
        let config = Config { proxy_address, ..Config::default() };
        let code = connect(&State { config: config.into(), ..state("alice", "") }, "x");
        assert!(code.contains("proxy_address=\"gateway://x.org:8786\""), "{code}");
    }

    #[test]
    fn never_the_password() {
        let code = connect(&state("alice", "s3cret"), "x");
        assert!(code.contains("getpass") && !code.contains("s3cret"), "{code}");
        assert!(code.contains(".connect(\"x\").get_client()"), "{code}");
    }
}
