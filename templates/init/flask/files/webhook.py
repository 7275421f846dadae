"""Where Vapi sends its server messages."""

from flask import Blueprint, Response, jsonify, request

from .answer import answer_vapi

# An application with CSRFProtect of Flask-WTF needs csrf.exempt(vapi_blueprint) too.
vapi_blueprint = Blueprint("vapi", __name__, url_prefix="/api/vapi")


@vapi_blueprint.post("/webhook")
def vapi_webhook() -> tuple[Response, int]:
    status, reply = answer_vapi(request.headers.get("X-Vapi-Secret", ""), request.get_data())
    return jsonify(reply), status
