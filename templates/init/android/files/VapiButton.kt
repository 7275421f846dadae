package com.example.demo.vapi

import android.Manifest
import androidx.activity.compose.rememberLauncherForActivityResult
import androidx.activity.result.contract.ActivityResultContracts.RequestPermission
import androidx.compose.foundation.layout.Column
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.lifecycle.viewmodel.compose.viewModel

/** A button that begins and ends a call, with what is said below it. */
@Composable
fun VapiButton(modifier: Modifier = Modifier, call: VapiCall = viewModel()) {
    val state by call.state.collectAsState()
    val microphone = rememberLauncherForActivityResult(RequestPermission()) { isGranted ->
        if (isGranted) call.start() else call.fail("A call needs the microphone.")
    }
    DisposableEffect(call) {
        onDispose { call.stop() }
    }

    Column(modifier) {
        Button(
            onClick = { if (state.isRunning) call.stop() else microphone.launch(Manifest.permission.RECORD_AUDIO) },
            enabled = state.status != VapiCallStatus.CONNECTING,
        ) {
            Text(labelOf(state.status))
        }
        state.error?.let { error ->
            Text(
                error,
                color = MaterialTheme.colorScheme.error,
                modifier = Modifier.semantics { liveRegion = LiveRegionMode.Assertive },
            )
        }
        Column(
            Modifier.semantics {
                contentDescription = "Transcript"
                liveRegion = LiveRegionMode.Polite
            },
        ) {
            state.transcript.forEach { Text(it) }
        }
    }
}

private fun labelOf(status: VapiCallStatus) = when (status) {
    VapiCallStatus.IDLE -> "Talk to the assistant"
    VapiCallStatus.CONNECTING -> "Connecting…"
    VapiCallStatus.LISTENING -> "Listening: end the call"
    VapiCallStatus.SPEAKING -> "Speaking: end the call"
    VapiCallStatus.ERROR -> "Try again"
}
