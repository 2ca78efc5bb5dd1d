//! Code for the clipboard: the Python that does what this page does, without a secret in it.

use serde_json::{Map, Value};

use super::address::Address;
use super::api::Adapt;
use super::auth::AuthKind;
use super::literal::{code, code_text};
use super::model::{OptionKind, Options};

/// Longest line of code before a call or a dictionary is broken over several.
const WIDTH: usize = 88;

/// How Python reaches the gateway. Nothing here is secret.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Site {
    /// The address to write; `None` writes a bare `Gateway()`, which takes address and
    /// authentication from Dask's configuration: right inside a JupyterHub that sets it up.
    pub address: Option<Address>,
    /// Where schedulers are reached if not at the address itself (`proxy_address`), for example
    /// `gateway://dask.example.org:8786`.
    pub proxy_address: Option<String>,
    /// Kind of authentication.
    pub auth: AuthKind,
    /// User name, for basic authentication.
    pub user: Option<String>,
    /// Whether a password is asked for.
    pub asks_password: bool,
}

/// How many workers the code asks for.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Workers {
    /// A fixed number.
    Scale(u32),
    /// Between bounds, by load.
    Adapt(Adapt),
}

impl Site {
    /// The imports and `gateway = Gateway(…)`, ending with a line break.
    fn open(&self) -> String {
        let mut names = "Gateway";
        let mut arguments = Vec::new();
        let (mut import, mut note) = ("", "");
        if let Some(address) = &self.address {
            arguments.push(code_text(address.as_str()));
            if let Some(proxy) = &self.proxy_address {
                arguments.push(format!("proxy_address={}", code_text(proxy)));
            }
            match self.auth {
                AuthKind::None => {}
                AuthKind::Basic => {
                    names = "BasicAuth, Gateway";
                    let user = self.user.as_deref().map(code_text);
                    let password = "getpass(\"Password: \")";
                    if self.asks_password {
                        import = "from getpass import getpass\n\n";
                    }
                    arguments.push(match (user, self.asks_password) {
                        (Some(user), true) => format!("auth=BasicAuth({user}, {password})"),
                        (Some(user), false) => format!("auth=BasicAuth({user})"),
                        (None, true) => format!("auth=BasicAuth(password={password})"),
                        (None, false) => "auth=BasicAuth()".into(),
                    });
                }
                AuthKind::JupyterHub => {
                    note = "# The token is read from the variable JUPYTERHUB_API_TOKEN, which \
                            JupyterHub sets.\n";
                    arguments.push("auth=\"jupyterhub\"".into());
                }
                AuthKind::Kerberos => arguments.push("auth=\"kerberos\"".into()),
            }
        }
        let call = call("gateway = Gateway", &arguments);
        format!("{import}from dask_gateway import {names}\n\n{note}{call}\n")
    }
}

/// The code that makes a cluster with these values and connects a client, as statements for a
/// notebook. Only values that differ from the defaults are set; the defaults are the server's (or
/// the user's own, where their Dask configuration has some).
pub fn create(
    site: &Site,
    options: &Options,
    values: &Map<String, Value>,
    workers: Option<Workers>,
) -> String {
    let (prepare, call) = new_cluster(options, values);
    let mut out = format!("{}{prepare}cluster = {call}\n", site.open());
    if let Some(workers) = workers {
        out.push_str(&scaling("", workers));
    }
    out.push_str("client = cluster.get_client()\n");
    out
}

/// The same as a `with` block, which shuts the cluster down at its end, whatever happens inside.
pub fn create_scoped(
    site: &Site,
    options: &Options,
    values: &Map<String, Value>,
    workers: Option<Workers>,
) -> String {
    let (prepare, call) = new_cluster(options, values);
    let mut out = format!("{}{prepare}\nwith {call} as cluster:\n", site.open());
    if let Some(workers) = workers {
        out.push_str(&scaling("    ", workers));
    }
    out.push_str("    with cluster.get_client() as client:\n        ...  # your work goes here\n");
    out
}

