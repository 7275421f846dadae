import SwiftUI

/// A button that begins and ends a call, with what is said below it.
struct VapiButton: View {
    @StateObject private var call = VapiCall()

    var body: some View {
        VStack(spacing: 12) {
            Button(label) {
                if call.isRunning {
                    call.stop()
                } else {
                    Task { await call.start() }
                }
            }
            .disabled(call.state == .connecting)
            .accessibilityAddTraits(call.isRunning ? [.isSelected] : [])

            if let error = call.error {
                Text(error)
                    .foregroundColor(.red)
            }

            VStack(alignment: .leading) {
                ForEach(call.transcript) { line in
                    Text("\(line.isAssistant ? "Assistant" : "You"): \(line.text)")
                        .opacity(line.isFinal ? 1 : 0.6)
                }
            }
            .accessibilityElement(children: .contain)
            .accessibilityLabel("Transcript")
            .accessibilityAddTraits(.updatesFrequently)
        }
        .onDisappear(perform: call.stop)
    }

    private var label: String {
        switch call.state {
        case .idle: return "Talk to the assistant"
        case .connecting: return "Connecting…"
        case .listening: return "Listening: end the call"
        case .speaking: return "Speaking: end the call"
        case .error: return "Try again"
        }
    }
}
