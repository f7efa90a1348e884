"""WAHDX's QR login: a code that a phone scans, confirms, and that can be used once (S)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import segno

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Answer, Json, RefusedError, Request
from shared.sandbox.fields import Fields
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wahdx.problem import invalid, problem
from shared.sandbox.wahdx.seeds import PRIVACY

_SHORTEST_ID = 8
_LIFE = timedelta(seconds=300)
#: How long the imagined person takes to scan and to confirm.
_SCANNED_AFTER, _CONFIRMED_AFTER = timedelta(seconds=10), timedelta(seconds=20)
_PLAN = "maximum"
#: What the code says; no sheet tells, and no client reads it.
_ADDRESS = "https://www.tiktok.com/qr/login?token="


@dataclass(slots=True)
class _Code:
    unique_id: str
    asked_at: datetime
    used: bool = False


class QrLogin:
    """The codes handed out, by token; needs the plan `maximum`, else 403 (S)."""

    def __init__(self, port: ProviderSandbox) -> None:
        self._port = port
        self._codes: dict[str, _Code] = {}

    def request(self, request: Request) -> Answer:
        self._need_plan()
        body = Fields.of(request, invalid) if request.body else Fields({}, invalid)
        serial = len(self._codes) + 1
        unique_id = body.text("unique_id") or f"session_{serial:06d}"
        body.close()
        if len(unique_id) < _SHORTEST_ID:
            return invalid("unique_id must be at least 8 characters")
        token = self._port.world.new_uuid().replace("-", "").upper()
        self._codes[token] = _Code(unique_id, self._port.world.clock.now())
        return Answer(
            200,
            {
                "success": True,
                "data": {
                    "qrCodeImage": segno.make(_ADDRESS + token).png_data_uri(scale=4),
                    "token": token,
                    "unique_id": unique_id,
                    "expiresIn": int(_LIFE.total_seconds()),
                },
            },
        )

    def check(self, request: Request) -> Answer:
        self._need_plan()
        body = Fields.of(request, invalid)
        token = body.needed("token")
        body.close()
        code = self._codes.get(token)
        if code is None:
            return problem(404, "Token not found")
        state = {"unique_id": code.unique_id, **self._state(code)}
        return Answer(200, {"success": True, "data": state})

    def _state(self, code: _Code) -> Json:
        match self._word(code):
            case "utilised":
                return {"status": "utilised", "message": "The code has already been used."}
            case "confirmed":
                return {"status": "confirmed", "account": self._link(code)}
            case word:
                return {"status": word}

    def _word(self, code: _Code) -> str:
        """Take the state that `qr_state` names as its `code`, else what the clock says."""
        if code.used:
            return "utilised"
        told = self._port.take("qr_state", "qr")
        if told is not None and told.code:
            return told.code
        clock = self._port.world.clock
        age = clock.now() - code.asked_at
        ages = {"expired": _LIFE, "confirmed": _CONFIRMED_AFTER, "scanned": _SCANNED_AFTER}
        return next((word for word, least in ages.items() if age >= clock.real(least)), "new")

    def _link(self, code: _Code) -> Json:
        code.used = True
        account = SandboxAccount(
            id=self._port.world.new_uuid(),
            platform="tiktok",
            username=f"linked.{code.unique_id}",
            display_name="Linked by QR",
            extra={"privacy": list(PRIVACY)},
        )
        self._port.accounts[account.id] = account
        names = {"display_name": account.display_name, "username": account.username}
        return {"accountId": account.id, **names}

    def _need_plan(self) -> None:
        """Refuse with a body that has no `success` key at all (S)."""
        if plan_of(self._port) != _PLAN:
            body = {"error": "This feature needs the Maximum plan", "subscription": "free"}
            raise RefusedError(Answer(403, body))


def plan_of(port: ProviderSandbox) -> str:
    return "free" if port.switched_on("free_plan") is not None else _PLAN
