import { useEffect, useState, useSyncExternalStore } from 'react';
import { Pressable, StyleSheet, Text, View } from 'react-native';
import { CALL_LABELS, createVapiCall } from '../lib/vapi-call';
import { vapiConfig } from '../lib/vapi-config';

/** A button that begins and ends a call, with what is said below it. */
export function VapiButton() {
  const [call] = useState(() => createVapiCall(vapiConfig));
  const { status, transcript, error } = useSyncExternalStore(call.subscribe, call.getState, call.getState);
  useEffect(() => () => call.stop(), [call]);

  const isRunning = status === 'listening' || status === 'speaking';
  const isConnecting = status === 'connecting';
  return (
    <View style={styles.assistant}>
      <Pressable
        accessibilityRole="button"
        accessibilityState={{ busy: isConnecting, disabled: isConnecting, selected: isRunning }}
        disabled={isConnecting}
        onPress={isRunning ? call.stop : call.start}
        style={({ pressed }) => [styles.button, (pressed || isConnecting) && styles.dimmed]}
      >
        <Text style={styles.label}>{CALL_LABELS[status]}</Text>
      </Pressable>
      {error !== null && (
        <Text accessibilityRole="alert" accessibilityLiveRegion="assertive" style={styles.error}>
          {error}
        </Text>
      )}
      <View accessibilityLiveRegion="polite">
        {transcript.map((line, index) => (
          <Text key={index} style={line.final ? undefined : styles.dimmed}>
            <Text style={styles.speaker}>{line.role === 'assistant' ? 'Assistant' : 'You'}:</Text> {line.text}
          </Text>
        ))}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  assistant: { gap: 12, padding: 16 },
  button: { alignItems: 'center', backgroundColor: '#0b6e4f', borderRadius: 8, padding: 12 },
  label: { color: '#ffffff', fontWeight: '600' },
  dimmed: { opacity: 0.6 },
  error: { color: '#b00020' },
  speaker: { fontWeight: '600' },
});
