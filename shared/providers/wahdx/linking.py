"""WAHDX's QR login, by which a TikTok account is linked (S)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.account import Account
from shared.domain.limit import Call
from shared.domain.linking import Link, LinkCode, LinkStage
from shared.providers.wahdx.reading import fault_of, required, text_of, unreadable
from shared.wire.answer import Answer, CallFailed
from shared.wire.wire import Wire

#: Where `expiresIn`, in seconds, is not told: that of the sample (S).
LIFE = timedelta(seconds=300)

_STAGES = {str(stage): stage for stage in LinkStage} | {"utilized": LinkStage.UTILISED}


def request(wire: Wire) -> LinkCode:
    """Ask for a code. Raises NoAnswer, CallFailed."""
    answer = _planned(wire.post(Call.ACCOUNTS, "/api/content/qr-login/request"))
    token, image = text_of(answer.at("data", "token")), _image(answer)
    if not token or not image:
        raise CallFailed(unreadable(answer, "data.token and data.qrCodeImage"), again=True)
    return LinkCode(token=token, image=image, life=_life(answer))


def check(code: LinkCode, wire: Wire) -> Link:
    """Ask how a code stands; a word that nobody knows is no end. Raises NoAnswer, CallFailed."""
    body = {"token": code.token}
    answer = _planned(wire.post(Call.ACCOUNTS, "/api/content/qr-login/check", body))
    word = text_of(answer.at("data", "status")).lower()
    if not word:
        raise CallFailed(unreadable(answer, "data.status"), again=True)
    stage = _STAGES.get(word, LinkStage.NEW)
    return Link(
        stage=stage,
        message=text_of(answer.at("data", "message")),
        account=_account(answer.at("data", "account")) if stage is LinkStage.CONFIRMED else None,
    )


def _planned(answer: Answer) -> Answer:
    """Require an answer; a 403 names the plan that is too small for the feature (S)."""
    plan = text_of(answer.at("subscription"))
    if answer.status == HTTPStatus.FORBIDDEN and plan:
        fault = fault_of(answer)
        message = f"{fault.message}; the key's plan is {plan}"
        raise CallFailed(replace(fault, message=message), again=False)
    return required(answer)


def _image(answer: Answer) -> bytes:
    """Read the picture out of its data address."""
    head, _, content = text_of(answer.at("data", "qrCodeImage")).rpartition(",")
    if not head.startswith("data:image/"):
        return b""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _life(answer: Answer) -> timedelta:
    seconds = answer.at("data", "expiresIn")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e6:  # noqa: PLR2004 - eleven days
        return LIFE
    return timedelta(seconds=seconds)


def _account(facts: Any) -> Account | None:
    if not isinstance(facts, Mapping) or not text_of(facts.get("accountId")):
        return None
    return Account(
        account_id=text_of(facts["accountId"]),
        platform="tiktok",
        username=text_of(facts.get("username")),
        display_name=text_of(facts.get("display_name")),
    )
