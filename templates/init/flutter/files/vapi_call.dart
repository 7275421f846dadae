import 'dart:async';

import 'package:flutter/foundation.dart';
import 'package:vapi/vapi.dart';

enum VapiCallState { idle, connecting, listening, speaking, error }

class TranscriptLine {
  const TranscriptLine(this.role, this.text, {required this.isFinal});

  final String role;
  final String text;

  /// False while the words may still change.
  final bool isFinal;
}

/// One call with an assistant. The values come from `--dart-define` or `--dart-define-from-file=.env`.
class VapiCallModel extends ChangeNotifier {
  VapiCallModel({
    this.publicKey = const String.fromEnvironment('VAPI_PUBLIC_KEY'),
    this.assistantId = const String.fromEnvironment('VAPI_ASSISTANT_ID'),
  });

  /// The public key of your organisation: dashboard.vapi.ai, API keys. Never the private one.
  final String publicKey;
  final String assistantId;

  VapiCallState get state => _state;
  String? get error => _error;
  List<TranscriptLine> get transcript => List.unmodifiable(_transcript);
  bool get isRunning => _state == VapiCallState.listening || _state == VapiCallState.speaking;

  VapiCallState _state = VapiCallState.idle;
  String? _error;
  final List<TranscriptLine> _transcript = [];
  VapiCall? _call;
  StreamSubscription<VapiEvent>? _events;
  bool _isDisposed = false;

  Future<void> start() async {
    if (_state != VapiCallState.idle && _state != VapiCallState.error) return;
    if (publicKey.isEmpty || assistantId.isEmpty) {
      _change(VapiCallState.error, 'Set VAPI_PUBLIC_KEY and VAPI_ASSISTANT_ID.');
      return;
    }
    _transcript.clear();
    _change(VapiCallState.connecting);
    try {
      await VapiClient.platformInitialized.future;
      final call = await VapiClient(publicKey).start(assistantId: assistantId);
      if (_isDisposed) {
        await call.stop();
        call.dispose();
        return;
      }
      _call = call;
      _events = call.onEvent.listen(_hear);
      if (call.status == VapiCallStatus.active) _change(VapiCallState.listening);
    } catch (problem) {
      _change(VapiCallState.error, '$problem');
    }
  }

  Future<void> stop() async {
    final call = _call;
    await _release();
    _change(VapiCallState.idle);
    try {
      await call?.stop();
    } on VapiCallEndedException {
      // The other side was faster.
    } finally {
      call?.dispose();
    }
  }

  void _hear(VapiEvent event) {
    switch (event.label) {
      case 'call-start':
      case 'speech-end':
        _change(VapiCallState.listening);
      case 'speech-start':
        _change(VapiCallState.speaking);
      case 'call-end':
        unawaited(_end());
      case 'call-error':
      case 'error':
        _change(VapiCallState.error, '${event.value ?? 'The call could not be made.'}');
      case 'message':
        _take(event.value);
    }
  }

  void _take(dynamic message) {
    if (message is! Map || message['type'] != 'transcript') return;
    final role = message['role'] == 'assistant' ? 'assistant' : 'user';
    final last = _transcript.lastOrNull;
    if (last != null && last.role == role && !last.isFinal) _transcript.removeLast();
    final isFinal = message['transcriptType'] == 'final';
    _transcript.add(TranscriptLine(role, '${message['transcript']}', isFinal: isFinal));
    notifyListeners();
  }

  Future<void> _end() async {
    final call = _call;
    await _release();
    call?.dispose();
    if (_state != VapiCallState.error) _change(VapiCallState.idle);
  }

  Future<void> _release() async {
    _call = null;
    await _events?.cancel();
    _events = null;
  }

  void _change(VapiCallState state, [String? error]) {
    if (_isDisposed) return;
    _state = state;
    _error = error;
    notifyListeners();
  }

  @override
  void dispose() {
    _isDisposed = true;
    unawaited(stop());
    super.dispose();
  }
}
