//! Who is asking: kinds of authentication, and credentials that are good for one address only.

use std::fmt;

use serde_json::Value;

use super::address::Address;
use base::base64;
use base::dict::record;
use base::json;

/// How the gateway knows its users.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default)]
pub enum AuthKind {
    /// Nothing is sent: nobody asks.
    None,
    /// User name and, where the server wants one, password.
    #[default]
    Basic,
    /// A JupyterHub API token.
    JupyterHub,
    /// Left to the browser.
    Kerberos,
}

impl AuthKind {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Basic, Self::JupyterHub, Self::Kerberos, Self::None];

    /// Its name in settings, links and form values.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::JupyterHub => "jupyterhub",
            Self::Kerberos => "kerberos",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Basic => "User name and password",
            Self::JupyterHub => "JupyterHub",
            Self::Kerberos => "Kerberos",
        }
    }

    /// The kind of that name; letter case does not matter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// The kind a `WWW-Authenticate` value asks for, where the transport could read it.
    pub fn from_challenge(value: &str) -> Option<Self> {
        let scheme = value.split([' ', ',']).next().unwrap_or("");
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Some(Self::Basic),
            "jupyterhub" => Some(Self::JupyterHub),
            "negotiate" => Some(Self::Kerberos),
            _ => None,
        }
    }
}

/// Credentials for one gateway. Neither `Debug` nor any export shows the secret; the only way out
/// is [`headers_for`](Self::headers_for) the very address they were given for, and
/// [`to_session`](Self::to_session).
#[derive(Clone, Eq, PartialEq)]
pub struct Credentials {
    address: Address,
    kind: AuthKind,
    user: String,
    secret: String,
    grant: Option<Grant>,
    spent: Option<Spent>,
}

/// What is known of a token that the hub made for this page.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Grant {
    /// Its number at the hub.
    pub id: String,
    /// When it was made, by the clock here, ms since the epoch.
    pub made: u64,
    /// When it ends, by the clock here, ms since the epoch.
    pub ends: u64,
    /// Whether the hub gave it the scope of the gateway's service.
    pub scoped: bool,
}

impl Grant {
    /// When another one is due: a while before the end.
    pub fn renew_at(&self) -> u64 {
        self.ends.saturating_sub((self.ends.saturating_sub(self.made) / 4).min(300_000))
    }
}

/// The secret is gone, because the gateway has refused it.
#[derive(Copy, Clone, Eq, PartialEq)]
struct Spent {
    /// There was one: a password need not be.
    had_secret: bool,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("address", &self.address)
            .field("kind", &self.kind)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Nothing to send.
    pub fn none(address: Address) -> Self {
        Self {
            address,
            kind: AuthKind::None,
            user: String::new(),
            secret: String::new(),
            grant: None,
            spent: None,
        }
    }

    /// The browser signs in by itself.
    pub fn kerberos(address: Address) -> Self {
        Self { kind: AuthKind::Kerberos, ..Self::none(address) }
    }

