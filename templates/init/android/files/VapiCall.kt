package com.example.demo.vapi

import ai.vapi.android.Vapi
import android.app.Application
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.viewModelScope
import com.example.demo.R
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

enum class VapiCallStatus { IDLE, CONNECTING, LISTENING, SPEAKING, ERROR }

data class VapiCallState(
    val status: VapiCallStatus = VapiCallStatus.IDLE,
    val transcript: List<String> = emptyList(),
    val error: String? = null,
) {
    val isRunning get() = status == VapiCallStatus.LISTENING || status == VapiCallStatus.SPEAKING
}

/** One call with an assistant. The two values stand in res/values/vapi.xml. */
class VapiCall(application: Application) : AndroidViewModel(application) {
    private val current = MutableStateFlow(VapiCallState())
    val state: StateFlow<VapiCallState> = current.asStateFlow()

    private var vapi: Vapi? = null
    private var events: Job? = null

    /** The permission RECORD_AUDIO has to be granted before. */
    fun start() {
        val application = getApplication<Application>()
        val publicKey = application.getString(R.string.vapi_public_key)
        val assistantId = application.getString(R.string.vapi_assistant_id)
        if (publicKey.isEmpty() || assistantId.isEmpty()) {
            fail("Set vapi_public_key and vapi_assistant_id in res/values/vapi.xml.")
            return
        }
        current.value = VapiCallState(VapiCallStatus.CONNECTING)
        val vapi = Vapi(application, Vapi.Configuration(publicKey = publicKey))
        this.vapi = vapi
        events?.cancel()
        events = viewModelScope.launch { vapi.eventFlow.collect { hear(it) } }
        viewModelScope.launch {
            vapi.start(assistantId = assistantId).onFailure { fail(it.message ?: "The call could not be made.") }
        }
    }

    fun stop() {
        events?.cancel()
        vapi?.stop()
        vapi = null
        change(VapiCallStatus.IDLE)
    }

    fun fail(text: String) = current.update { it.copy(status = VapiCallStatus.ERROR, error = text) }

    private fun hear(event: Vapi.Event) {
        when (event) {
            is Vapi.Event.CallDidStart -> change(VapiCallStatus.LISTENING)
            is Vapi.Event.SpeechUpdate -> if (event.role == "assistant") {
                change(if (event.status == "started") VapiCallStatus.SPEAKING else VapiCallStatus.LISTENING)
            }
            is Vapi.Event.ConversationUpdate -> current.update { it.copy(transcript = linesOf(event.messages)) }
            is Vapi.Event.CallDidEnd, is Vapi.Event.Hang -> if (state.value.status != VapiCallStatus.ERROR) stop()
            is Vapi.Event.Error -> fail(event.error)
            else -> Unit
        }
    }

    /** The SDK's transcript does not tell who speaks; the conversation does. */
    private fun linesOf(messages: List<Map<String, Any>>): List<String> = messages.mapNotNull { message ->
        val text = (message["message"] ?: message["content"]) as? String
        when (message["role"]) {
            "assistant", "bot" -> text?.let { "Assistant: $it" }
            "user" -> text?.let { "You: $it" }
            else -> null
        }
    }

    private fun change(status: VapiCallStatus) = current.update { it.copy(status = status, error = null) }

    override fun onCleared() = stop()
}
