//! Where Vapi sends its server messages.
mod tools;
mod webhook;

use actix_web::{http::StatusCode, web, HttpRequest, HttpResponse};

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/vapi/webhook")
            .app_data(web::PayloadConfig::new(webhook::MAX_BODY_BYTES))
            .route(web::post().to(receive)),
    );
}

async fn receive(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header = request.headers().get("x-vapi-secret");
    let secret = header.and_then(|value| value.to_str().ok());
    let (status, reply) = webhook::answer(secret, &body).await;
    HttpResponse::build(StatusCode::from_u16(status).expect("a status of ours")).json(reply)
}
