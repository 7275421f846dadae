from fastapi import FastAPI

app = FastAPI(
    title="A project of its own (and nothing else)",
    openapi_url="/openapi.json",
)


@app.get("/")
def index() -> str:
    return "A project of its own."
