<?php

declare(strict_types=1);

namespace App\Vapi;

/** What assistants may call, and who answers inbound calls. */
final class VapiTools
{
    public function __construct(private readonly string $assistantId = '')
    {
    }

    /**
     * By the name of the tool. What a tool gives back is told to the assistant.
     *
     * @return array<string, callable>
     */
    public function all(): array
    {
        return ['bookAppointment' => $this->bookAppointment(...)];
    }

    /** An example, to be replaced by your own. */
    private function bookAppointment(string $day, string $time): string
    {
        return "Booked for $day at $time.";
    }

    /**
     * Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this.
     *
     * @return array<string, mixed>
     */
    public function chooseAssistant(): array
    {
        if ($this->assistantId !== '') {
            return ['assistantId' => $this->assistantId];
        }
        return [
            'assistant' => [
                'name' => 'Reception',
                'firstMessage' => 'Hello, how can I help you?',
                'model' => [
                    'provider' => 'openai',
                    'model' => 'gpt-4o-mini',
                    'messages' => [['role' => 'system', 'content' => 'You book appointments. Be brief.']],
                ],
                'voice' => ['provider' => 'vapi', 'voiceId' => 'Elliot'],
            ],
        ];
    }
}