/// The code that connects to a cluster that is there. Closing it does not shut the cluster down.
pub fn connect(site: &Site, name: &str) -> String {
    format!(
        "{}cluster = gateway.connect({})\nclient = cluster.get_client()\n",
        site.open(),
        code_text(name)
    )
}

fn scaling(indent: &str, workers: Workers) -> String {
    match workers {
        Workers::Scale(count) => format!("{indent}cluster.scale({count})\n"),
        Workers::Adapt(Adapt { minimum, maximum }) => {
            let bound = |name: &str, value: Option<u32>| value.map(|n| format!("{name}={n}"));
            let bounds: Vec<String> =
                bound("minimum", minimum).into_iter().chain(bound("maximum", maximum)).collect();
            format!("{indent}cluster.adapt({})\n", bounds.join(", "))
        }
    }
}

/// The lines that set options, and the call that makes the cluster.
fn new_cluster(options: &Options, values: &Map<String, Value>) -> (String, String) {
    let changed = options.changed(values);
    if changed.is_empty() {
        return (String::new(), "gateway.new_cluster()".into());
    }
    // The Python client cannot read a specification with a kind that it does not know, so
    // `cluster_options()` would fail there: pass the values directly.
    if options.fields.iter().any(|field| matches!(field.kind, OptionKind::Unknown(_))) {
        let mut arguments = Vec::new();
        let mut odd = Map::new();
        for (field, value) in changed {
            if is_name(&field.field) && !RESERVED.contains(&field.field.as_str()) {
                arguments.push(format!("{}={}", field.field, code(value)));
            } else {
                odd.insert(field.field.clone(), value.clone());
            }
        }
        if !odd.is_empty() {
            arguments.push(format!("**{}", code(&Value::Object(odd))));
        }
        return (String::new(), call("gateway.new_cluster", &arguments));
    }
    let mut out = String::from("\noptions = gateway.cluster_options()\n");
    for (field, value) in changed {
        let value = field.check(value).unwrap_or_else(|_| value.clone());
        let target = if is_name(&field.field) {
            format!("options.{}", field.field)
        } else {
            format!("options[{}]", code_text(&field.field))
        };
        out.push_str(&assignment(&target, &value));
    }
    (out, "gateway.new_cluster(options)".into())
}

fn assignment(target: &str, value: &Value) -> String {
    let line = format!("{target} = {}\n", code(value));
    match value {
        Value::Object(map) if line.chars().count() > WIDTH => {
            let mut out = format!("{target} = {{\n");
            for (name, value) in map {
                out.push_str("    ");
                out.push_str(&code_text(name));
                out.push_str(": ");
                out.push_str(&code(value));
                out.push_str(",\n");
            }
            out.push_str("}\n");
            out
        }
        _ => line,
    }
}

