//! How a page is answered: a view as HTML under the security policy, or the address to go to next.
//! Nothing is decided here. Pages that show a person's own things are never stored by a browser or
//! a proxy: that is the server's default, and only `public` says otherwise.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vacancy_app::errors::Error;
use vacancy_store::faults::{Fault, Told};

use super::assets;
use crate::http::problem::Problem;

const HTML: &str = "text/html; charset=utf-8";

/// What a handler of a page gives back.
pub type Answer = Result<Response, Instead>;

/// What is answered in place of the page that was asked for.
#[derive(Debug)]
pub enum Instead {
    /// Another page, or the way to one.
    Page(Box<Response>),
    /// Anything that went wrong; shown as a page by `problems`.
    Problem(Box<Problem>),
}

impl From<Problem> for Instead {
    fn from(problem: Problem) -> Instead {
        Instead::Problem(Box::new(problem))
    }
}

impl From<Error> for Instead {
    fn from(error: Error) -> Instead {
        Instead::from(Problem::from(error))
    }
}

impl From<Response> for Instead {
    fn from(response: Response) -> Instead {
        Instead::Page(Box::new(response))
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Instead::Page(response) => *response,
            Instead::Problem(problem) => problem.into_response(),
        }
    }
}

/// The view, with status 200.
///
/// # Errors
/// When the template cannot be filled, which is our fault.
pub fn page(view: &impl Template) -> Answer {
    page_as(StatusCode::OK, view)
}

/// The view with the status that fits what it says.
///
/// # Errors
/// When the template cannot be filled, which is our fault.
pub fn page_as(status: StatusCode, view: &impl Template) -> Answer {
    let html = view.render().map_err(|error| {
        let told = Told(error.to_string());
        Instead::from(Error::Fault(Fault::internal_because("fill in a page", told)))
    })?;
    let headers =
        [(header::CONTENT_TYPE, HTML), (header::CONTENT_SECURITY_POLICY, assets::SECURITY_POLICY)];
    Ok((status, headers, html).into_response())
}

/// For pages that are the same for everybody: they may be kept, and are asked for again each time.
#[must_use]
pub fn public(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// Go on with a GET of this address. One that no header can carry leads home.
#[must_use]
pub fn see_other(address: &str) -> Response {
    let home = HeaderValue::from_static(super::links::HOME);
    let location = HeaderValue::from_str(address).unwrap_or(home);
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// An address of ours without its beginning, so that a guest who came by another name of this
/// server (`localhost`) stays on it and keeps the cookie. Other addresses stay as they are.
#[must_use]
pub fn without_our_name<'a>(address: &'a str, public_url: &str) -> &'a str {
    match address.strip_prefix(public_url) {
        Some(path) if path.starts_with('/') && !path.starts_with("//") => path,
        Some(_) | None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_lose_their_beginning() {
        let ours = "http://127.0.0.1:8080";
        for (address, expected) in [
            ("http://127.0.0.1:8080/bookings/1/return?a=b", "/bookings/1/return?a=b"),
            ("http://127.0.0.1:80801/x", "http://127.0.0.1:80801/x"),
            ("http://127.0.0.1:8080//evil.example", "http://127.0.0.1:8080//evil.example"),
            ("https://shop.example/back", "https://shop.example/back"),
            ("/bookings/1", "/bookings/1"),
        ] {
            assert_eq!(without_our_name(address, ours), expected);
        }
    }

    #[test]
    fn an_address_cannot_add_a_header() {
        let response = see_other("/x\r\nSet-Cookie: a=b");
        assert_eq!(response.headers()[header::LOCATION], "/");
    }
}
