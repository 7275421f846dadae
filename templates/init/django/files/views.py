"""Where Vapi sends its server messages."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .answer import answer_vapi


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> JsonResponse:
    status, reply = answer_vapi(request.headers.get("X-Vapi-Secret", ""), request.body)
    return JsonResponse(reply, status=status)
