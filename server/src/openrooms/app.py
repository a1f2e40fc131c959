"""The service, put together: opened in order, and closed in the reverse order."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from openrooms import __version__
from openrooms.administration.service import Administration
from openrooms.allowances import limits_of, quotas_of
from openrooms.calling.elsewhere import CallsElsewhere
from openrooms.calling.explaining.routes import ExplainRoutes
from openrooms.calling.records.routes import RecordRoutes
from openrooms.calling.routes import calling_routes, report_route
from openrooms.calling.surveys.routes import SurveyRoutes
from openrooms.calling_part import Calling, Media, open_calls, open_media, open_prober, plan_engine
from openrooms.config import Config
from openrooms.demo import Demo, DemoMaker
from openrooms.engine_part import certificate_files
from openrooms.events.routes import EventRoutes
from openrooms.events.webhooks.routes import WebhookRoutes
from openrooms.http.access import AccessLog
from openrooms.http.addresses import Shown
from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.bearer import BearerTokens, Terms
from openrooms.http.certificates import LiveCertificates, is_certified
from openrooms.http.given_certificates import GivenCertificates
from openrooms.http.hosts import for_hosts
from openrooms.http.issuers import Issuer, open_trust
from openrooms.http.openapi import Descriptions
from openrooms.http.origins import Origins
from openrooms.http.pages import Pages, Tarballs
from openrooms.http.paging import NextLinks
from openrooms.http.probes import Part, Probes, metrics_route
from openrooms.http.server import Server
from openrooms.identity.description import description as identity_description
from openrooms.identity.resources import Resources
from openrooms.identity.routes import IdentityRoutes
from openrooms.kernel import ids
from openrooms.kernel.clock import system_clock
from openrooms.kernel.memory import settle_memory
from openrooms.logs import WriteLine
from openrooms.own_api import own_api, own_description
from openrooms.place import Features, Place, open_doors, open_features, open_place
from openrooms.probing import Prober
from openrooms.rooms.description import description as rooms_description
from openrooms.rooms.routes import RoomsRoutes
from openrooms.rooms.settings.routes import SettingsRoutes
from openrooms.rooms.settings.service import Settings
from openrooms.storage.folder import check_folder
from openrooms.sweeping import sweeping
from openrooms.tracing import open_tracing

log = structlog.get_logger(__name__)

STATIC = Path(__file__).with_name("static")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Site:
    """A service that is ready: what a person or a program needs to use it."""

    endpoint: str
    browser_url: str
    # Empty but where things are tried out.
    connection_string: str
    authority: Path
    sdk: Tarballs
    demo: Demo | None
    # Whether clients have to be told to trust the authority first.
    asks_trust: bool = True


@asynccontextmanager
async def open_site(config: Config, json_lines: WriteLine | None = None) -> AsyncGenerator[Site]:
    """Run the whole service for as long as the context is open.

    Folder, ports and the engine's program first: what cannot start leaves nothing behind. Then the
    database, and the engine, which comes up while the rest is built; what works by itself; clients.
    `json_lines` takes lines of the log that are JSON already (`logs`).
    """
    check_folder(config.data)
    issuer = _issuer(config)
    async with AsyncExitStack() as stack:
        doors = stack.enter_context(open_doors(config))
        plan = None if config.api_only else await plan_engine(config)
        trace = await stack.enter_async_context(open_tracing(config.tracing_endpoint))
        place = await stack.enter_async_context(open_place(config, doors))
        place = replace(place, database=trace.database(place.database))
        media = None if plan is None else await stack.enter_async_context(open_media(place, plan))
        features = await open_features(place)
        calling, pages = await _calls_and_pages(place, features, media, stack=stack)
        prober = None if calling is None else await open_prober(place, calling)
        probes = Probes(_parts(place, calling), __version__, probed=_probed(prober))
        beside = _Beside(calling, pages, probes, Origins(config.allowed_origins))
        apis = await _apis(place, features, json_lines, issuer=issuer)
        app = _application(place, features, beside, apis=apis)
        administration = _administration(place, features)
        work = _working(features, calling, administration, folder=config.data)
        await stack.enter_async_context(work)
        at_once = apis if trace.is_off else None
        server = await stack.enter_async_context(
            Server(trace.requests(app), clock=place.clock, limits=limits_of(config), apis=at_once)
        )
        stack.push_async_callback(_close, server, beside, config=config)
        demo = await _demo(place, features) if config.demo else None
        authority = await _listen(server, place, features.resources, stack=stack)
        if prober is not None:
            await stack.enter_async_context(prober.running(probes.look))
        yield Site(
            endpoint=f"{doors.endpoint}/",
            browser_url=f"{doors.browser_url}/",
            connection_string=administration.connection_string if config.is_dev else "",
            authority=authority,
            asks_trust=config.certificate is None,
            sdk=pages.tarballs(doors.browser_url) if pages else Tarballs(),
            demo=demo,
        )


async def _calls_and_pages(
    place: Place, features: Features, media: Media | None, *, stack: AsyncExitStack
) -> tuple[Calling | None, Pages | None]:
    """What a server has that is not there for its APIs alone."""
    if media is None:
        features.tell(CallsElsewhere())
        return None, None
    calling = await stack.enter_async_context(open_calls(place, features, media))
    return calling, await asyncio.to_thread(Pages, STATIC)


async def serve(
    config: Config, ready: Callable[[Site], None], json_lines: WriteLine | None = None
) -> None:
    """Run the service until SIGINT or SIGTERM; a second one ends it at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def ask() -> None:
        stop.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    async with open_site(config, json_lines) as site:
        settle_memory()
        ready(site)
        await stop.wait()
        log.info("stopping")


