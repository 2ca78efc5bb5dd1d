//! Asks JupyterHub for tokens and ends them, with the cookies of who is signed in there.

use gateway::hub::{self, SECONDS, Visit, Visitor};
use gateway::{Address, ApiError, Response};

use super::run::spawn;
use super::{clock, http};

/// Asks who is signed in at the hub and has a token made for them, for the gateway at `gateway`. With
/// `only`, for nobody else than that user. Tokens that tabs long gone have left there are ended.
///
/// # Errors
/// See [`ApiError`].
pub async fn visit(
    hub: Address,
    gateway: Address,
    only: Option<String>,
) -> Result<Visit, ApiError> {
    let (user, xsrf) = match visitor(&hub).await? {
        Visitor::SignedIn { user, .. } if only.as_ref().is_some_and(|only| *only != user) => {
            return Ok(Visit::Other(user));
        }
        Visitor::SignedIn { user, xsrf } => (user, xsrf),
        Visitor::SignedOut => return Ok(Visit::SignedOut),
    };
    let (mut service, mut seconds) = (Some(hub::service_of(&gateway)), SECONDS);
    let answer = loop {
        let answer = http::send(&hub::mint(&user, &xsrf, service, seconds), &hub).await?;
        match hub::instead(&answer, service, seconds) {
            Some(other) => (service, seconds) = other,
            None => break answer,
        }
    };
    let minted = hub::read_minted(&answer)?;
    let scoped = service.is_some();
    let credentials = minted
        .credentials(gateway.clone(), &user, scoped, clock::now())
        .map_err(|what| ApiError::Malformed { what: what.to_owned() })?;
    spawn(async move {
        end(&hub, &user, &xsrf, None).await;
    });
    Ok(Visit::Granted(credentials.into()))
}

/// Ends a token that was made for `user`. Gives whether it has ended.
pub async fn revoke(hub: Address, user: String, id: String) -> bool {
    match visitor(&hub).await {
        Ok(Visitor::SignedIn { user: present, xsrf }) if present == user => {
            end(&hub, &user, &xsrf, Some(&id)).await
        }
        _ => false,
    }
}

async fn visitor(hub: &Address) -> Result<Visitor, ApiError> {
    match hub::read_home(&http::send(&hub::home(), hub).await?) {
        Err(_) => hub::read_home(&http::send(&hub::token_page(), hub).await?),
        known => known,
    }
}

/// Ends the token with that number, or those that are left over. Gives whether none is there any more.
async fn end(hub: &Address, user: &str, xsrf: &str, id: Option<&str>) -> bool {
    let Ok(list) = http::send(&hub::tokens(user, xsrf), hub).await else { return false };
    let mut done = list.status == 200;
    for id in hub::to_revoke(&list, id) {
        let answer = http::send(&hub::revoke(user, &id, xsrf), hub).await;
        done &= matches!(answer, Ok(Response { status: 200..=299 | 404, .. }));
    }
    done
}