fn call(function: &str, arguments: &[String]) -> String {
    let line = format!("{function}({})", arguments.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let mut out = format!("{function}(\n");
    for argument in arguments {
        out.push_str("    ");
        out.push_str(argument);
        out.push_str(",\n");
    }
    out.push(')');
    out
}

/// Arguments of `new_cluster` that are no options.
const RESERVED: [&str; 9] = [
    "self",
    "cluster_options",
    "shutdown_on_close",
    "address",
    "proxy_address",
    "public_address",
    "auth",
    "asynchronous",
    "loop",
];

/// Whether Python takes this for an attribute name as it stands. Letters beyond ASCII are left out:
/// Python normalises them, which may make another name of it.
fn is_name(text: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OptionField;
    use serde_json::json;

    fn options(kinds: &[(&str, OptionKind, Value)]) -> Options {
        Options {
            fields: kinds
                .iter()
                .map(|(field, kind, default)| OptionField {
                    field: (*field).into(),
                    label: (*field).into(),
                    default: default.clone(),
                    kind: kind.clone(),
                })
                .collect(),
            skipped: Vec::new(),
        }
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn site(auth: AuthKind) -> Site {
        let address = Address::parse("https://x.org/gateway", None).ok();
        Site { address, auth, user: Some("alice".into()), ..Site::default() }
    }

    #[test]
    fn whole_snippets() {
        let options = options(&[
            ("worker_cores", OptionKind::Int { min: None, max: None }, json!(1)),
            ("worker_memory", OptionKind::Float { min: None, max: None }, json!(1)),
            ("class", OptionKind::Text, json!("")),
            ("gpu", OptionKind::Bool, json!(false)),
            ("env", OptionKind::Mapping, json!({})),
        ]);
        let values = map(json!({
            "worker_cores": 2, "worker_memory": 1.0, "class": "a \"b\"\n", "gpu": true,
            "env": {"A": "b"},
        }));
        assert_eq!(
            create(&site(AuthKind::Basic), &options, &values, Some(Workers::Scale(2))),
            "from dask_gateway import BasicAuth, Gateway\n\
             \n\
             gateway = Gateway(\"https://x.org/gateway\", auth=BasicAuth(\"alice\"))\n\
             \n\
             options = gateway.cluster_options()\n\
             options.worker_cores = 2\n\
             options[\"class\"] = \"a \\\"b\\\"\\n\"\n\
             options.gpu = True\n\
             options.env = {\"A\": \"b\"}\n\
             cluster = gateway.new_cluster(options)\n\
             cluster.scale(2)\n\
             client = cluster.get_client()\n"
        );
        let adapt = Workers::Adapt(Adapt { minimum: Some(1), maximum: Some(4) });
        assert_eq!(
            create_scoped(&Site::default(), &options, &Map::new(), Some(adapt)),
            "from dask_gateway import Gateway\n\
             \n\
             gateway = Gateway()\n\
             \n\
             with gateway.new_cluster() as cluster:\n    \
                 cluster.adapt(minimum=1, maximum=4)\n    \
                 with cluster.get_client() as client:\n        \
                     ...  # your work goes here\n"
        );
        assert_eq!(
            connect(&site(AuthKind::None), "dev.1a"),
            "from dask_gateway import Gateway\n\
             \n\
             gateway = Gateway(\"https://x.org/gateway\")\n\
             cluster = gateway.connect(\"dev.1a\")\n\
             client = cluster.get_client()\n"
        );
    }

    #[test]
    fn every_kind_of_authentication() {
        let with_password = Site { asks_password: true, ..site(AuthKind::Basic) };
        let text = connect(&with_password, "x");
        assert!(text.starts_with("from getpass import getpass\n\nfrom dask_gateway import"));
        assert!(text.contains("auth=BasicAuth(\"alice\", getpass(\"Password: \"))"), "{text}");
        assert!(connect(&site(AuthKind::JupyterHub), "x").contains("auth=\"jupyterhub\""));
        assert!(connect(&site(AuthKind::Kerberos), "x").contains("auth=\"kerberos\""));
        let proxied = Site { proxy_address: Some("gateway://x.org:8786".into()), ..with_password };
        assert!(connect(&proxied, "x").contains("    proxy_address=\"gateway://x.org:8786\",\n"));
    }

    #[test]
    fn kinds_that_the_python_client_does_not_know() {
        let options = options(&[
            ("size", OptionKind::Unknown("range".into()), json!(null)),
            ("loop", OptionKind::Text, json!("")),
            ("note", OptionKind::Text, json!("")),
        ]);
        let values = map(json!({"size": [1, null], "loop": "x", "note": "y"}));
        assert!(create(&Site::default(), &options, &values, None).contains(
            "cluster = gateway.new_cluster(size=[1, None], note=\"y\", **{\"loop\": \"x\"})\n"
        ));
    }
}
