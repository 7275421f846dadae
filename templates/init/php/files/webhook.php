<?php

declare(strict_types=1);

use App\Vapi\VapiTools;
use App\Vapi\VapiWebhook;

require_once __DIR__ . '/VapiTools.php';
require_once __DIR__ . '/VapiWebhook.php';

// Where Vapi sends its server messages.
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    header('Allow: POST');
    exit;
}
$webhook = new VapiWebhook(
    getenv('VAPI_WEBHOOK_SECRET') ?: '',
    new VapiTools(getenv('VAPI_ASSISTANT_ID') ?: ''),
);
[$status, $reply] = $webhook->answer($_SERVER['HTTP_X_VAPI_SECRET'] ?? '', file_get_contents('php://input'));
http_response_code($status);
header('Content-Type: application/json');
echo json_encode($reply, JSON_THROW_ON_ERROR);
