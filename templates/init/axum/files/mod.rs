//! Where Vapi sends its server messages.
mod tools;
mod webhook;

use axum::{
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode},
    routing::post,
    Json, Router,
};
use serde_json::Value;

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(
        "/api/vapi/webhook",
        post(receive).layer(DefaultBodyLimit::max(webhook::MAX_BODY_BYTES)),
    )
}

async fn receive(headers: HeaderMap, body: Bytes) -> (StatusCode, Json<Value>) {
    let secret = headers
        .get("x-vapi-secret")
        .and_then(|value| value.to_str().ok());
    let (status, reply) = webhook::answer(secret, &body).await;
    let status = StatusCode::from_u16(status).expect("a status of ours");
    (status, Json(reply))
}
