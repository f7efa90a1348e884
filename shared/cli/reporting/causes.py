"""What jobs failed of, by cause, as a person reads it and as scripts do."""

from shared.cli.output import shown
from shared.cli.shapes import Shape
from shared.domain.fingerprint import Failures


def cause_line(cause: Failures) -> str:
    code = f" {cause.code}" if cause.code else ""
    said = f": {shown(cause.message)}" if cause.message else ""
    kind = cause.error_class or "no reason given"
    return f"failed: {cause.jobs} x {kind}{code} [{cause.fingerprint}]{said}"


def cause_shape(cause: Failures) -> Shape:
    return {
        "fingerprint": cause.fingerprint,
        "class": cause.error_class,
        "code": cause.code,
        "message": cause.message,
        "count": cause.jobs,
        "example": cause.example,
    }