def _administration(place: Place, features: Features) -> Administration:
    return Administration(
        place.database,
        features.resources,
        features.rooms,
        features.signing_keys,
        features.records,
        features.surveys,
        features.explainer,
        features.events,
        features.webhooks,
        features.deliveries,
        place.doors.endpoint_under,
        partial(is_certified, public_host=place.doors.public_host),
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a server has beside its APIs; one that serves APIs alone has nothing."""

    calling: Calling | None
    pages: Pages | None
    probes: Probes
    origins: Origins

    def routes(self) -> list[BaseRoute]:
        calls = [] if self.calling is None else calling_routes(self.calling.side, self.origins)
        return [*calls, *(self.pages.routes() if self.pages else ()), *self.probes.routes]

    def local_routes(self) -> list[BaseRoute]:
        """What only this machine may reach."""
        if self.calling is None:
            return [metrics_route(self.probes)]
        return [
            report_route(self.calling.side),
            metrics_route(self.probes, self.calling.media.figures),
        ]


async def _apis(
    place: Place, features: Features, json_lines: WriteLine | None, *, issuer: Issuer | None
) -> Apis:
    def base_of(resource_id: str) -> str:
        return place.doors.endpoint_under(features.resources.host_name(resource_id))

    links = NextLinks(await place.secrets.keep("next_links", ids.new_key()), base_of)
    rooms = RoomsRoutes(features.rooms, place.clock, links)
    return Apis(
        [
            rooms.api,
            own_api(
                SettingsRoutes(Settings(features.rooms)),
                RecordRoutes(features.records, links),
                SurveyRoutes(features.surveys, links),
                ExplainRoutes(features.explainer),
                EventRoutes(features.events, links),
                WebhookRoutes(features.webhooks),
            ),
            *IdentityRoutes(features.identities).apis,
        ],
        _authentication(place, features),
        bearer=None if issuer is None else _bearer(place, features, issuer),
        access=AccessLog(json_lines, addresses=Shown(place.config.log_addresses)),
        quotas=quotas_of(place.config),
    )


def _application(place: Place, features: Features, beside: _Beside, *, apis: Apis) -> ASGIApp:
    routes = [
        IdentityRoutes(features.identities).keys,
        *Descriptions([rooms_description(), own_description(), identity_description()]).routes,
        *beside.routes(),
    ]
    everything_else = Route("/{path:path}", apis)
    return apis_first(
        apis,
        by_listener(
            tls=Starlette(routes=[*routes, everything_else]),
            plain=for_hosts(
                Starlette(routes=[*beside.local_routes(), *routes, everything_else]),
                [place.config.public_host] if place.config.public_host else [],
            ),
        ),
    )


def _authentication(place: Place, features: Features) -> Authentication:
    minutes = place.config.signature_window_minutes
    window = timedelta(minutes=minutes) if minutes else None
    return Authentication(features.resources, place.clock, window)


def _issuer(config: Config) -> Issuer | None:
    if config.oidc_issuer is None:
        return None
    return Issuer(config.oidc_issuer, tls=open_trust(config.oidc_ca))


def _bearer(place: Place, features: Features, issuer: Issuer) -> BearerTokens:
    config = place.config
    terms = Terms(
        audience=config.oidc_audience,
        role_claim=config.oidc_role_claim,
        role=config.oidc_role,
        resource_claim=config.oidc_resource_claim,
    )
    # By the machine's time, like the issuer.
    return BearerTokens(issuer, terms, directory=features.resources, clock=system_clock)


def apis_first(apis: Apis, others: ASGIApp) -> ASGIApp:
    """The server APIs at once, for they are what is asked for most; the rest by another application."""

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        ours = scope["type"] == "http" and apis.serve(scope["raw_path"].decode("latin-1"))
        return (apis if ours else others)(scope, receive, send)

    return choose


def by_listener(*, tls: ASGIApp, plain: ASGIApp) -> ASGIApp:
    """One application for the TLS listener, another for the plain one."""

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        app = tls if scope["scheme"] in {"https", "wss"} else plain
        return app(scope, receive, send)

    return choose


def _parts(place: Place, calling: Calling | None) -> Mapping[str, Part]:
    async def database() -> str | None:
        return None if place.database.usable else "it does not answer"

    async def engine() -> str | None:
        return None if calling is None else calling.media.beacon.trouble

    return {"database": database} | ({} if calling is None else {"engine": engine})


def _probed(prober: Prober | None) -> Callable[[], Mapping[str, str | None]]:
    return dict if prober is None else prober.found


async def _demo(place: Place, features: Features) -> Demo:
    maker = DemoMaker(
        rooms=features.rooms,
        identities=features.identities,
        secrets=place.secrets,
        clock=place.clock,
        resource_id=features.resources.first.id,
    )
    return await maker.prepare(f"{place.doors.browser_url}/")


async def _listen(
    server: Server, place: Place, resources: Resources, *, stack: AsyncExitStack
) -> Path:
    """Let clients in; gives the certificate that leads to whom they have to trust."""
    certificates: GivenCertificates | LiveCertificates
    if place.config.certificate is not None:
        files = certificate_files(place.config)
        certificates, authority = GivenCertificates(files), files.chain
        await stack.enter_async_context(certificates.watched())
    else:
        # By the machine's time, like those who check it.
        certificates = LiveCertificates(
            place.config.data,
            place.doors.public_host,
            clock=system_clock,
            hosts=resources.host_names,
        )
        resources.on_move(certificates.serve)
        authority = certificates.authority
    server.listen(place.doors.https, certificates.context)
    server.listen(place.doors.http, None)
    return authority


async def _close(server: Server, beside: _Beside, *, config: Config) -> None:
    """Turn visitors away, let nobody in, tell everyone to come back, and let what runs end.

    Calls go on.
    """
    beside.probes.leave()
    await asyncio.sleep(config.turn_away_seconds)
    server.stop_accepting()
    if beside.calling is not None:
        beside.calling.side.go_away()
    await server.drain(config.stop_seconds)


@asynccontextmanager
async def _working(
    features: Features, calling: Calling | None, administration: Administration, *, folder: Path
) -> AsyncIterator[None]:
    """What works by itself, from when the engine is up."""
    side = CallsElsewhere() if calling is None else calling.side
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(features.identities.running())
        if calling is not None:
            await stack.enter_async_context(calling.running())
            await stack.enter_async_context(features.courier.running())
        await stack.enter_async_context(
            sweeping(features.rooms, features.records, features.surveys, features.events)
        )
        await stack.enter_async_context(administration.running(folder, side))
        yield
