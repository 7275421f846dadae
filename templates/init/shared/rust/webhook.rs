//! Answers the server messages of Vapi. All of them: https://docs.vapi.ai/server-url/events
use super::tools;
use serde_json::{json, Value};
use std::{env, hint::black_box};

/// Reports of whole calls are large.
pub const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The status and the body of the reply. `secret` is the header `x-vapi-secret` of the request.
pub async fn answer(secret: Option<&str>, body: &[u8]) -> (u16, Value) {
    let expected = env::var("VAPI_WEBHOOK_SECRET").unwrap_or_default();
    if expected.is_empty() {
        eprintln!("VAPI_WEBHOOK_SECRET is not set, so nothing is answered");
        return (500, error("The secret of this webhook is not set."));
    }
    if !is_same(secret.unwrap_or_default(), &expected) {
        return (401, error("The secret is wrong."));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = &body["message"];
    let Some(kind) = message["type"].as_str() else {
        return (400, error("This is no message of Vapi."));
    };

    let reply = match kind {
        "tool-calls" => {
            let mut results = Vec::new();
            for call in message["toolCallList"].as_array().into_iter().flatten() {
                results.push(run_tool(call).await);
            }
            json!({ "results": results })
        }
        "assistant-request" => tools::choose_assistant(),
        "transfer-destination-request" | "handoff-destination-request" => {
            error("There is nobody to hand the call over to.")
        }
        "knowledge-base-request" => json!({ "documents": [] }),
        "end-of-call-report" => {
            println!("Vapi call ended: {}", message["endedReason"]);
            json!({})
        }
        // status-update, transcript, speech-update … need no answer.
        _ => json!({}),
    };
    (200, reply)
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}

/// It is always a reply: without one the assistant would wait.
async fn run_tool(call: &Value) -> Value {
    let name = call["function"]["name"].as_str().unwrap_or_default();
    // An object, or the JSON of one in a string.
    let arguments = match &call["function"]["arguments"] {
        Value::String(text) => serde_json::from_str(text).map_err(|problem| problem.to_string()),
        values => Ok(values.clone()),
    };
    let result = match arguments {
        Ok(values) => tools::run(name, &values).await,
        Err(problem) => Err(problem),
    };
    match result {
        Ok(result) => json!({ "toolCallId": call["id"], "result": result }),
        Err(problem) => {
            let words: Vec<_> = problem.split_whitespace().collect();
            json!({ "toolCallId": call["id"], "error": words.join(" ") })
        }
    }
}

/// Looks at every byte, so that the time tells nothing about the secret but its length.
fn is_same(given: &str, expected: &str) -> bool {
    let pairs = given.bytes().zip(expected.bytes());
    let difference = pairs.fold(0, |found, (one, other)| black_box(found | (one ^ other)));
    given.len() == expected.len() && difference == 0
}
