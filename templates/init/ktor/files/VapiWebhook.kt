package com.example.demo.vapi

import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.call
import io.ktor.server.application.log
import io.ktor.server.request.header
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondText
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import java.security.MessageDigest
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put

/** Where Vapi sends its server messages. All of them: https://docs.vapi.ai/server-url/events */
fun Application.vapiWebhook() {
    val expected = System.getenv("VAPI_WEBHOOK_SECRET").orEmpty()
    if (expected.isEmpty()) log.error("VAPI_WEBHOOK_SECRET is not set, so nothing of Vapi is answered")
    routing {
        post("/api/vapi/webhook") {
            val message = messageOf(call.receiveText())
            val (status, reply) = when {
                expected.isEmpty() ->
                    HttpStatusCode.InternalServerError to refusal("The secret of this webhook is not set.")
                !isSame(call.request.header("x-vapi-secret"), expected) ->
                    HttpStatusCode.Unauthorized to refusal("The secret is wrong.")
                message == null -> HttpStatusCode.BadRequest to refusal("This is no message of Vapi.")
                else -> HttpStatusCode.OK to answer(message)
            }
            call.respondText(reply.toString(), ContentType.Application.Json, status)
        }
    }
}

private suspend fun answer(message: JsonObject): JsonObject = when (message.text("type")) {
    "tool-calls" -> {
        val calls = message["toolCallList"] as? JsonArray ?: JsonArray(emptyList())
        val results = calls.map { runTool(it.jsonObject) }
        buildJsonObject { put("results", JsonArray(results)) }
    }
    "assistant-request" -> chooseAssistant(System.getenv("VAPI_ASSISTANT_ID").orEmpty())
    "transfer-destination-request", "handoff-destination-request" ->
        refusal("There is nobody to hand the call over to.")
    "knowledge-base-request" -> buildJsonObject { put("documents", JsonArray(emptyList())) }
    // end-of-call-report, status-update, transcript, speech-update … need no answer.
    else -> JsonObject(emptyMap())
}

/** It is always a reply: without one the assistant would wait. */
private suspend fun runTool(call: JsonObject): JsonObject {
    val (kind, text) = try {
        "result" to resultOf(call.getValue("function").jsonObject)
    } catch (problem: Exception) {
        "error" to problem.message.orEmpty().trim().replace(Regex("\\s+"), " ")
    }
    return buildJsonObject {
        put("toolCallId", call.text("id"))
        put(kind, text)
    }
}

private suspend fun resultOf(function: JsonObject): String {
    val name = function.text("name")
    val tool = requireNotNull(vapiTools[name]) { "There is no tool $name." }
    return tool(argumentsOf(function["arguments"]))
}

/** An object, or the JSON of one in a string. */
private fun argumentsOf(value: JsonElement?): JsonObject = when (value) {
    is JsonObject -> value
    is JsonPrimitive -> Json.parseToJsonElement(value.content).jsonObject
    else -> JsonObject(emptyMap())
}

private fun messageOf(text: String): JsonObject? =
    runCatching { Json.parseToJsonElement(text).jsonObject["message"]?.jsonObject }
        .getOrNull()
        ?.takeIf { it.text("type") != null }

internal fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.contentOrNull

private fun refusal(text: String): JsonObject = buildJsonObject { put("error", text) }

/** Takes a time that tells nothing about the secret, not even its length. */
private fun isSame(given: String?, expected: String): Boolean {
    fun digest(text: String) = MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
    return given != null && MessageDigest.isEqual(digest(given), digest(expected))
}
