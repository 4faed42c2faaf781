//! Every "no" as a page, for people; programs get the same as JSON. Called by the layer that gives
//! problems their form, so that a full desk, a limit or a wrong address looks like the rest too.

use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::views::problem::Problem as View;
use super::{assets, links};
use crate::http::problem::Problem;

/// What a person had asked for when the problem came up.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where asking again leads: the same page, without sending the form once more.
    again_href: String,
    is_form: bool,
}

impl Wanted {
    /// `None`: a program asked, or asked the API.
    #[must_use]
    pub fn of(request: &Request) -> Option<Wanted> {
        let path = request.uri().path();
        if path.starts_with("/v1") || !takes_html(request.headers()) {
            return None;
        }
        let is_form = !matches!(*request.method(), Method::GET | Method::HEAD);
        let again_href = if is_form && path.starts_with("/staff/") {
            links::STAFF_TODAY.to_owned()
        } else {
            let asked = request.uri().path_and_query().map_or(path, |both| both.as_str());
            asked.to_owned()
        };
        Some(Wanted { again_href, is_form })
    }

    /// Turns the answer into a page; status and other headers stay.
    pub fn dress(&self, response: &mut Response, problem: &Problem, trace_id: &str) {
        let view = self.view(problem, trace_id, response.headers());
        // A page that cannot be filled leaves the bare status, which says enough.
        let html = view.render().unwrap_or_default();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, assets::SECURITY_POLICY),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        *response.body_mut() = Body::from(html);
    }

    fn view(&self, problem: &Problem, trace_id: &str, headers: &HeaderMap) -> View {
        let again = self.again_href.as_str();
        let detail = || sentence(problem.detail());
        match (problem.status(), problem.code()) {
            (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) => View::not_found(),
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => View::refused(),
            (StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED, _) => {
                View::not_now(&detail(), again)
            }
            (StatusCode::GONE, _) => View::gone(),
            (StatusCode::TOO_MANY_REQUESTS, _) => View::too_many_requests(wait_seconds(headers)),
            (_, "outcome_unknown") => View::outcome_unknown(trace_id, again),
            (StatusCode::SERVICE_UNAVAILABLE, _) => View::unavailable(trace_id, again),
            (status, _) if status.is_client_error() => {
                let back = if self.is_form { again } else { links::HOME };
                View::cannot_be_done(vec![detail()], back)
            }
            (_, _) => View::broken(trace_id, again),
        }
    }
}

/// A browser says that it takes HTML; programs say nothing, or anything.
fn takes_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn wait_seconds(headers: &HeaderMap) -> i64 {
    let value = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    value.and_then(|seconds| seconds.parse().ok()).unwrap_or(1)
}

/// Details begin small and end without a full stop; pages speak in sentences.
pub(super) fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, address: &str, accept: &str) -> Request {
        let request = Request::builder().method(method).uri(address).header("accept", accept);
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn browsers_get_pages_and_programs_do_not() {
        let html = "text/html,application/xhtml+xml,*/*;q=0.8";
        assert!(Wanted::of(&request("GET", "/nowhere", html)).is_some());
        for (address, accept) in
            [("/nowhere", "*/*"), ("/nowhere", "application/json"), ("/v1/hotels", html)]
        {
            assert!(Wanted::of(&request("GET", address, accept)).is_none(), "{address} {accept}");
        }
    }

    #[test]
    fn a_form_that_failed_leads_back_to_a_page_that_can_be_seen() {
        let again = |method, address| {
            Wanted::of(&request(method, address, "text/html")).map(|wanted| wanted.again_href)
        };
        assert_eq!(again("GET", "/search?place=x").as_deref(), Some("/search?place=x"));
        assert_eq!(again("POST", "/bookings/1/cancel").as_deref(), Some("/bookings/1/cancel"));
        let today = Some(links::STAFF_TODAY);
        assert_eq!(again("POST", "/staff/reservations/1/check-in").as_deref(), today);
    }

    #[test]
    fn every_status_has_a_page_with_a_way_on() {
        let wanted = Wanted { again_href: "/search".to_owned(), is_form: false };
        for status in [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429, 500, 503] {
            let status = StatusCode::from_u16(status).expect("a status");
            let problem = Problem::new(status, "some_code", "secret inside <b>");
            let view = wanted.view(&problem, "0af7", &HeaderMap::new());
            assert!(!view.actions.is_empty() && !view.title.is_empty(), "{status}");
            assert!(view.render().is_ok_and(|html| !html.contains("inside <b>")), "{status}");
        }
    }

    #[test]
    fn a_detail_becomes_a_sentence() {
        assert_eq!(sentence("room 204 is taken"), "Room 204 is taken.");
        assert_eq!(sentence(""), ".");
    }
}
