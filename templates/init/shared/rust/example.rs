//! Creates an assistant and has it call a telephone number. It needs in the environment:
//!   VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
//!   VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
//!   VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
use serde_json::{json, Value};
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let reception = json!({
        "name": "Reception",
        "firstMessage": "Hello, this is a call from your own program.",
        "model": {
            "provider": "openai",
            "model": "gpt-4o-mini",
            "messages": [{ "role": "system", "content": "You book appointments. Be brief." }]
        },
        "voice": { "provider": "vapi", "voiceId": "Elliot" }
    });
    let assistant = create("assistant", &reception).await?;
    println!("Assistant {assistant}");

    let call = json!({
        "assistantId": assistant,
        "phoneNumberId": needed("VAPI_PHONE_NUMBER_ID")?,
        "customer": { "number": needed("VAPI_CUSTOMER_NUMBER")? }
    });
    println!("Call {}", create("call", &call).await?);
    Ok(())
}

/// Creates a thing by the API, and gives its id.
async fn create(what: &str, body: &Value) -> Result<String, Box<dyn Error>> {
    let response = reqwest::Client::new()
        .post(format!("https://api.vapi.ai/{what}"))
        .bearer_auth(needed("VAPI_API_KEY")?)
        .json(body)
        .send()
        .await?;
    let status = response.status();
    let reply: Value = response.json().await?;
    match reply["id"].as_str() {
        Some(id) if status.is_success() => Ok(id.to_owned()),
        _ => Err(format!("{status}: {reply}").into()),
    }
}

fn needed(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("Set {name} in the environment."))
}
