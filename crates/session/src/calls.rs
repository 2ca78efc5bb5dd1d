//! Calls to the gateway: what to send, and what the answer means.

use crate::action::{Answer, Call};
use crate::state::Trouble;
use gateway::model::Status;
use gateway::{ApiError, AuthKind, Credentials, Request, Response, api};

/// The request of a call, signed.
pub fn request(call: &Call, credentials: &Credentials) -> Request {
    let request = match call {
        Call::Version => api::version(),
        Call::Options => api::options(),
        Call::List => api::list(&Status::ALL),
        Call::Get(name) => api::get(name, false),
        Call::Create(options) => api::create(options),
        Call::Scale(name, count) => api::scale(name, *count),
        Call::Adapt(name, bounds) => api::adapt(name, *bounds),
        Call::Delete(name) => api::delete(name),
    };
    request.signed(credentials, credentials.address())
}

/// What the answer to a call means.
///
/// # Errors
/// See [`ApiError`].
pub fn read(call: &Call, response: &Response) -> Result<Answer, ApiError> {
    match call {
        Call::Version => api::read_version(response).map(Answer::Version),
        Call::Options => api::read_options(response).map(Answer::Options),
        Call::List => api::read_list(response).map(Answer::List),
        Call::Get(_) => api::read_cluster(response).map(Answer::Cluster),
        Call::Create(_) => api::read_created(response).map(Answer::Created),
        Call::Scale(..) | Call::Adapt(..) => api::read_scaled(response).map(Answer::Scaled),
        Call::Delete(_) => api::read_deleted(response).map(|()| Answer::Deleted),
    }
}

impl Trouble {
    /// From an error, with a title that says what was tried.
    pub fn new(title: &str, error: &ApiError) -> Self {
        Self {
            title: title.to_owned(),
            text: error.message(),
            hint: error.advice().to_owned(),
            sign_in: error.wants_sign_in(),
        }
    }

    /// The same for somebody who signs in this way.
    pub fn signing_in(title: &str, error: &ApiError, kind: AuthKind) -> Self {
        Self { hint: error.advice_for(kind).to_owned(), ..Self::new(title, error) }
    }

    /// Without a server's part in it.
    pub fn plain(title: &str, text: &str) -> Self {
        Self { title: title.to_owned(), text: text.to_owned(), ..Self::default() }
    }
}
