package com.example.demo.vapi

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/** What assistants may call, by the name of the tool. What a tool gives back is told to the assistant. */
val vapiTools: Map<String, suspend (JsonObject) -> String> = mapOf(
    "bookAppointment" to ::bookAppointment,
)

/** An example, to be replaced by your own. */
private suspend fun bookAppointment(arguments: JsonObject): String =
    "Booked for ${arguments.text("day")} at ${arguments.text("time")}."

/** Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this. */
fun chooseAssistant(assistantId: String): JsonObject = buildJsonObject {
    if (assistantId.isEmpty()) put("assistant", reception("Hello, how can I help you?"))
    else put("assistantId", assistantId)
}

fun reception(firstMessage: String): JsonObject = buildJsonObject {
    put("name", "Reception")
    put("firstMessage", firstMessage)
    putJsonObject("model") {
        put("provider", "openai")
        put("model", "gpt-4o-mini")
        putJsonArray("messages") {
            addJsonObject {
                put("role", "system")
                put("content", "You book appointments. Be brief.")
            }
        }
    }
    putJsonObject("voice") {
        put("provider", "vapi")
        put("voiceId", "Elliot")
    }
}
