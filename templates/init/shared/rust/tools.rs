//! What assistants may call, and who answers inbound calls.
use serde_json::{json, Value};
use std::env;

/// What a tool gives back is told to the assistant.
pub async fn run(name: &str, arguments: &Value) -> Result<String, String> {
    match name {
        "bookAppointment" => book_appointment(arguments).await,
        _ => Err(format!("There is no tool {name}.")),
    }
}

/// An example, to be replaced by your own.
async fn book_appointment(arguments: &Value) -> Result<String, String> {
    match (arguments["day"].as_str(), arguments["time"].as_str()) {
        (Some(day), Some(time)) => Ok(format!("Booked for {day} at {time}.")),
        _ => Err("Say the day and the time.".into()),
    }
}

/// Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this.
pub fn choose_assistant() -> Value {
    match env::var("VAPI_ASSISTANT_ID") {
        Ok(id) if !id.is_empty() => json!({ "assistantId": id }),
        _ => json!({
            "assistant": {
                "name": "Reception",
                "firstMessage": "Hello, how can I help you?",
                "model": {
                    "provider": "openai",
                    "model": "gpt-4o-mini",
                    "messages": [{ "role": "system", "content": "You book appointments. Be brief." }]
                },
                "voice": { "provider": "vapi", "voiceId": "Elliot" }
            }
        }),
    }
}
