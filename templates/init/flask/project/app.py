from flask import Flask


def create_app() -> Flask:
    app = Flask(
        __name__,
        static_url_path="/static",
    )

    @app.get("/")
    def index() -> str:
        return "A project of its own."

    return app
