<?php

declare(strict_types=1);

namespace App\Vapi;

/** The replies to Vapi's server messages. All messages: https://docs.vapi.ai/server-url/events */
final class VapiWebhook
{
    public function __construct(
        private readonly string $secret,
        private readonly VapiTools $tools,
    ) {
    }

    /**
     * Status and JSON of the reply.
     *
     * @param string $secret the header x-vapi-secret, '' where there is none
     * @return array{int, array<string, mixed>|object}
     */
    public function answer(string $secret, string $body): array
    {
        if ($this->secret === '') {
            error_log('VAPI_WEBHOOK_SECRET is not set, so nothing is answered');
            return [500, ['error' => 'The secret of this webhook is not set.']];
        }
        if (!hash_equals($this->secret, $secret)) {
            return [401, ['error' => 'The secret is wrong.']];
        }
        $message = json_decode($body, true)['message'] ?? null;
        if (!is_array($message) || !isset($message['type'])) {
            return [400, ['error' => 'This is no message of Vapi.']];
        }

        return [200, match ($message['type']) {
            'tool-calls' => ['results' => array_map($this->runTool(...), $message['toolCallList'] ?? [])],
            'assistant-request' => $this->tools->chooseAssistant(),
            'transfer-destination-request',
            'handoff-destination-request' => ['error' => 'There is nobody to hand the call over to.'],
            'knowledge-base-request' => ['documents' => []],
            // status-update, transcript, end-of-call-report … need no answer.
            default => (object) [],
        }];
    }

    /**
     * The reply to one tool call. It is always a reply: without one the assistant would wait.
     *
     * @param array<string, mixed> $call
     * @return array<string, mixed>
     */
    private function runTool(array $call): array
    {
        try {
            $name = $call['function']['name'] ?? '';
            $values = $call['function']['arguments'] ?? [];
            if (is_string($values)) {
                $values = json_decode($values, true, flags: JSON_THROW_ON_ERROR);
            }
            $tool = $this->tools->all()[$name] ?? throw new \OutOfRangeException("There is no tool $name.");
            $result = $tool(...$values);
            return [
                'toolCallId' => $call['id'],
                'result' => is_string($result) ? $result : json_encode($result, JSON_THROW_ON_ERROR),
            ];
        } catch (\Throwable $problem) {
            error_log("A tool failed: $problem");
            $text = preg_replace('/\s+/', ' ', $problem->getMessage());
            return ['toolCallId' => $call['id'] ?? null, 'error' => $text];
        }
    }
}
