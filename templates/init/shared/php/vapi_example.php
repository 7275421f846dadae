<?php

// Creates an assistant and has it call a telephone number. It needs in the environment:
//   VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
//   VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
//   VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

use Vapi\Calls\Requests\CreateCallDto;
use Vapi\Types\CreateAssistantDto;
use Vapi\Types\CreateAssistantDtoModel;
use Vapi\Types\CreateAssistantDtoVoice;
use Vapi\Types\CreateCustomerDto;
use Vapi\Types\OpenAiMessage;
use Vapi\Types\OpenAiModel;
use Vapi\Types\VapiVoice;
use Vapi\VapiClient;

$needed = static fn (string $name): string => getenv($name) ?: exit("Set $name in the environment.\n");

$vapi = new VapiClient($needed('VAPI_API_KEY'));
$assistant = $vapi->assistants->create(new CreateAssistantDto([
    'name' => 'Reception',
    'firstMessage' => 'Hello, this is a call from your own program.',
    'model' => CreateAssistantDtoModel::openai(new OpenAiModel([
        'model' => 'gpt-4o-mini',
        'messages' => [new OpenAiMessage(['role' => 'system', 'content' => 'You book appointments. Be brief.'])],
    ])),
    'voice' => CreateAssistantDtoVoice::vapi(new VapiVoice(['voiceId' => 'Elliot'])),
]));
echo "Assistant {$assistant->id}\n";

$call = $vapi->calls->create(new CreateCallDto([
    'assistantId' => $assistant->id,
    'phoneNumberId' => $needed('VAPI_PHONE_NUMBER_ID'),
    'customer' => new CreateCustomerDto(['number' => $needed('VAPI_CUSTOMER_NUMBER')]),
]));
echo "Call {$call->id}\n";
