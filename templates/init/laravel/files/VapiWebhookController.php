<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Vapi\VapiTools;
use App\Vapi\VapiWebhook;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;

/** Where Vapi sends its server messages. */
final class VapiWebhookController
{
    public function __invoke(Request $request): JsonResponse
    {
        $webhook = new VapiWebhook(
            (string) config('services.vapi.webhook_secret'),
            new VapiTools((string) config('services.vapi.assistant_id')),
        );
        [$status, $reply] = $webhook->answer(
            (string) $request->header('x-vapi-secret'),
            $request->getContent(),
        );
        return new JsonResponse($reply, $status);
    }
}
