import Combine
import Foundation
import Vapi

/// One call with an assistant. The two values stand in the target's Info.plist.
@MainActor
final class VapiCall: ObservableObject {
    enum State {
        case idle, connecting, listening, speaking, error
    }

    struct Line: Identifiable {
        let id = UUID()
        let isAssistant: Bool
        let text: String
        /// False while the words may still change.
        let isFinal: Bool
    }

    @Published private(set) var state = State.idle
    @Published private(set) var error: String?
    @Published private(set) var transcript: [Line] = []

    var isRunning: Bool { state == .listening || state == .speaking }

    private var vapi: Vapi?
    private var events: AnyCancellable?

    func start() async {
        guard state == .idle || state == .error else { return }
        guard let publicKey = setting("VAPI_PUBLIC_KEY"), let assistantId = setting("VAPI_ASSISTANT_ID") else {
            fail("Set VAPI_PUBLIC_KEY and VAPI_ASSISTANT_ID in Info.plist.")
            return
        }
        transcript = []
        error = nil
        state = .connecting
        let vapi = Vapi(publicKey: publicKey)
        self.vapi = vapi
        events = vapi.eventPublisher
            .receive(on: DispatchQueue.main)
            .sink { [weak self] event in
                MainActor.assumeIsolated { self?.hear(event) }
            }
        do {
            _ = try await vapi.start(assistantId: assistantId)
        } catch {
            fail(error.localizedDescription)
        }
    }

    func stop() {
        vapi?.stop()
        release()
        error = nil
        state = .idle
    }

    private func hear(_ event: Vapi.Event) {
        switch event {
        case .callDidStart:
            state = .listening
        case .speechUpdate(let update):
            if update.role == .assistant {
                state = update.status == .started ? .speaking : .listening
            }
        case .transcript(let said):
            hear(said)
        case .callDidEnd, .hang:
            release()
            if state != .error { state = .idle }
        case .error(let problem):
            fail(problem.localizedDescription)
        default:
            break
        }
    }

    private func hear(_ said: Transcript) {
        let isAssistant = said.role == .assistant
        if let last = transcript.last, last.isAssistant == isAssistant, !last.isFinal {
            transcript.removeLast()
        }
        let isFinal = said.transcriptType == .final
        transcript.append(Line(isAssistant: isAssistant, text: said.transcript, isFinal: isFinal))
    }

    private func fail(_ text: String) {
        release()
        error = text
        state = .error
    }

    private func release() {
        events = nil
        vapi = nil
    }

    private func setting(_ name: String) -> String? {
        let value = Bundle.main.object(forInfoDictionaryKey: name) as? String
        return value?.isEmpty == false ? value : nil
    }
}
