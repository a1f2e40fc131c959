"""L: user tokens. Each is shown at the agent socket, as the first one and in place of a good one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from support.inputs.mint import SCOPE, Mint, part

DAY = 24 * 3600
ZERO = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Forgery:
    """A token that must not be taken, and how it is made."""

    id: str
    what: str
    forge: Callable[[Mint], str]

    @property
    def name(self) -> str:
        return f"{self.id}: {self.what}"


Forge: TypeAlias = Callable[[Mint], str]


def unsigned(alg: str) -> Forge:
    return lambda mint: f"{part({**mint.header, 'alg': alg})}.{part(mint.claims)}."


def named(kid: object) -> Forge:
    return lambda mint: mint.signed(header={"kid": kid})


def saying(**claims: Any) -> Forge:  # noqa: ANN401 (whatever a forger may say)
    """Properly signed, with other claims."""
    return lambda mint: mint.signed(**claims)


def silent(claim: str) -> Forge:
    return lambda mint: mint.signed(without=claim)


def older(generations: int) -> Forge:
    return lambda mint: mint.signed(gen=mint.claims["gen"] - generations)


def changed(place: int) -> Forge:
    return lambda mint: mint.changed(place)


def head(mint: Mint) -> str:
    return mint.good.rpartition(".")[0]


KIDS: tuple[object, ...] = (
    *("../../etc/passwd", "/dev/null", "k" * 2000, "' OR 1=1--", "", None, 1, ["x"], {}, "\0"),
    "k" * 10_000,
)
ENDS: tuple[object, ...] = (10**400, "4102444800", 1e300, True, None, [], -1, 2**63)
GENERATIONS: tuple[object, ...] = (-1, "1", True, 1.5, None, 2**70)

ROWS = [
    *[Forgery("L01", f"alg {alg}", unsigned(alg)) for alg in ("none", "None", "nOnE", "", "ES256")],
    Forgery("L01", "signature removed", lambda mint: head(mint) + "."),
    Forgery("L01", "two parts", head),
    Forgery("L01", "four parts", lambda mint: mint.good + ".AAAA"),
    Forgery("L02", "HS256 with our public key", lambda mint: mint.confused()),
    Forgery("L02", "another alg named", lambda mint: mint.signed(header={"alg": "ES384"})),
    Forgery("L03", "jku elsewhere", lambda mint: mint.foreign(jku=mint.elsewhere)),
    Forgery("L03", "jku, kid unknown", lambda mint: mint.foreign(jku=mint.elsewhere, kid="x")),
    Forgery("L03", "x5u elsewhere", lambda mint: mint.foreign(x5u=mint.elsewhere)),
    Forgery("L03", "a key of its own", lambda mint: mint.foreign(jwk={"kty": "EC"})),
    *[Forgery("L04", f"kid {kid!r:.30}", named(kid)) for kid in KIDS],
    Forgery(
        "L05", "ended a second ago", lambda mint: mint.signed(iat=mint.now - 3600, exp=mint.now - 1)
    ),
    Forgery("L05", "nbf tomorrow", lambda mint: mint.signed(nbf=mint.now + DAY)),
    *[Forgery("L06", f"exp {exp!r:.20}", saying(exp=exp)) for exp in ENDS],
    Forgery("L06", "lives a year", lambda mint: mint.signed(exp=mint.now + 365 * DAY)),
    *[
        Forgery("L06", f"no {claim}", silent(claim))
        for claim in ("exp", "iat", "iss", "gen", "skypeid", "resourceId", SCOPE)
    ],
    Forgery("L07", "another issuer", saying(iss="https://evil.example")),
    Forgery("L07", "of another resource", saying(skypeid=f"acs:{ZERO}_{ZERO}", resourceId=ZERO)),
    Forgery("L07", "another resource than the user's", saying(resourceId=ZERO)),
    Forgery(
        "L07",
        "a user who never was",
        lambda mint: mint.signed(skypeid=f"acs:{mint.claims['resourceId']}_{ZERO}"),
    ),
    *[
        Forgery("L08", f"scopes {scopes!r}", saying(acsScope=scopes))
        for scopes in ("chat", "voip,admin", "")
    ],
    *[Forgery("L09", f"{by} generations older", older(by)) for by in (1, -1)],
    *[Forgery("L09", f"generation {gen!r:.20}", saying(gen=gen)) for gen in GENERATIONS],
    Forgery("L10", "the engine's token", lambda mint: mint.engines()),
    Forgery("L11", "60 KB", saying(pad="x" * 40_000)),
    Forgery("L11", "1 MB", saying(pad="x" * 750_000)),
    Forgery("L11", "a line break inside", lambda mint: mint.good[:40] + "\n" + mint.good[40:]),
    Forgery("L11", "a line break at the end", lambda mint: mint.good + "\n"),
    Forgery("L11", "padding added", lambda mint: mint.good + "="),
    Forgery("L11", "Bearer before it", lambda mint: "Bearer " + mint.good),
    Forgery("L11", "nothing", lambda _: ""),
    *[Forgery("L12", f"part {place} changed", changed(place)) for place in (0, 1, 2)],
    Forgery("L12", "a payload that is a list", lambda mint: mint.sealed(mint.header, [])),
    Forgery(
        "L12",
        "a payload that is nested",
        lambda mint: mint.good.partition(".")[0] + "." + "W1tb" * 900 + ".AAAA",
    ),
]