    /// User name and password; the password may be empty.
    ///
    /// # Errors
    /// A sentence for people, when no server could take them.
    pub fn basic(address: Address, user: &str, password: &str) -> Result<Self, &'static str> {
        let user = user.trim();
        if user.is_empty() {
            return Err("Give a user name.");
        }
        if user.contains(':') {
            return Err("A user name cannot hold a colon.");
        }
        if user.chars().chain(password.chars()).any(char::is_control) {
            return Err("The user name or password holds a control character.");
        }
        Ok(Self {
            kind: AuthKind::Basic,
            user: user.to_owned(),
            secret: password.to_owned(),
            ..Self::none(address)
        })
    }

    /// A JupyterHub API token. A pasted `jupyterhub …` or `token …` prefix is taken off.
    ///
    /// # Errors
    /// A sentence for people, when it cannot be a token.
    pub fn jupyterhub(address: Address, token: &str) -> Result<Self, &'static str> {
        let token = token.trim();
        let token = ["jupyterhub ", "token ", "Bearer "]
            .into_iter()
            .find_map(|prefix| token.strip_prefix(prefix))
            .unwrap_or(token)
            .trim();
        if token.is_empty() {
            return Err("Give a JupyterHub token: the hub makes one on its Token page.");
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("That is no token: it holds blanks or letters that tokens never have.");
        }
        Ok(Self { kind: AuthKind::JupyterHub, secret: token.to_owned(), ..Self::none(address) })
    }

    /// A token that the hub made for `user`, who is signed in there.
    ///
    /// # Errors
    /// A sentence for people, when it cannot be a token.
    pub fn granted(
        address: Address,
        user: &str,
        token: &str,
        grant: Grant,
    ) -> Result<Self, &'static str> {
        let user = user.to_owned();
        Ok(Self { user, grant: Some(grant), ..Self::jupyterhub(address, token)? })
    }

    /// The same person at the same address, without the secret and with nothing to send.
    #[must_use]
    pub fn without_secret(&self) -> Self {
        Self {
            secret: String::new(),
            grant: None,
            spent: Some(Spent { had_secret: self.has_secret() }),
            ..self.clone()
        }
    }

    /// Whether the secret is gone: they say who it was, and sign nothing.
    pub fn is_spent(&self) -> bool {
        self.spent.is_some()
    }

    /// What is known of the token, where the hub made it for this page.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// How they sign in.
    pub fn kind(&self) -> AuthKind {
        self.kind
    }

    /// The user name, where it is known: one that was typed, or the one that the hub knows.
    pub fn user(&self) -> Option<&str> {
        (!self.user.is_empty()).then_some(self.user.as_str())
    }

    /// Whether a password or token was given.
    pub fn has_secret(&self) -> bool {
        self.spent.map_or(!self.secret.is_empty(), |spent| spent.had_secret)
    }

    /// The address they were given for.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What may go wrong with them that a server reports badly, for people.
    pub fn caution(&self) -> Option<&'static str> {
        (self.kind == AuthKind::Basic && !(self.user.is_ascii() && self.secret.is_ascii()))
            .then_some(
                "The gateway's simple authenticator takes plain ASCII only: with other letters \
                 in the user name or password it answers with an internal error.",
            )
    }

    /// The headers that sign a request to `address`: none at all when it is another address than
    /// the one these were given for.
    pub fn headers_for(&self, address: &Address) -> Vec<(&'static str, String)> {
        if *address != self.address || self.is_spent() {
            return Vec::new();
        }
        let value = match self.kind {
            AuthKind::None | AuthKind::Kerberos => return Vec::new(),
            AuthKind::Basic => {
                format!(
                    "Basic {}",
                    base64::encode(format!("{}:{}", self.user, self.secret).as_bytes())
                )
            }
            AuthKind::JupyterHub => format!("jupyterhub {}", self.secret),
        };
        vec![("Authorization", value)]
    }

    /// Whether requests must go without cookies. The server believes its cookie before the header,
    /// so a cookie left by somebody else would sign in the wrong user; only Kerberos lives on what
    /// the browser adds by itself.
    pub fn omit_cookies(&self) -> bool {
        self.kind != AuthKind::Kerberos
    }

    /// Text to keep in `sessionStorage` and nowhere else: it holds the secret.
    pub fn to_session(&self) -> String {
        let mut parts: Vec<(&str, Value)> = vec![
            ("address", self.address.as_str().into()),
            ("kind", self.kind.as_str().into()),
            ("user", self.user.as_str().into()),
            ("secret", self.secret.as_str().into()),
        ];
        if let Some(grant) = &self.grant {
            parts.push(("id", grant.id.as_str().into()));
            parts.push(("made", grant.made.into()));
            parts.push(("ends", grant.ends.into()));
            parts.push(("scoped", grant.scoped.into()));
        }
        if let Some(spent) = self.spent {
            parts.push(("spent", spent.had_secret.into()));
        }
        json::print(&record(parts))
    }

    /// Reads [`to_session`](Self::to_session) back; `None` for anything else.
    pub fn from_session(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("");
        let address = Address::parse(part("address"), None).ok()?;
        let kind = AuthKind::parse(part("kind"))?;
        if let Some(had_secret) = value.get("spent").and_then(Value::as_bool) {
            let (user, spent) = (part("user").to_owned(), Some(Spent { had_secret }));
            return Some(Self { kind, user, spent, ..Self::none(address) });
        }
        if let (id, Some(made), Some(ends)) = (
            part("id"),
            value.get("made").and_then(Value::as_u64),
            value.get("ends").and_then(Value::as_u64),
        ) {
            let scoped = value.get("scoped").and_then(Value::as_bool).unwrap_or(false);
            let grant = Grant { id: id.to_owned(), made, ends, scoped };
            return Self::granted(address, part("user"), part("secret"), grant).ok();
        }
        match kind {
            AuthKind::None => Some(Self::none(address)),
            AuthKind::Kerberos => Some(Self::kerberos(address)),
            AuthKind::Basic => Self::basic(address, part("user"), part("secret")).ok(),
            AuthKind::JupyterHub => Self::jupyterhub(address, part("secret")).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text, None).unwrap()
    }

    #[test]
    fn bound_to_the_address() {
        let home = address("https://x.org/gateway/");
        let basic = Credentials::basic(home.clone(), "alice", "pw").unwrap();
        let value = [("Authorization", "Basic YWxpY2U6cHc=".to_owned())];
        assert_eq!(basic.headers_for(&home), value);
        assert_eq!(basic.headers_for(&address("https://X.org:443/gateway")), value);
        for other in [
            "http://x.org/gateway",
            "https://x.org",
            "https://x.org/gateway2",
            "https://x.org/gateway/sub",
            "https://x.org:8443/gateway",
            "https://x.org.evil.org/gateway",
        ] {
            assert!(basic.headers_for(&address(other)).is_empty(), "{other}");
        }
    }

    #[test]
    fn kinds() {
        let home = address("https://x.org");
        let only_name = Credentials::basic(home.clone(), "bob", "").unwrap();
        assert_eq!(only_name.headers_for(&home)[0].1, "Basic Ym9iOg==");
        let umlaut = Credentials::basic(home.clone(), "jürgen", "ß").unwrap();
        assert_eq!(umlaut.headers_for(&home)[0].1, "Basic asO8cmdlbjrDnw==");
        assert!(umlaut.caution().is_some() && only_name.caution().is_none());
        let token = Credentials::jupyterhub(home.clone(), " token abc1 ").unwrap();
        assert_eq!(token.headers_for(&home)[0].1, "jupyterhub abc1");
        assert!(token.omit_cookies() && only_name.omit_cookies());
        let kerberos = Credentials::kerberos(home.clone());
        assert!(kerberos.headers_for(&home).is_empty() && !kerberos.omit_cookies());
        assert!(Credentials::basic(home.clone(), "a:b", "").is_err());
        assert!(Credentials::basic(home.clone(), "  ", "x").is_err());
        assert!(Credentials::basic(home.clone(), "a\nb", "x").is_err());
        assert!(Credentials::jupyterhub(home, "a\r\nX: y").is_err());
        assert_eq!(AuthKind::parse(" Basic"), Some(AuthKind::Basic));
        assert_eq!(AuthKind::parse("ldap"), None);
        assert_eq!(AuthKind::from_challenge("Negotiate abc"), Some(AuthKind::Kerberos));
    }

    fn grant() -> Grant {
        Grant { id: "a6".into(), made: 1_000_000, ends: 4_600_000, scoped: true }
    }

    #[test]
    fn without_its_secret_it_signs_nothing_and_says_who_it_was() {
        let home = address("https://x.org");
        for whole in [
            Credentials::basic(home.clone(), "alice", "s3cret").unwrap(),
            Credentials::granted(home.clone(), "alice", "s3cret", grant()).unwrap(),
        ] {
            assert!(!whole.headers_for(&home).is_empty() && !whole.is_spent());
            let spent = whole.without_secret();
            assert!(spent.headers_for(&home).is_empty() && spent.is_spent());
            assert!(!spent.to_session().contains("s3cret") && spent.grant().is_none());
            assert_eq!((spent.user(), spent.address()), (Some("alice"), &home));
            assert!(spent.has_secret(), "code for notebooks still asks for one");
        }
        assert!(!Credentials::basic(home, "alice", "").unwrap().without_secret().has_secret());
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        assert_eq!(grant().renew_at(), 4_300_000);
        let short = Grant { ends: 1_040_000, ..grant() };
        assert_eq!(short.renew_at(), 1_030_000);
    }

    #[test]
    fn never_shown_and_kept_whole() {
        let home = address("https://x.org");
        for credentials in [
            Credentials::basic(home.clone(), "alice", "s3cret").unwrap(),
            Credentials::jupyterhub(home.clone(), "s3cret").unwrap(),
            Credentials::none(home.clone()),
            Credentials::kerberos(home.clone()),
            Credentials::granted(home.clone(), "alice", "s3cret", grant()).unwrap(),
            Credentials::basic(home.clone(), "alice", "s3cret").unwrap().without_secret(),
        ] {
            assert!(!format!("{credentials:?} {credentials:#?}").contains("s3cret"));
            assert_eq!(
                Credentials::from_session(&credentials.to_session()).as_ref(),
                Some(&credentials)
            );
        }
        assert!(Credentials::from_session("{}").is_none());
    }
}
