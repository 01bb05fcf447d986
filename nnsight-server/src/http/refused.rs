//! A refusal as an answer.

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use nnsight_remote::protocol::{Code, Refusal};

/// A refusal, on its way out.
pub(crate) struct Refused(pub(crate) Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0.code {
            Code::Malformed | Code::OtherVersion => StatusCode::BAD_REQUEST,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Unfit => StatusCode::UNPROCESSABLE_ENTITY,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Conflict => StatusCode::CONFLICT,
            Code::Expired => StatusCode::GONE,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry = self.0.retry_after;
        let mut response = (status, Json(self.0)).into_response();
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub(crate) async fn nothing_here(uri: Uri) -> Refused {
    let path: String = uri.path().chars().take(100).collect();
    Refusal::new(
        Code::NotFound,
        format!("there is nothing at {path}: /openapi.json says what there is"),
    )
    .into()
}

pub(crate) async fn not_that_way(method: Method, uri: Uri) -> Refused {
    let path: String = uri.path().chars().take(100).collect();
    Refusal::new(
        Code::NotFound,
        format!("{path} does not take {method}: /openapi.json says what it takes"),
    )
    .into()
}
