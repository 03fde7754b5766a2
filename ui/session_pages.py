"""The page to log in with a token, and logging out. They work without scripts."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from api.app import ActorOf, ServicesOf
from api.errors import told
from api.services import ApiServices
from api.sessions import MAX_BODY_BYTES, local_path, log_in, log_out, set_cookie
from records.errors import VoltagraphError
from ui.forms import fields_of

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/login", response_class=HTMLResponse)
def login_page(request: Request, services: ServicesOf, _actor: ActorOf, next: str = "/") -> HTMLResponse:  # noqa: A002 - the parameter's name
    """The form for a token."""
    return _login(request, services, local_path(next))


@router.post("/login", response_class=HTMLResponse)
async def login(request: Request, services: ServicesOf) -> Response:
    """Log in, and go on to where one came from."""
    target = "/"
    try:
        fields = await fields_of(request, MAX_BODY_BYTES)
        target = local_path(fields.get("next", "/"))
        _, secret = log_in(request, services, fields.get("token", ""))
    except VoltagraphError as error:
        return _login(request, services, target, error)
    response = RedirectResponse(target, 303)
    set_cookie(request, services, response, secret)
    return response


@router.post("/logout")
def logout(request: Request, services: ServicesOf, _actor: ActorOf) -> Response:
    """Log out."""
    response = RedirectResponse("/", 303)
    log_out(request, services, response)
    return response


def add_session_pages(app: FastAPI) -> None:
    """Add these pages to the application."""
    app.include_router(router)


def _login(request: Request, services: ApiServices, target: str, error: VoltagraphError | None = None) -> HTMLResponse:
    problem = told(error, request.url.path) if error else None
    shown = {"max_question": services.max_question_chars, "next": target, "error": problem}
    return _templates.TemplateResponse(request, "login.html", shown, status_code=problem.status if problem else 200)
