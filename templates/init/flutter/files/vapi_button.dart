import 'package:flutter/material.dart';

import 'vapi_call.dart';

/// A button that begins and ends a call, with what is said below it.
class VapiButton extends StatefulWidget {
  const VapiButton({super.key});

  @override
  State<VapiButton> createState() => _VapiButtonState();
}

class _VapiButtonState extends State<VapiButton> {
  static const _labels = {
    VapiCallState.idle: 'Talk to the assistant',
    VapiCallState.connecting: 'Connecting…',
    VapiCallState.listening: 'Listening: end the call',
    VapiCallState.speaking: 'Speaking: end the call',
    VapiCallState.error: 'Try again',
  };

  final _call = VapiCallModel();

  @override
  void dispose() {
    _call.dispose();
    super.dispose();
  }

  @override
  Widget build(BuildContext context) {
    return ListenableBuilder(
      listenable: _call,
      builder: (context, _) {
        final error = _call.error;
        return Column(
          mainAxisSize: MainAxisSize.min,
          children: [
            FilledButton(
              onPressed: switch (_call.state) {
                VapiCallState.connecting => null,
                _ => _call.isRunning ? _call.stop : _call.start,
              },
              child: Text(_labels[_call.state]!),
            ),
            if (error != null)
              Semantics(
                liveRegion: true,
                child: Text(error, style: TextStyle(color: Theme.of(context).colorScheme.error)),
              ),
            Semantics(
              liveRegion: true,
              label: 'Transcript',
              child: Column(
                children: [
                  for (final line in _call.transcript)
                    Opacity(
                      opacity: line.isFinal ? 1 : 0.6,
                      child: Text('${line.role == 'assistant' ? 'Assistant' : 'You'}: ${line.text}'),
                    ),
                ],
              ),
            ),
          ],
        );
      },
    );
  }
}
